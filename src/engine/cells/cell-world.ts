/** The world as one life of a cell has it: when that life is over, nothing it had under way reaches the journal or acts. */
import type { World } from '../../cells/cell.ts';
import type { Appended } from '../../journal/types.ts';
import { HmsError } from '../../model/errors.ts';
import type { Draft } from '../../model/event.ts';
import type { FleetState } from '../../model/state.ts';

/** Ways out of a cell: what it calls through them is watched, and fenced off with its life. */
export type Ways = <T extends object>(given: T) => T;

interface Call {
  readonly what: string;
  readonly since: number;
}

export class CellWorld implements World {
  readonly #core: World;
  readonly #name: string;
  readonly #failed: (what: string, error: unknown) => void;
  readonly #timers = new Set<() => void>();
  readonly #calls = new Set<Call>();
  #over = false;

  /** @param failed a timer of the cell threw */
  constructor(core: World, name: string, failed: (what: string, error: unknown) => void) {
    this.#core = core;
    this.#name = name;
    this.#failed = failed;
  }

  get state(): FleetState {
    return this.#core.state;
  }

  emit(...drafts: readonly Draft[]): Appended {
    this.#requireLife();
    return this.#core.emit(...drafts);
  }

  now(): number {
    return this.#core.now();
  }

  random(): number {
    return this.#core.random();
  }

  log(line: string): void {
    this.#core.log(line);
  }

  after(ms: number, callback: () => void): () => void {
    if (this.#over) return () => {};
    const cancel = this.#core.after(ms, () => {
      this.#timers.delete(cancel);
      try {
        callback();
      } catch (error) {
        this.#failed('a timer', error);
      }
    });
    this.#timers.add(cancel);
    return () => {
      this.#timers.delete(cancel);
      cancel();
    };
  }

  /** The same object, each call of whose functions is watched until it comes back. */
  ways<T extends object>(given: T): T {
    return new Proxy(given, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          this.#requireLife();
          return this.#watched(String(key), Reflect.apply(value, target, args));
        };
      },
    });
  }

  /** The call that has been under way for longest, if for longer than this. */
  overdue(ms: number): Call | undefined {
    // A set keeps the order of what was put in.
    const [oldest] = this.#calls;
    return oldest && this.now() - oldest.since > ms ? oldest : undefined;
  }

  end(): void {
    this.#over = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.#calls.clear();
  }

  #watched(what: string, result: unknown): unknown {
    if (!(result instanceof Promise)) return result;
    const call: Call = { what, since: this.now() };
    this.#calls.add(call);
    const back = (): void => void this.#calls.delete(call);
    result.then(back, back);
    return result;
  }

  #requireLife(): void {
    if (this.#over)
      throw new HmsError(
        'cell-over',
        `this ${this.#name} has been replaced, or stands aside`,
        'hms cell list',
      );
  }
}
