/**
 * What of the journal a console has beyond its tail: one stretch of it, read from the engine page by page. Only events
 * that fit what it was read with are in it; that there are no others between `from` and `to` is known.
 */
import type { Event } from '../model/event.ts';
import type { Seq } from '../model/ids.ts';
import type { JournalPage } from '../protocol/messages.ts';

/** What pages are read with. */
export interface Reading {
  readonly query: string;
  /** Without the kinds only the audit view shows. */
  readonly story: boolean;
}

export interface History extends Reading {
  /** Oldest first. */
  readonly events: readonly Event[];
  readonly from: Seq;
  readonly to: Seq;
}

/** Events kept; beyond that the far end is let go, and read again when somebody goes there. */
export const HISTORY_KEPT = 20_000;

export function sameReading(a: Reading, b: Reading): boolean {
  return a.query === b.query && a.story === b.story;
}

export function begun(reading: Reading, { events, from, to }: JournalPage): History {
  return { ...reading, events, from, to };
}

/** With a page that ends right before it. */
export function withOlder(history: History, page: JournalPage): History {
  if (page.to !== history.from - 1) return history;
  const events = [...page.events, ...history.events];
  const kept = events.slice(0, HISTORY_KEPT);
  const to = kept.length < events.length ? (kept.at(-1)?.seq ?? history.to) : history.to;
  return { ...history, events: kept, from: page.from, to };
}

/** With a page that begins right after it. */
export function withNewer(history: History, page: JournalPage): History {
  if (page.from !== history.to + 1) return history;
  const events = [...history.events, ...page.events];
  const kept = events.slice(-HISTORY_KEPT);
  const from = kept.length < events.length ? (kept[0]?.seq ?? history.from) : history.from;
  return { ...history, events: kept, from, to: page.to };
}

/** Events have left the tail: they go on here when this reaches up to them. `fits` is what it was read with. */
export function withLeft(
  history: History | null,
  left: readonly Event[],
  fits: (event: Event) => boolean,
): History | null {
  const [first] = left;
  const last = left.at(-1);
  if (!history || !first || !last || history.to < first.seq - 1) return history;
  const events = left.filter(event => event.seq > history.to && fits(event));
  return withNewer(history, { events, from: history.to + 1, to: Math.max(history.to, last.seq) });
}

/** Is something between it and the tail that has not been read? */
export function hasGap(history: History, tail: readonly Event[]): boolean {
  const [first] = tail;
  return first !== undefined && history.to < first.seq - 1;
}
