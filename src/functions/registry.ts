/**
 * What can be asked of each part of the engine: a function has a schema for its answer, a deadline, and says what it
 * touches and how that is taken back. One that does not answer, or not as it promised, is answered for by its fallback.
 */
import type * as z from 'zod';
import { HmsError, wordsOf } from '../model/errors.ts';
import { type After, within } from './deadline.ts';

/** `healthCheck` and `optimize` change nothing; `repair` does what it says. */
export type FunctionName = 'healthCheck' | 'repair' | 'optimize';

export interface Effect {
  /** What notices it: the part alone; people at their consoles; agents. */
  readonly radius: 'cell' | 'people' | 'agents';
  /** How it is taken back. */
  readonly undo: string;
  /** Only with a person's leave, at the gate. */
  readonly risky: boolean;
}

export interface CellFunction<R> {
  readonly of: string;
  readonly name: FunctionName;
  readonly result: z.ZodType<R>;
  readonly deadlineMs: number;
  /** undefined: it changes nothing. */
  readonly effect?: Effect;
  run(): R | Promise<R>;
  /** Answers in its place when it cannot. */
  fallback?(why: string): R;
}

/** One function without what it answers, for lists. */
export type Described = Pick<CellFunction<unknown>, 'of' | 'name' | 'deadlineMs' | 'effect'> & {
  readonly hasFallback: boolean;
};

export class FunctionRegistry {
  readonly #after: After;
  readonly #stretch: () => number;
  readonly #functions = new Map<string, Described>();

  /** @param stretch what deadlines are multiplied by: a process that is late itself cannot hold others to its time */
  constructor(after: After, stretch: () => number = () => 1) {
    this.#after = after;
    this.#stretch = stretch;
  }

  /** Takes it in, and gives the only way to call it. Throws HmsError `function-twice`. */
  register<R>(given: CellFunction<R>): () => Promise<R> {
    const { of, name, deadlineMs, effect } = given;
    const key = `${of}.${name}`;
    if (this.#functions.has(key)) throw new HmsError('function-twice', `${key} is registered already`);
    const hasFallback = given.fallback !== undefined;
    this.#functions.set(key, { of, name, deadlineMs, ...(effect && { effect }), hasFallback });
    return () => this.#call(key, given);
  }

  list(): readonly Described[] {
    return [...this.#functions.values()];
  }

  async #call<R>(key: string, { deadlineMs, result, run, fallback }: CellFunction<R>): Promise<R> {
    try {
      return result.parse(await within(key, deadlineMs * this.#stretch(), this.#after, run));
    } catch (error) {
      if (!fallback) throw error;
      return fallback(wordsOf(error));
    }
  }
}
