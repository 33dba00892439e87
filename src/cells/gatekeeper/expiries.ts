/** When holds run out. */
import type { World } from '../cell.ts';

export class Expiries {
  readonly #world: Pick<World, 'now' | 'after'>;
  readonly #isPending: (id: string) => boolean;
  readonly #onDue: () => void;
  readonly #cancels = new Map<string, () => void>();

  /** @param onDue ends what has run out by now */
  constructor(world: Pick<World, 'now' | 'after'>, isPending: (id: string) => boolean, onDue: () => void) {
    this.#world = world;
    this.#isPending = isPending;
    this.#onDue = onDue;
  }

  /** @param expires ms since the epoch; 0: never */
  watch(id: string, expires: number): void {
    if (expires === 0) return;
    this.forget(id);
    const cancel = this.#world.after(Math.max(1, expires - this.#world.now()), () => {
      this.#cancels.delete(id);
      this.#onDue();
      // Timers and the clock differ: one may be early by a moment, the other may have been set back.
      if (this.#isPending(id)) this.watch(id, expires);
    });
    this.#cancels.set(id, cancel);
  }

  forget(id: string): void {
    this.#cancels.get(id)?.();
    this.#cancels.delete(id);
  }

  stop(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }
}
