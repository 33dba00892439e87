/** What the rest of the house sees of the journal. */
import type { Draft, Event, Kind } from '../model/event.ts';
import type { Seq } from '../model/ids.ts';
import type { KeptFold } from './kept-fold.ts';

export interface Appended {
  /** The events with their places, at once: state may be folded from them before they are durable. */
  readonly events: readonly Event[];
  /** Resolves when they are on disk (synchronous=FULL). Nothing is answered to anyone before. */
  readonly durable: Promise<void>;
}

export interface Filter {
  /** First and last seq, inclusive. */
  readonly from?: Seq;
  readonly to?: Seq;
  readonly kinds?: readonly Kind[];
  /** `agent:builder`, `request:r-…`; exact. */
  readonly subject?: string;
  /** `builder`, or with its type `agent:builder`; exact. */
  readonly actor?: string;
  /** Concerns this agent: it is the subject, the actor, or the `agent` in the data. */
  readonly agent?: string;
  /** Milliseconds since the epoch, inclusive. */
  readonly since?: number;
  readonly until?: number;
  /**
   * Words that must all occur in the event's subject or data, whatever their case and accents; `kube*` is any word
   * that begins so. Words without a letter or digit are passed over.
   */
  readonly text?: string;
  /** Newest first. */
  readonly reverse?: boolean;
  readonly limit?: number;
}

export interface JournalReader {
  /** The last durable event's place and leaf hash; 0 and 64 zeros before the first. */
  head(): { readonly seq: Seq; readonly hash: string };
  /** Durable events, up to the head of when it was asked; lazy. */
  read(filter?: Filter): Iterable<Event>;
  close(): void;
}

export interface Journal extends JournalReader {
  append(...drafts: readonly Draft[]): Appended;
  /** Durable events after `cursor`, in order, then every later one. Returns the function that ends it. */
  subscribe(cursor: Seq, listener: (event: Event) => void): () => void;
  /** Signs the current head (C2SP tlog-checkpoint) and stores it; appends `journal.checkpointed`. */
  checkpoint(): Promise<{ readonly size: number; readonly root: string; readonly note: string }>;
  /** What the events up to a place come to, as it was kept last by this folder; undefined where none fits. */
  kept(by: string): KeptFold | undefined;
  /** Keeps it for whoever opens the journal next. Its event must be durable. */
  keep(by: string, fold: KeptFold): Promise<void>;
  /** Why nothing becomes durable just now (disk full, …), or '' when all is well. */
  stalled(): string;
}
