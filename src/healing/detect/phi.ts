/**
 * φ-accrual failure detection (Hayashibara, Défago, Yared and Katayama 2004, SRDS): how unlikely is it that something
 * that comes again and again is merely late? φ = −log10 of that probability: 1 is wrong once in ten times, 8 once in a
 * hundred million. Normal tail by the logistic approximation of Akka's `PhiAccrualFailureDetector` (error < 1.4e-4).
 */
import { type Finding, scoreOf } from './finding.ts';

export interface PhiOptions {
  /** φ from which it counts as failed (Akka and Cassandra 8, Hazelcast 10). */
  readonly threshold: number;
  /** Intervals remembered (Akka 1000, Hazelcast 200). */
  readonly maxSampleSize: number;
  /** No deviation below this, ms: nothing is as regular as its past looks (Akka 100 ms). */
  readonly minStdDeviation: number;
  /** Lateness that is forgiven, ms (Akka 3 s). */
  readonly acceptableHeartbeatPause: number;
  /** The interval expected before any was seen, ms; its deviation is a quarter of it, as in Akka. */
  readonly firstHeartbeatEstimate: number;
}

export const PHI: PhiOptions = {
  threshold: 8,
  maxSampleSize: 200,
  minStdDeviation: 100,
  acceptableHeartbeatPause: 1000,
  firstHeartbeatEstimate: 1000,
};

/** φ above which floating point can no longer tell: the tail is 0. */
const MOST_PHI = 300;

export class PhiAccrual {
  readonly #options: PhiOptions;
  readonly #ring: Float64Array;
  #count = 0;
  #sum = 0;
  #squares = 0;
  #last: number | undefined;

  constructor(options: Partial<PhiOptions> = {}) {
    this.#options = { ...PHI, ...options };
    this.#ring = new Float64Array(this.#options.maxSampleSize);
    // As if two intervals had been seen, mean ± deviation.
    const { firstHeartbeatEstimate: first } = this.#options;
    this.#add(first * 0.75);
    this.#add(first * 1.25);
  }

  /** It was heard of at `now`, ms. */
  heard(now: number): void {
    if (this.#last !== undefined && now > this.#last) this.#add(now - this.#last);
    this.#last = now;
  }

  /** Forgets when it was last heard of, not how often it usually is: for after a pause that is no failure. */
  rest(): void {
    this.#last = undefined;
  }

  /** Mean interval, ms. */
  get mean(): number {
    return this.#sum / this.#size;
  }

  /** Deviation of intervals, ms, at least `minStdDeviation`. */
  get deviation(): number {
    const variance = this.#squares / this.#size - this.mean ** 2;
    return Math.max(this.#options.minStdDeviation, Math.sqrt(Math.max(0, variance)));
  }

  /**
   * 0 before it was ever heard of.
   * @param lag how far our own clock can be trusted: 1 when we keep up, n when we are n times as slow (Lifeguard's local
   *   health multiplier): mean, deviation and pause count that many times
   */
  phi(now: number, lag = 1): number {
    if (this.#last === undefined) return 0;
    const late = (now - this.#last) / Math.max(1, lag) - this.mean - this.#options.acceptableHeartbeatPause;
    return normalTail(late / this.deviation);
  }

  /** When φ reaches the threshold if nothing is heard; Infinity before it was ever heard of. */
  failsAt(lag = 1): number {
    if (this.#last === undefined) return Number.POSITIVE_INFINITY;
    const deviations = deviationsOf(this.#options.threshold);
    const wait = this.mean + this.#options.acceptableHeartbeatPause + deviations * this.deviation;
    return this.#last + Math.max(1, lag) * wait;
  }

  judge(name: string, now: number, lag = 1): Finding | undefined {
    const phi = this.phi(now, lag);
    if (phi < this.#options.threshold || this.#last === undefined) return undefined;
    const [since, usual, spread] = [now - this.#last, this.mean, this.deviation].map(
      ms => `${(ms / 1000).toFixed(1)} s`,
    );
    const slow = lag > 1.05 ? `; our own clock lags ${lag.toFixed(1)} times, which is allowed for` : '';
    return {
      detector: 'phi-accrual',
      words: `${name}: nothing for ${since}, usually every ${usual} ± ${spread} (φ ${phi.toFixed(1)}, fails at ${this.#options.threshold}${slow})`,
      score: scoreOf(phi),
    };
  }

  get #size(): number {
    return Math.min(this.#count, this.#ring.length);
  }

  #add(interval: number): void {
    const at = this.#count % this.#ring.length;
    const gone = this.#count >= this.#ring.length ? (this.#ring[at] ?? 0) : 0;
    this.#ring[at] = interval;
    this.#count += 1;
    this.#sum += interval - gone;
    this.#squares += interval ** 2 - gone ** 2;
  }
}

/** −log10 of the probability of a standard normal above `y`. */
export function normalTail(y: number): number {
  const exponent = y * (1.5976 + 0.070566 * y * y);
  // log10(1 + e^x), kept exact where e^x is too large to hold.
  const phi = (exponent > 30 ? exponent : Math.log1p(Math.exp(exponent))) / Math.LN10;
  return Math.min(MOST_PHI, phi);
}

/** The inverse of `normalTail`, by bisection; φ at least 0.31 (the mean). */
function deviationsOf(phi: number): number {
  let [low, high] = [0, 60];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (normalTail(middle) < phi) low = middle;
    else high = middle;
  }
  return high;
}
