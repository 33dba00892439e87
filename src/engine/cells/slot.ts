/**
 * The place of one cell in the engine. Everybody else holds what stands for the cell there, so that another one, made
 * from the state, can take its place while the rest goes on.
 */
import type { Cell, World } from '../../cells/cell.ts';
import { within } from '../../functions/deadline.ts';
import type { Effect } from '../../functions/registry.ts';
import type { CellHealth } from '../../model/cell.ts';
import { HmsError, wordsOf } from '../../model/errors.ts';
import type { Event } from '../../model/event.ts';
import type { Core } from '../core.ts';
import { CellWorld, type Ways } from './cell-world.ts';

/** A call of a cell that has not come back for so long will not, ms: longer than any deadline of what it calls. */
const CALL_MS = 30_000;
/** An event, or the last one, that took so long to handle held up the whole engine, ms. */
const SLOW_MS = 500;
/** For how long after that the cell is not well, ms. */
const SLOW_STANDS_MS = 1500;
/** How long the next one waits for what the one before has under way, ms. */
const SETTLE_MS = 5000;
/** What ends things works also with a cell that stands aside. */
const ALWAYS: ReadonlySet<string | symbol> = new Set(['stop', 'quiet', 'kill']);

export interface CellPlan<C extends Cell> {
  readonly name: string;
  build(world: World, ways: Ways): C;
  /** What has to be over of the one before, which is stopped, ere another takes charge. */
  settled?(before: C): Promise<void>;
  /** Takes charge of what is there, in the place of one that failed. */
  resume?(cell: C): void | Promise<void>;
  /** What a restart of it touches. */
  readonly effect?: Effect;
  /** What is answered for it while it stands aside, where others must get on without it; the rest is refused. */
  readonly aside?: Partial<C>;
  /** How long a call of it may take, ms; where that is longer than usual. */
  readonly callMs?: number;
  /** Without it the gate is not safe: when starting it anew does not help, the whole engine is. */
  readonly vital?: boolean;
}

export class Slot<C extends Cell = Cell> {
  readonly plan: CellPlan<C>;
  /** Stands for the cell, whichever it is by now. */
  readonly cell: C;
  readonly #core: Core;
  readonly #onFailed: (words: string) => void;
  #world: CellWorld;
  #now: C;
  /** Events up to here are in the state that it was made from. */
  #from = 0;
  #failure = '';
  #aside = '';
  #slow = { at: Number.NEGATIVE_INFINITY, words: '' };
  #lives = 1;

  /** @param onFailed it threw, or was killed: it hears nothing more until it is made anew */
  constructor(core: Core, plan: CellPlan<C>, onFailed: (words: string) => void) {
    this.#core = core;
    this.plan = plan;
    this.#onFailed = onFailed;
    this.#world = this.#newWorld();
    this.#now = this.#build();
    this.cell = this.#standIn(this.#now);
  }

  get name(): string {
    return this.plan.name;
  }

  /** How many have been at this place. */
  get lives(): number {
    return this.#lives;
  }

  get isFailing(): boolean {
    return this.#failure !== '';
  }

  onEvent(event: Event): void {
    if (this.#failure || event.seq <= this.#from) return;
    const begun = performance.now();
    try {
      this.#now.onEvent?.(event);
    } catch (error) {
      this.#core.log(`${this.name}: ${error instanceof Error ? error.stack : error}`);
      this.fail(`it threw on ${event.kind} ${event.seq}: ${wordsOf(error)}`);
    }
    const ms = performance.now() - begun;
    if (ms > SLOW_MS)
      this.#slow = { at: this.#core.now(), words: `${event.kind} took it ${Math.round(ms)} ms` };
  }

  /** It is not to be trusted any more. Told once. */
  fail(words: string): void {
    if (this.#failure || this.#aside) return;
    this.#failure = words;
    this.#onFailed(words);
  }

  /** Never answers while the cell hangs: whoever asks has a deadline. */
  check(): CellHealth | Promise<CellHealth> {
    if (this.#aside) return { state: 'isolated', words: this.#aside };
    if (this.#failure) return failing(this.#failure);
    if (this.#core.isHeld(this.name)) return new Promise(() => {});
    const late = this.#world.overdue(this.plan.callMs ?? CALL_MS);
    if (late) {
      const seconds = Math.round((this.#core.now() - late.since) / 1000);
      return failing(`${late.what}, which it called, has not come back for ${seconds} s`);
    }
    if (this.#core.now() - this.#slow.at < SLOW_STANDS_MS) return failing(this.#slow.words);
    return this.#now.healthCheck();
  }

  /** Stops this one and has another take its place. Rejects when that one cannot be made or cannot take charge. */
  async renew(): Promise<void> {
    const before = this.#now;
    const { settled } = this.plan;
    this.#failure ||= 'another is being made';
    this.#stopCell();
    if (settled) await this.#within('what it had under way', () => settled(before));
    this.#world.end();
    // What another is made from, it may act on: so it has to be durable.
    await this.#within('the journal', () => this.#core.durable);
    this.#core.drop(this.name);
    this.#world = this.#newWorld();
    this.#from = this.#core.state.seq;
    this.#now = this.#build();
    this.#failure = '';
    this.#aside = '';
    this.#slow = { at: Number.NEGATIVE_INFINITY, words: '' };
    this.#lives += 1;
    this.#core.isolate(this.name, false);
    try {
      await this.plan.resume?.(this.#now);
    } catch (error) {
      this.#failure = `it cannot take charge: ${wordsOf(error)}`;
      throw error;
    }
  }

  /** It does nothing more, and the rest goes on without it, until it is renewed. */
  isolate(words: string): void {
    this.#aside = words;
    this.#stopCell();
    this.#world.end();
    this.#core.drop(this.name);
    this.#core.isolate(this.name, true);
  }

  stop(): void {
    this.#world.end();
    this.#now.stop();
  }

  /** Its world is still open: what it lets go of may have to be told. */
  #stopCell(): void {
    try {
      this.#now.stop();
    } catch (error) {
      this.#core.log(`${this.name} does not stop in order: ${wordsOf(error)}`);
    }
  }

  /** What does not come is gone on without. */
  async #within(what: string, work: () => Promise<void>): Promise<void> {
    await within(what, SETTLE_MS, (ms, late) => this.#core.after(ms, late), work).catch((error: unknown) =>
      this.#core.log(`${this.name} is made anew all the same: ${wordsOf(error)}`),
    );
  }

  #newWorld(): CellWorld {
    return new CellWorld(this.#core, this.name, (what, error) => {
      this.#core.log(`${this.name}: ${error instanceof Error ? error.stack : error}`);
      this.fail(`it threw in ${what}: ${wordsOf(error)}`);
    });
  }

  #build(): C {
    const world = this.#world;
    return this.plan.build(world, given => world.ways(given));
  }

  #standIn(first: C): C {
    return new Proxy(first, {
      get: (_, key) => {
        const cell = this.#now;
        const value: unknown = Reflect.get(cell, key, cell);
        if (typeof value !== 'function') return value;
        // A cell's own fields are private to it: it must be called as itself.
        if (!this.#aside || ALWAYS.has(key)) return value.bind(cell);
        const instead: unknown = this.plan.aside && Reflect.get(this.plan.aside, key);
        if (typeof instead === 'function') return instead;
        return (): never => {
          const hint = `hms cell repair ${this.name}`;
          throw new HmsError('cell-isolated', `${this.name} stands aside: ${this.#aside}`, hint);
        };
      },
    });
  }
}

function failing(words: string): CellHealth {
  return { state: 'failing', words: words.slice(0, 400) };
}
