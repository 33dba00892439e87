/**
 * What a closed breaker remembers of its calls. Three kinds, all of constant memory and constant time a call.
 */
import type { BreakerOptions } from '../../model/breaker-options.ts';
import { Usual } from './usual.ts';

/** Sums over a window of calls. */
export interface Tally {
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
}

/** Why a breaker opens, with the numbers a person checks it by. */
export type TripCause =
  | { readonly because: 'consecutive failures'; readonly failed: number; readonly threshold: number }
  | {
      readonly because: 'failure rate' | 'slow call rate';
      readonly tally: Tally;
      readonly threshold: number;
    };

export interface OutcomeWindow {
  /** Takes in one call; answers why the breaker must open, if it must. `now` in ms, used by the time kind only. */
  add(failed: boolean, slow: boolean, now: number): TripCause | undefined;
  tally(now: number): Tally;
  clear(): void;
}

interface Rates {
  readonly failureRateThreshold: number;
  readonly slowCallRateThreshold: number;
}

/** Whether these sums reach a threshold; `calls` may be a number of calls still to come (half-open). */
export function tripCause(rates: Rates, tally: Tally, calls: number = tally.calls): TripCause | undefined {
  if (tally.failed * 100 >= rates.failureRateThreshold * calls) {
    return { because: 'failure rate', tally, threshold: rates.failureRateThreshold };
  }
  if (tally.slow * 100 >= rates.slowCallRateThreshold * calls) {
    return { because: 'slow call rate', tally, threshold: rates.slowCallRateThreshold };
  }
  return undefined;
}

