/**
 * Whether something comes much more often than it used to: a one-sided CUSUM of a Poisson process (Lucas 1985) against
 * its own usual rate, its sum as evidence in bans. Errors that are got past grow denser before the one that is not
 * (dispersion frames: Lin and Siewiorek 1990).
 */
import type { Millis } from '../../model/ids.ts';

/** So many times as often as usual is what it looks for. */
const TIMES = 10;
const PER_EVENT = Math.log10(TIMES);
/** Assumed beforehand: as if one had come within so long, ms. */
const PRIOR_MS = 120_000;
/** What is usual is remembered over so long, ms. */
const MEMORY_MS = 7_200_000;
/** Evidence is kept up to so much: what is over is soon over. */
const MOST = 5;

export class Density {
  #events = 1;
  #time = PRIOR_MS;
  #sum = 0;
  #at: Millis | undefined;
  #since: Millis = 0;
  #count = 0;

  /** @param troubled what comes now is not what is usual */
  happened(now: Millis, troubled: boolean): void {
    this.#pass(now);
    if (this.#sum === 0) {
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    this.#sum = Math.min(MOST, this.#sum + PER_EVENT);
    // A burst is learnt from less than what comes now and then.
    if (!troubled && this.#sum < 2 * PER_EVENT) this.#events += 1;
  }

  /** Something has come, not long ago. */
  get any(): boolean {
    return this.#sum > 0;
  }

  /** Evidence that it comes more often now, in bans. */
  evidence(now: Millis): number {
    this.#pass(now);
    return this.#sum;
  }

  /** How many of them have come since when, while evidence lasts. */
  get burst(): { readonly count: number; readonly since: Millis } {
    return { count: this.#count, since: this.#since };
  }

  /** A new run: what was usual stays so. */
  clear(): void {
    this.#sum = 0;
    this.#at = undefined;
  }

  #pass(now: Millis): void {
    const passed = this.#at === undefined ? 0 : Math.max(0, now - this.#at);
    this.#at = now;
    if (passed === 0) return;
    const keep = Math.min(1, MEMORY_MS / (this.#time + passed));
    this.#events *= keep;
    this.#time = (this.#time + passed) * keep;
    const expected = (this.#events / this.#time) * passed;
    this.#sum = Math.max(0, this.#sum - ((TIMES - 1) * expected) / Math.LN10);
  }
}
