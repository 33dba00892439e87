/** Comparing two policies seed by seed: the bootstrap, and the tail of what they cost. */
import { seeded } from '../random.ts';

export interface Interval {
  /** Of the change in percent: negative is cheaper. */
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;

/**
 * Change of the total in percent with its 95 % interval: paired percentile bootstrap over seeds (Efron and Tibshirani
 * 1993), the two totals resampled together.
 *
 * @param before cost of each seed; `after` of the same seeds in the same order
 */
export function changePct(before: readonly number[], after: readonly number[], seed = 1): Interval {
  const random = seeded(seed);
  const n = Math.min(before.length, after.length);
  const changes: number[] = [];
  for (let resample = 0; resample < RESAMPLES; resample += 1) {
    let [a, b] = [0, 0];
    for (let draw = 0; draw < n; draw += 1) {
      const at = Math.floor(random() * n);
      a += before[at] ?? 0;
      b += after[at] ?? 0;
    }
    changes.push(percent(a, b));
  }
  changes.sort((x, y) => x - y);
  const at = (share: number): number => changes[Math.floor(share * (changes.length - 1))] ?? Number.NaN;
  return { mean: percent(sum(before), sum(after)), low: at(0.025), high: at(0.975) };
}

/** Mean of the worst share of values (CVaR, Rockafellar and Uryasev 2000); larger is worse. */
export function cvar(values: readonly number[], worst: number): number {
  const sorted = values.toSorted((a, b) => b - a);
  const kept = sorted.slice(0, Math.max(1, Math.round(worst * sorted.length)));
  return sum(kept) / kept.length;
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const percent = (before: number, after: number): number =>
  before === 0 ? 0 : (100 * (after - before)) / before;
