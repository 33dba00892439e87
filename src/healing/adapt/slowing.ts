/**
 * Evidence that an agent prints more slowly than it used to: a one-sided CUSUM (Page 1954) on the logarithm of the
 * intervals between its lines, as a sequential test of "so many times slower" against "as usual"; its sum is in bans.
 */
import type { Millis } from '../../model/ids.ts';
import { Ewma, type EwmaState } from '../detect/ewma.ts';

export interface SlowingOptions {
  /** So many times slower is what it looks for. */
  readonly times: number;
  /** Evidence is kept up to so much, in bans. */
  readonly most: number;
  readonly minDeviation: number;
}

/** Intervals before it says anything. */
const FIRST = 30;
/** Slow intervals that are not taken for what is usual. */
const LEAST = 3;
/** One interval alone counts for so much at most, in bans. */
const MOST_EACH = 2;

export class Slowing {
  readonly #options: SlowingOptions;
  readonly #shift: number;
  readonly #usual: Ewma;
  #last: Millis | undefined;
  #spent: Millis = 0;
  /** Evidence, since when, from how many intervals. */
  bans = 0;
  since: Millis = 0;
  lines = 0;

  constructor(options: SlowingOptions, before?: EwmaState) {
    this.#options = options;
    this.#shift = Math.log(options.times);
    this.#usual = new Ewma(0.003, before);
  }

  get usual(): EwmaState {
    return this.#usual.state;
  }

  /** How many times slower it is. */
  get times(): number {
    return this.lines === 0 ? 1 : this.#spent / this.lines / Math.exp(this.#usual.mean);
  }

  get words(): string {
    return `${this.times.toFixed(1)} times slower than usual over its last ${this.lines} lines`;
  }

  /** It has printed. @param troubled what comes now is not what is usual */
  heard(now: Millis, troubled: boolean): void {
    if (this.#last !== undefined && now > this.#last) this.#note(now - this.#last, this.#last, troubled);
    this.#last = now;
  }

  /** It prints nothing by right, or begins anew. */
  rest(): void {
    this.#last = undefined;
    this.#clear();
  }

  #clear(): void {
    this.bans = 0;
    this.lines = 0;
    this.#spent = 0;
  }

  #note(interval: number, began: Millis, troubled: boolean): void {
    const { minDeviation, most } = this.#options;
    const spread = Math.max(minDeviation, this.#usual.deviation);
    const log = Math.log(interval);
    const off = (log - this.#usual.mean) / spread;
    const shift = this.#shift / spread;
    // Log-likelihood ratio of a normal moved by `shift`.
    const bans = Math.min(MOST_EACH, (shift * (off - shift / 2)) / Math.LN10);
    if (this.#usual.count >= FIRST && this.bans + bans > 0) {
      if (this.lines === 0) this.since = began;
      this.bans = Math.min(most, this.bans + bans);
      this.lines += 1;
      this.#spent += interval;
    } else this.#clear();
    if (this.lines < LEAST && !troubled) this.#usual.push(log);
  }
}
