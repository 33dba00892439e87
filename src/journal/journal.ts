/**
 * The journal as the engine holds it: places events (seq, time, prev), makes them durable in groups, tells who
 * subscribed, signs checkpoints. Format and guarantees: docs/journal.md.
 */
import type { DatabaseSync } from 'node:sqlite';
import { HmsError } from '../model/errors.ts';
import type { Draft, Event } from '../model/event.ts';
import { Digest } from '../model/ids.ts';
import { canonical, wellFormed } from './canonical.ts';
import { Indexer } from './indexer.ts';
import { type KeptFold, readKept, writeKept } from './kept-fold.ts';
import { ensureKey } from './key.ts';
import { consistencyProof, leafHash, rootAt, TreeHead, verifyConsistency } from './merkle.ts';
import { checkpointText, type Signer, signer, signNote } from './note.ts';
import { checkTail } from './opening.ts';
import { select } from './query.ts';
import { searchPath } from './search.ts';
import { lockFile } from './sqlite.ts';
import { openStore, Rows, type StoredCheckpoint, TILE_LEVELS, unreadable } from './store.ts';
import { Subscribers } from './subscribers.ts';
import type { Appended, Filter, Journal } from './types.ts';
import { type Entry, Writer } from './writer.ts';

export interface JournalOptions {
  /** File of the Ed25519 key that signs checkpoints; made with mode 0600 when there is none. */
  readonly key: string;
  /** Names the log in its checkpoints, for good: `hms/payments-3f9c01ab`. */
  readonly origin: string;
  /** Milliseconds since the epoch. Default Date.now. May go back; events' times do not. */
  readonly now?: () => number;
  /** One line for the engine's log. */
  readonly log?: (line: string) => void;
  /** How long to wait for another process that has the journal to let go, ms. Default 1000. */
  readonly lockWithinMs?: number;
}

/**
 * Opens a journal for appending; makes it when there is none. Recovers what a crash left and checks the end of the
 * log. Throws HmsError: `journal-locked` (another process appends), `journal-corrupt` (says from which event on),
 * `not-a-journal`, `journal-version`, `journal-unreadable`, `bad-key`, `journal-key` (not the key it is signed with).
 */
export function openJournal(path: string, options: JournalOptions): Journal {
  const unlock = lockOf(path, options.lockWithinMs ?? 1000);
  if (unlock === undefined) {
    throw new HmsError('journal-locked', `another process appends to ${path}`, 'attach to that one instead');
  }
  let db: DatabaseSync | undefined;
  try {
    const by = signer(options.origin, ensureKey(options.key));
    db = openStore(path);
    return new FileJournal(path, db, unlock, by, options);
  } catch (error) {
    db?.close();
    unlock();
    throw error;
  }
}

function lockOf(path: string, waitMs: number): (() => void) | undefined {
  try {
    return lockFile(`${path}.lock`, waitMs);
  } catch (error) {
    return unreadable(path, error);
  }
}

/** An event in its place. Half surrogate pairs, which have no UTF-8 form, become U+FFFD in it. */
function place({ kind, actor, subject, data }: Draft, seq: number, time: number, prev: string): Placed {
  // Field by field, so that nothing else a caller's object has gets on the record; kind and data belong together
  // because they come from one draft.
  const event = { seq, time, kind, actor, subject, data, prev } as Event;
  try {
    return placed(event, canonical(event));
  } catch (error) {
    if (!(error instanceof HmsError)) throw error;
    const repaired = wellFormed(event);
    return placed(repaired, canonical(repaired));
  }
}

function checkpointed(origin: string, { size, root, note }: StoredCheckpoint): Draft {
  return {
    kind: 'journal.checkpointed',
    actor: { type: 'system', id: 'journal', via: 'engine' },
    subject: `journal:${origin}`,
    data: { size, root: Digest.parse(root), note },
  };
}

function placed(event: Event, text: string): Placed {
  return { event, text, hash: leafHash(text) };
}

type Placed = Omit<Entry, 'subtrees'>;