class ConsecutiveWindow implements OutcomeWindow {
  readonly #threshold: number;
  #run = 0;

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  add(failed: boolean, slow: boolean): TripCause | undefined {
    if (!failed && !slow) {
      this.#run = 0;
      return undefined;
    }
    this.#run += 1;
    return this.#run >= this.#threshold
      ? { because: 'consecutive failures', failed: this.#run, threshold: this.#threshold }
      : undefined;
  }

  tally(): Tally {
    return { calls: this.#run, failed: this.#run, slow: 0 };
  }

  clear(): void {
    this.#run = 0;
  }
}

const FAILED = 1;
const SLOW = 2;

class CountWindow implements OutcomeWindow {
  readonly #rates: Rates;
  readonly #minimum: number;
  readonly #ring: Uint8Array;
  #at = 0;
  #calls = 0;
  #failed = 0;
  #slow = 0;

  constructor(size: number, minimum: number, rates: Rates) {
    this.#ring = new Uint8Array(size);
    this.#minimum = minimum;
    this.#rates = rates;
  }

  add(failed: boolean, slow: boolean): TripCause | undefined {
    const ring = this.#ring;
    // Cells not yet written are zero, so nothing is taken away for them.
    const old = ring[this.#at] ?? 0;
    this.#failed += (failed ? 1 : 0) - (old & FAILED);
    this.#slow += (slow ? 1 : 0) - ((old & SLOW) >> 1);
    ring[this.#at] = (failed ? FAILED : 0) | (slow ? SLOW : 0);
    this.#at = this.#at + 1 === ring.length ? 0 : this.#at + 1;
    if (this.#calls < ring.length) this.#calls += 1;
    if (this.#calls < this.#minimum || (this.#failed === 0 && this.#slow === 0)) return undefined;
    return tripCause(this.#rates, this.tally());
  }

  tally(): Tally {
    return { calls: this.#calls, failed: this.#failed, slow: this.#slow };
  }

  clear(): void {
    this.#ring.fill(0);
    this.#at = this.#calls = this.#failed = this.#slow = 0;
  }
}

class TimeWindow implements OutcomeWindow {
  readonly #rates: Rates;
  readonly #minimum: number;
  readonly #width: number;
  /** Three numbers a bucket: calls, failed, slow. */
  readonly #ring: Float64Array;
  readonly #buckets: number;
  /** Number of the newest bucket, time ÷ width. */
  #newest = Number.NEGATIVE_INFINITY;
  #calls = 0;
  #failed = 0;
  #slow = 0;

  constructor(duration: number, buckets: number, minimum: number, rates: Rates) {
    this.#width = Math.max(1, duration) / buckets;
    this.#buckets = buckets;
    this.#ring = new Float64Array(buckets * 3);
    this.#minimum = minimum;
    this.#rates = rates;
  }

  add(failed: boolean, slow: boolean, now: number): TripCause | undefined {
    const at = this.#slide(now) * 3;
    const ring = this.#ring;
    ring[at] = (ring[at] ?? 0) + 1;
    this.#calls += 1;
    if (failed) {
      ring[at + 1] = (ring[at + 1] ?? 0) + 1;
      this.#failed += 1;
    }
    if (slow) {
      ring[at + 2] = (ring[at + 2] ?? 0) + 1;
      this.#slow += 1;
    }
    if (this.#calls < this.#minimum || (this.#failed === 0 && this.#slow === 0)) return undefined;
    return tripCause(this.#rates, { calls: this.#calls, failed: this.#failed, slow: this.#slow });
  }

  tally(now: number): Tally {
    this.#slide(now);
    return { calls: this.#calls, failed: this.#failed, slow: this.#slow };
  }

  clear(): void {
    this.#ring.fill(0);
    this.#newest = Number.NEGATIVE_INFINITY;
    this.#calls = this.#failed = this.#slow = 0;
  }

  /** Drops what has left the window; answers the place of the newest bucket. A clock that goes back adds to it. */
  #slide(now: number): number {
    const bucket = Math.floor(now / this.#width);
    if (bucket > this.#newest) {
      const gone = Math.min(this.#buckets, bucket - this.#newest);
      for (let step = 0; step < gone; step += 1) this.#drop((bucket - step) % this.#buckets);
      this.#newest = bucket;
    }
    return ((this.#newest % this.#buckets) + this.#buckets) % this.#buckets;
  }

  #drop(place: number): void {
    const at = ((place + this.#buckets) % this.#buckets) * 3;
    const ring = this.#ring;
    this.#calls -= ring[at] ?? 0;
    this.#failed -= ring[at + 1] ?? 0;
    this.#slow -= ring[at + 2] ?? 0;
    ring[at] = ring[at + 1] = ring[at + 2] = 0;
  }
}

/**
 * Opens where failures are more than chance at the usual rate. What is usual outlives `clear`; until it is known, the
 * thresholds people set hold.
 */
class AdaptiveWindow implements OutcomeWindow {
  readonly #window: OutcomeWindow;
  readonly #options: BreakerOptions;
  readonly #usual = new Usual();

  constructor(window: OutcomeWindow, options: BreakerOptions) {
    this.#window = window;
    this.#options = options;
  }

  add(failed: boolean, slow: boolean, now: number): TripCause | undefined {
    const fixed = this.#window.add(failed, slow, now);
    const bad = failed || (slow && this.#options.kind === 'consecutive');
    const cause = this.#usual.known ? this.#judge(bad, this.#window.tally(now)) : fixed;
    this.#usual.add(bad);
    return cause;
  }

  tally(now: number): Tally {
    return this.#window.tally(now);
  }

  clear(): void {
    this.#window.clear();
  }

  #judge(bad: boolean, tally: Tally): TripCause | undefined {
    const options = this.#options;
    if (options.kind === 'consecutive') {
      const threshold = this.#usual.run();
      if (!bad || tally.failed < threshold) return undefined;
      return { because: 'consecutive failures', failed: tally.failed, threshold };
    }
    if (tally.calls < options.minimumNumberOfCalls) return undefined;
    if (bad && this.#usual.isUnusual(tally.failed, tally.calls)) {
      return { because: 'failure rate', tally, threshold: this.#usual.threshold(tally.calls) };
    }
    return tripCause({ ...options, failureRateThreshold: Number.POSITIVE_INFINITY }, tally);
  }
}

export function outcomeWindow(options: BreakerOptions): OutcomeWindow {
  const window = plainWindow(options);
  return options.adaptive ? new AdaptiveWindow(window, options) : window;
}

function plainWindow(options: BreakerOptions): OutcomeWindow {
  switch (options.kind) {
    case 'consecutive':
      return new ConsecutiveWindow(options.consecutiveFailures);
    case 'count':
      return new CountWindow(options.slidingWindowSize, options.minimumNumberOfCalls, options);
    case 'time':
      return new TimeWindow(
        options.slidingWindowDuration,
        options.slidingWindowBuckets,
        options.minimumNumberOfCalls,
        options,
      );
  }
}
