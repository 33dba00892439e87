/** Journal, state and clock in one hand: the only place where events become state in the engine. */
import type { Cell, World } from '../cells/cell.ts';
import type { Appended, Journal } from '../journal/types.ts';
import { HmsError } from '../model/errors.ts';
import type { Draft, Event } from '../model/event.ts';
import { reduce } from '../model/reduce.ts';
import type { FleetState } from '../model/state.ts';

/** Who is told of durable events, in order. */
export type Hearer = Pick<Cell, 'name' | 'onEvent' | 'stop'>;

interface CoreOptions {
  readonly journal: Journal;
  /** Folded from everything that is in it. */
  readonly state: FleetState;
  now(): number;
  random(): number;
  log(line: string): void;
}

export class Core implements World {
  readonly #options: CoreOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #cells: Hearer[] = [];
  /** What cells that are held back have missed, in order. */
  readonly #held = new Map<string, (() => void)[]>();
  /** Cells that stand aside: nothing is told them, and nothing is kept for them. */
  readonly #isolated = new Set<string>();
  readonly #unsubscribe: () => void;
  #state: FleetState;
  #durableState: FleetState;
  #durable: Promise<void> = Promise.resolve();

  constructor(options: CoreOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#durableState = this.#state;
    this.#unsubscribe = options.journal.subscribe(this.#state.seq, event => this.#deliver(event));
  }

  get state(): FleetState {
    return this.#state;
  }

  /** Folded from durable events only: what others may be shown. */
  get durableState(): FleetState {
    return this.#durableState;
  }

  /** Resolves when everything emitted so far is durable. */
  get durable(): Promise<void> {
    return this.#durable;
  }

  add(cell: Hearer): void {
    this.#cells.push(cell);
  }

  /** Keeps everything back from a cell until what is returned is called: then it is told all of it, in order. */
  hold(name: string): () => void {
    if (!this.#cells.some(cell => cell.name === name))
      throw new HmsError('unknown-cell', `there is no cell ${name}`);
    if (this.#held.has(name)) throw new HmsError('held-already', `${name} is held back already`);
    const mine: (() => void)[] = [];
    this.#held.set(name, mine);
    return () => {
      // Another one may have its place by now.
      if (this.#held.get(name) !== mine) return;
      this.#held.delete(name);
      for (const tell of mine) tell();
    };
  }

  /** Whoever takes the place of a cell that hangs knows from the state what that one was not told. */
  drop(name: string): void {
    this.#held.delete(name);
  }

  /** Takes a cell aside, or back in. */
  isolate(name: string, on: boolean): void {
    if (on) this.#isolated.add(name);
    else this.#isolated.delete(name);
  }

  isIsolated(name: string): boolean {
    return this.#isolated.has(name);
  }

  /** A cell that hangs does not look either, nor does one that stands aside. */
  isHeld(name: string): boolean {
    return this.#held.has(name) || this.#isolated.has(name);
  }

  /** Runs it now, or as soon as the cell is no longer held back; never for one that stands aside. */
  whenFree(name: string, work: () => void): void {
    if (this.#isolated.has(name)) return;
    const missed = this.#held.get(name);
    if (missed) missed.push(work);
    else work();
  }

  emit(...drafts: readonly Draft[]): Appended {
    const appended = this.#options.journal.append(...drafts);
    for (const event of appended.events) this.#state = reduce(this.#state, event);
    this.#durable = appended.durable;
    return appended;
  }

  /** Throws when nothing new can be made durable just now: what people ask for is refused rather than half done. */
  requireJournal(): void {
    const why = this.#options.journal.stalled();
    if (why)
      throw new HmsError(
        'journal-stalled',
        `nothing can be recorded just now: ${why}`,
        'free some disk space; it goes on by itself',
      );
  }

  now(): number {
    return this.#options.now();
  }

  random(): number {
    return this.#options.random();
  }

  log(line: string): void {
    this.#options.log(line);
  }

  after(ms: number, callback: () => void): () => void {
    // setTimeout's longest delay is 2^31-1 ms (24.8 days); later than that is never for our purposes.
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        callback();
      },
      Math.min(ms, 2 ** 31 - 1),
    );
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
  }

  stop(): void {
    this.#unsubscribe();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const cell of this.#cells) cell.stop();
  }

  #deliver(event: Event): void {
    this.#durableState = reduce(this.#durableState, event);
    for (const cell of this.#cells) this.whenFree(cell.name, () => this.#tell(cell, event));
  }
  #tell(cell: Hearer, event: Event): void {
    try {
      cell.onEvent?.(event);
    } catch (error) {
      this.#options.log(
        `${cell.name} failed on ${event.kind} ${event.seq}: ${error instanceof Error ? error.stack : error}`,
      );
    }
  }
}
