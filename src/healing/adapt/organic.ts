/**
 * How long to wait for something to come back by itself before acting: fitted to how long it took in the past (the
 * threshold model of Azure's "organic recovery" of nodes), since acting has a price that waiting has not.
 */
import type { FaultClass } from '../../model/healing.ts';
import { Ewma } from '../detect/ewma.ts';

/** Waits that are weighed up, s. */
const WAITS = [2, 4, 8, 15, 30, 60, 120, 240];
/** What providers and machines do passes sooner or later; what is wrong with an agent mostly does not. */
export const PASSES: ReadonlySet<FaultClass> = new Set([
  'rate-limit',
  'overload',
  'usage-limit',
  'disk-full',
  'unreachable',
  'slow',
]);
/** Assumed beforehand: seconds, spread of their logarithm, share that goes away at all. */
const PASSING = { seconds: 60, spread: 1, share: 0.9 };
const STAYING = { seconds: 120, spread: 1.2, share: 0.2 };
/** What is assumed counts as so many recoveries. */
const PRIOR = 3;
const STEPS = 12;

export interface Wait {
  readonly waitS: number;
  /** Seconds that are waited on the average. */
  readonly costS: number;
  /** Chance that it is still there afterwards. */
  readonly left: number;
}

/**
 * The best of these waits before something that costs `actS` is done after all: ∫ survival + what is left · `actS`.
 * undefined when doing it at once is better.
 */
export function bestWait(
  waits: readonly Wait[],
  actS: number,
): (Wait & { readonly totalS: number }) | undefined {
  let best: (Wait & { readonly totalS: number }) | undefined;
  for (const wait of waits) {
    const totalS = wait.costS + wait.left * actS;
    if (totalS < (best?.totalS ?? actS)) best = { ...wait, totalS };
  }
  return best;
}

export class OrganicRecovery {
  /** Logarithm of the seconds it took, where it came back by itself. */
  readonly #took: Ewma;
  /** Share of the times in which it did, of those in which it was given a chance. */
  readonly #share: Ewma;
  /** Waits cut short, as parts of one that was not. */
  #exposed = 0;

  constructor(fault: FaultClass) {
    const { seconds, spread, share } = PASSES.has(fault) ? PASSING : STAYING;
    this.#took = new Ewma(0.1, { count: PRIOR, mean: Math.log(seconds), variance: spread ** 2 });
    this.#share = new Ewma(0.1, { count: PRIOR, mean: share, variance: 0 });
  }

  /** It came back by itself after so long, s. */
  recovered(seconds: number): void {
    this.#took.push(Math.log(Math.max(0.05, seconds)));
    this.#share.push(1);
  }

  /** It had only seemed to come back. */
  relapsed(): void {
    this.#share.push(0);
  }

  /**
   * It had not come back after so long, s, when something was done. Had it been one that goes away by itself, it would
   * have done so by then with some chance: that much of a failure it is. (Else only what waiting won would count.)
   */
  waited(seconds: number): void {
    this.#exposed += this.#gone(seconds);
    if (this.#exposed < 1) return;
    this.#exposed -= 1;
    this.#share.push(0);
  }

  /**
   * What waits of several lengths cost and leave.
   *
   * @param elapsedS for so long it is there already: what has lasted, lasts
   */
  waits(elapsedS: number): readonly Wait[] {
    const left = Math.max(1e-9, this.survival(elapsedS));
    return WAITS.map(waitS => ({
      waitS,
      costS: this.#area(elapsedS, waitS) / left,
      left: this.survival(elapsedS + waitS) / left,
    }));
  }

  /** Chance that it is still there after so long, s. */
  survival(seconds: number): number {
    return seconds <= 0 ? 1 : 1 - this.#share.mean * this.#gone(seconds);
  }

  /** Of those that go away by themselves, the share that has after so long, s. */
  #gone(seconds: number): number {
    const spread = Math.max(0.3, this.#took.deviation);
    const z = (Math.log(Math.max(1e-3, seconds)) - this.#took.mean) / spread;
    // The logistic approximation of the normal distribution.
    return 1 / (1 + Math.exp(-z * (1.5976 + 0.070566 * z * z)));
  }

  /** ∫ survival: what is waited on the average, s. */
  #area(fromS: number, waitS: number): number {
    let sum = 0;
    for (let step = 0; step < STEPS; step += 1) sum += this.survival(fromS + ((step + 0.5) / STEPS) * waitS);
    return (sum / STEPS) * waitS;
  }
}