class FileJournal implements Journal {
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #rows: Rows;
  readonly #unlock: () => void;
  readonly #by: Signer;
  readonly #now: () => number;
  readonly #writer: Writer;
  readonly #subscribers: Subscribers;
  readonly #indexer: Indexer;
  /** Of all placed events, durable or not. */
  readonly #tree: TreeHead;
  #hash: string;
  #time: number;
  #signing: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(path: string, db: DatabaseSync, unlock: () => void, by: Signer, options: JournalOptions) {
    this.#path = path;
    this.#db = db;
    this.#rows = new Rows(db);
    this.#unlock = unlock;
    this.#by = by;
    this.#now = options.now ?? Date.now;
    const log = options.log ?? (() => undefined);
    const tail = checkTail(db, this.#rows, by);
    this.#time = tail.time;
    this.#hash = tail.hash;
    this.#tree = TreeHead.of(this.#rows.hashes, tail.seq);
    this.#indexer = new Indexer(searchPath(path), this.#rows, log);
    this.#subscribers = new Subscribers(
      (from, limit) => select(this.#rows, undefined, { from, limit }),
      tail.seq,
    );
    this.#writer = new Writer(db, this.#rows, {
      log,
      onDurable: entries => {
        this.#indexer.wake();
        this.#subscribers.tell(entries.map(entry => entry.event));
      },
    });
  }

  append(...drafts: readonly Draft[]): Appended {
    if (drafts.some(draft => draft.kind === 'journal.checkpointed')) {
      throw new HmsError(
        'reserved-kind',
        'only the journal itself tells of its checkpoints',
        'call checkpoint()',
      );
    }
    return this.#append(drafts);
  }

  #append(drafts: readonly Draft[], checkpoint?: StoredCheckpoint): Appended {
    if (this.#closed) throw new HmsError('journal-closed', 'the journal is closed');
    const time = Math.max(this.#time, Math.floor(this.#now()));
    // All are placed before any is queued: a draft that is not JSON leaves no trace.
    const places: Placed[] = [];
    let prev = this.#hash;
    for (const draft of drafts) {
      const next = place(draft, this.#tree.size + places.length + 1, time, prev);
      prev = next.hash;
      places.push(next);
    }
    const entries = places.map((entry): Entry => {
      const subtrees: { level: number; index: number; hash: string }[] = [];
      this.#tree.push(entry.hash, (level, index, hash) => {
        if (level % TILE_LEVELS === 0) subtrees.push({ level, index, hash });
      });
      return { ...entry, subtrees };
    });
    this.#time = time;
    this.#hash = prev;
    const events = places.map(entry => entry.event);
    return {
      events,
      durable: drafts.length === 0 ? this.#writer.flushed() : this.#writer.add(entries, checkpoint),
    };
  }

  head(): { readonly seq: number; readonly hash: string } {
    return this.#writer.head;
  }

  read(filter: Filter = {}): Iterable<Event> {
    return select(this.#rows, this.#indexer.index, filter);
  }

  subscribe(cursor: number, listener: (event: Event) => void): () => void {
    return this.#subscribers.add(cursor, listener);
  }

  kept(by: string): KeptFold | undefined {
    return readKept(this.#path, this.#by, by, seq => this.#rows.hash(seq));
  }

  async keep(by: string, fold: KeptFold): Promise<void> {
    const hash = this.#closed ? undefined : this.#rows.hash(fold.seq);
    if (hash !== undefined) await writeKept(this.#path, this.#by, by, fold, hash);
  }

  stalled(): string {
    return this.#writer.stalled();
  }

  checkpoint(): Promise<StoredCheckpoint> {
    // One after the other: each must be consistent with the one before.
    const signed = this.#signing.then(() => this.#sign());
    this.#signing = signed.catch(() => undefined);
    return signed;
  }

  async #sign(): Promise<StoredCheckpoint> {
    await this.#writer.flushed();
    if (this.#closed) throw new HmsError('journal-closed', 'the journal is closed');
    const size = this.#writer.head.seq;
    const root = rootAt(this.#rows.hashes, size);
    const last = this.#rows.lastCheckpoint();
    if (last !== undefined && last.size > 0) {
      // A log must never sign two checkpoints of which one does not extend the other (c2sp.org/tlog-checkpoint).
      const proof = last.size <= size ? consistencyProof(this.#rows.hashes, last.size, size) : [];
      if (!verifyConsistency(last.size, last.root, size, root, proof)) {
        throw new HmsError(
          'journal-inconsistent',
          `the journal does not extend its own checkpoint over ${last.size} events; it is not signed`,
          '`hms audit verify` says where it was changed',
        );
      }
    }
    const note = signNote(checkpointText({ origin: this.#by.name, size, root }), this.#by);
    const checkpoint = { size, root, note };
    await this.#append([checkpointed(this.#by.name, checkpoint)], checkpoint).durable;
    return checkpoint;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#writer.close();
    this.#subscribers.close();
    this.#indexer.close();
    this.#db.close();
    this.#unlock();
  }
}
