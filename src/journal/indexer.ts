/** Keeps the search index of a journal near its head, in small steps when the engine has nothing better to do. */
import { wordsOf } from '../model/errors.ts';
import { parseEvent } from './query.ts';
import { SearchIndex } from './search.ts';
import type { Rows } from './store.ts';

/** Events indexed in one step: 2–4 ms. */
const STEP = 128;
/** From an event to its indexing, and between two steps, ms. Searches look through what is not indexed yet. */
const REST_MS = 250;
const BREATH_MS = 20;
/** From a failure (a full disk, most likely) to the next try, ms. */
const RETRY_MS = 60_000;

export class Indexer {
  readonly #path: string;
  readonly #rows: Rows;
  readonly #log: (line: string) => void;
  #index: SearchIndex | undefined;
  #closed = false;
  /** Does without the index for now. */
  #broken = false;
  #timer: NodeJS.Timeout | undefined;

  /** Touches nothing yet: the index is opened when first needed. */
  constructor(path: string, rows: Rows, log: (line: string) => void) {
    this.#path = path;
    this.#rows = rows;
    this.#log = log;
  }

  /** The index; undefined when it cannot be had, and searches go without. */
  get index(): SearchIndex | undefined {
    if (this.#index === undefined && !this.#broken) {
      this.#guarded(() => {
        this.#index = SearchIndex.open(this.#path, seq => this.#rows.hash(seq));
      });
    }
    return this.#index;
  }

  /** There are new events. */
  wake(): void {
    if (this.#timer === undefined && !this.#broken) this.#schedule(REST_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#closed = true;
    this.#broken = true;
    this.#index?.close();
    this.#index = undefined;
  }

  #schedule(ms: number): void {
    // Indexing is no reason for a process to live on.
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#broken = false;
      this.#guarded(() => this.#step());
    }, ms).unref();
  }

  #step(): void {
    const { index } = this;
    if (index === undefined) return;
    const from = index.upto() + 1;
    const events = this.#rows.texts(from, from + STEP - 1, STEP).map(parseEvent);
    const last = events.at(-1);
    if (last === undefined) return;
    index.add(events, this.#rows.hash(last.seq));
    if (last.seq < this.#rows.head().seq) this.#schedule(BREATH_MS);
  }

  /** The index is a convenience: its failure keeps nothing from going on. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#log(`journal: searching without the index ${this.#path} for now: ${wordsOf(error)}`);
      this.#broken = true;
      this.#index?.close();
      this.#index = undefined;
      clearTimeout(this.#timer);
      if (!this.#closed) this.#schedule(RETRY_MS);
    }
  }
}
