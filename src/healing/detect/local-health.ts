/**
 * How far our own timeouts can be trusted (Lifeguard: Dadgar, Phillips and Currey 2017, arXiv 1707.00788): a detector
 * that is itself slow sees failures everywhere. The multiplier grows with each look that came late and falls with each
 * that came in time.
 */
export interface LocalHealthOptions {
  /** The largest multiplier (memberlist `AwarenessMaxMultiplier` 8). */
  readonly most: number;
  /** A look that comes later than this is late, ms. */
  readonly tolerance: number;
}

export const LOCAL_HEALTH: LocalHealthOptions = { most: 8, tolerance: 100 };

export class LocalHealth {
  readonly #options: LocalHealthOptions;
  #score = 0;

  constructor(options: Partial<LocalHealthOptions> = {}) {
    this.#options = { ...LOCAL_HEALTH, ...options };
  }

  /** What timeouts are multiplied by: 1 to `most`. */
  get multiplier(): number {
    return 1 + this.#score;
  }

  /** A look of our own came so much later than planned, ms. */
  looked(lateMs: number): void {
    const { most, tolerance } = this.#options;
    const step = lateMs <= tolerance ? -1 : Math.max(1, Math.floor(Math.log2(lateMs / tolerance)));
    this.#score = Math.max(0, Math.min(most - 1, this.#score + step));
  }
}
