/** Starts that are to come, one an agent at most. */
import type { World } from '../cell.ts';

export class Delays {
  readonly #world: Pick<World, 'after'>;
  readonly #cancels = new Map<string, () => void>();

  constructor(world: Pick<World, 'after'>) {
    this.#world = world;
  }

  /** In the place of one that was to come. At once for 0 ms. */
  set(id: string, ms: number, start: () => void): void {
    this.cancel(id);
    if (ms === 0) start();
    else this.#cancels.set(id, this.#world.after(ms, start));
  }

  cancel(id: string): void {
    this.#cancels.get(id)?.();
    this.#cancels.delete(id);
  }

  cancelAll(): void {
    for (const id of [...this.#cancels.keys()]) this.cancel(id);
  }
}
