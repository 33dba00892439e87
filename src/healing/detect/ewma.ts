/** Exponentially weighted mean and deviation. */

/** What it knows: plain data. */
export interface EwmaState {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

/**
 * Exponentially weighted mean and deviation (Roberts 1959; variance after Finch 2009, eq. 143). The weight of the n-th
 * value is at least 1/n, so that a young one is the plain mean and not pulled to its first value.
 */
export class Ewma {
  readonly #alpha: number;
  #count: number;
  #mean: number;
  #variance: number;

  /**
   * @param alpha weight of the newest value, in (0, 1]: it looks back about 1/alpha values
   * @param from what one before it knew
   */
  constructor(alpha: number, from: EwmaState = { count: 0, mean: 0, variance: 0 }) {
    this.#alpha = alpha;
    this.#count = from.count;
    this.#mean = from.mean;
    this.#variance = from.variance;
  }

  get state(): EwmaState {
    return { count: this.#count, mean: this.#mean, variance: this.#variance };
  }

  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#mean;
  }

  get deviation(): number {
    return Math.sqrt(this.#variance);
  }

  /** Distance of `value` from the mean in deviations, signed; 0 before anything is known. Learns nothing. */
  z(value: number): number {
    if (this.#count === 0) return 0;
    // What never moved deviates by rounding only: a step away from it is large, not infinite.
    const floor = 1e-9 * Math.abs(this.#mean) + 1e-12;
    return (value - this.#mean) / Math.max(this.deviation, floor);
  }

  /** @param level what the deviation is taken of; a smoothed value makes it the deviation of smoothed values */
  push(value: number, level: number = value): void {
    this.#count += 1;
    if (this.#count === 1) {
      this.#mean = value;
      return;
    }
    const alpha = Math.max(this.#alpha, 1 / this.#count);
    const off = level - this.#mean;
    this.#mean += alpha * (value - this.#mean);
    this.#variance = (1 - alpha) * (this.#variance + alpha * off * off);
  }
}
