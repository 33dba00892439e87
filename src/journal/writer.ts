/**
 * Makes events durable: everything queued in one turn of the loop goes to disk in one transaction. What the disk
 * does not take stays queued and is tried again; nothing is dropped and nothing overtakes.
 */
import type { DatabaseSync } from 'node:sqlite';
import { HmsError } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import { sqliteWords, transaction } from './sqlite.ts';
import type { Rows, StoredCheckpoint } from './store.ts';

/** Events in one transaction at most: a long queue after a full disk goes out in steps. */
const BATCH = 1024;
const RETRY_FROM_MS = 250;
const RETRY_TO_MS = 2000;

export interface Entry {
  readonly event: Event;
  /** RFC 8785 text of the event. */
  readonly text: string;
  readonly hash: string;
  /** Full subtrees that this leaf completes, of the levels that are stored. */
  readonly subtrees: readonly { readonly level: number; readonly index: number; readonly hash: string }[];
}

interface Batch {
  readonly entries: Entry[];
  readonly checkpoints: StoredCheckpoint[];
  readonly done: PromiseWithResolvers<void>;
}

interface WriterOptions {
  /** Told in order, after COMMIT, before the promises resolve. */
  readonly onDurable: (entries: readonly Entry[]) => void;
  /** One line when writing starts to fail and when it works again. */
  readonly log: (line: string) => void;
}

export class Writer {
  readonly #db: DatabaseSync;
  readonly #rows: Rows;
  readonly #options: WriterOptions;
  readonly #batches: Batch[] = [];
  readonly #insert: Readonly<Record<'event' | 'subtree' | 'checkpoint', ReturnType<DatabaseSync['prepare']>>>;
  /** Hash and seq of the last durable event. */
  #head: { readonly seq: number; readonly hash: string };
  #immediate: NodeJS.Immediate | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = RETRY_FROM_MS;
  #trouble = '';

  constructor(db: DatabaseSync, rows: Rows, options: WriterOptions) {
    this.#db = db;
    this.#rows = rows;
    this.#options = options;
    this.#head = rows.head();
    this.#insert = {
      event: db.prepare('INSERT INTO event VALUES (?, CAST(? AS BLOB), unhex(?))'),
      subtree: db.prepare('INSERT INTO subtree VALUES (?, ?, unhex(?))'),
      checkpoint: db.prepare('INSERT INTO checkpoint VALUES (?, unhex(?), ?)'),
    };
  }

  get head(): { readonly seq: number; readonly hash: string } {
    return this.#head;
  }

  /** Why nothing becomes durable just now, or ''. */
  stalled(): string {
    const first = this.#batches[0]?.entries[0]?.event.seq;
    if (this.#trouble === '' || first === undefined) return '';
    const waiting = this.#batches.reduce((sum, batch) => sum + batch.entries.length, 0);
    return `${this.#trouble}; ${waiting} ${waiting === 1 ? 'event waits' : 'events wait'} from ${first} on`;
  }

  /** Queues entries, and a checkpoint that goes to disk together with them. */
  add(entries: readonly Entry[], checkpoint?: StoredCheckpoint): Promise<void> {
    let batch = this.#batches.at(-1);
    if (batch === undefined || batch.entries.length >= BATCH) {
      batch = { entries: [], checkpoints: [], done: Promise.withResolvers<void>() };
      // Rejected only by close(); whoever does not wait for it need not hear of it.
      batch.done.promise.catch(() => undefined);
      this.#batches.push(batch);
    }
    batch.entries.push(...entries);
    if (checkpoint !== undefined) batch.checkpoints.push(checkpoint);
    this.#schedule();
    return batch.done.promise;
  }

  /** Resolves when everything queued so far is durable. */
  flushed(): Promise<void> {
    return this.#batches.at(-1)?.done.promise ?? Promise.resolve();
  }

  /** Writes what is queued, at once. What cannot be written is refused to those who wait for it. */
  close(): void {
    clearImmediate(this.#immediate);
    clearTimeout(this.#retry);
    while (this.#batches.length > 0 && this.#commit());
    for (const { done } of this.#batches.splice(0)) {
      done.reject(new HmsError('journal-stalled', `closed before it was on disk: ${this.#trouble}`));
    }
  }

  #schedule(): void {
    if (this.#retry !== undefined || this.#immediate !== undefined || this.#batches.length === 0) return;
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      if (this.#commit()) this.#schedule();
      else this.#tryLater();
    });
  }

  #tryLater(): void {
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      if (this.#commit()) this.#schedule();
      else this.#tryLater();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_TO_MS);
  }

  /** One transaction with the oldest batch. False when it failed and is still queued. */
  #commit(): boolean {
    const batch = this.#batches[0];
    if (batch === undefined) return true;
    try {
      transaction(this.#db, () => this.#write(batch));
    } catch (error) {
      const trouble = sqliteWords(error);
      if (trouble !== this.#trouble) this.#options.log(`journal: ${trouble}; trying again until it works`);
      this.#trouble = trouble;
      return false;
    }
    if (this.#trouble !== '') this.#options.log('journal: writing again');
    this.#trouble = '';
    this.#retryMs = RETRY_FROM_MS;
    this.#batches.shift();
    const last = batch.entries.at(-1);
    if (last !== undefined) this.#head = { seq: last.event.seq, hash: last.hash };
    this.#options.onDurable(batch.entries);
    batch.done.resolve();
    return true;
  }

  #write({ entries, checkpoints }: Batch): void {
    const last = entries.at(-1);
    const there = this.#rows.head();
    if (there.seq !== this.#head.seq || there.hash !== this.#head.hash) {
      // The commit that seemed to fail did reach the disk: then this batch is there, whole.
      if (there.seq === last?.event.seq && there.hash === last.hash) return;
      throw new HmsError(
        'journal-foreign',
        `another program has written to it (its last event is ${there.seq})`,
      );
    }
    for (const { event, text, hash, subtrees } of entries) {
      this.#insert.event.run(event.seq, text, hash);
      for (const node of subtrees) this.#insert.subtree.run(node.level, node.index, node.hash);
    }
    for (const { size, root, note } of checkpoints) this.#insert.checkpoint.run(size, root, note);
  }
}
