/** When each agent is looked at next, though nothing is told of it. */
import type { Millis } from '../../model/ids.ts';
import type { World } from '../cell.ts';

/** Nothing is looked at more rarely, ms: a clock that jumps must not leave an agent alone for long. */
const LOOK_MS = 60_000;

interface RoundsOptions {
  /** Infinity for never. */
  nextLook(id: string, now: Millis): Millis;
  look(id: string): void;
}

export class Rounds {
  readonly #world: World;
  readonly #options: RoundsOptions;
  readonly #timers = new Map<string, () => void>();
  #stopped = false;

  constructor(world: World, options: RoundsOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Its next look may be another one than before. */
  plan(id: string): void {
    this.#timers.get(id)?.();
    const now = this.#world.now();
    const next = this.#options.nextLook(id, now);
    if (this.#stopped || next === Number.POSITIVE_INFINITY) return;
    const ms = Math.min(LOOK_MS, Math.max(1, next - now));
    this.#timers.set(
      id,
      this.#world.after(ms, () => this.#options.look(id)),
    );
  }

  forget(id: string): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
  }
}
