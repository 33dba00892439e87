/**
 * Cumulative sum for a lasting shift too small for any one value to show (Page 1954, two-sided; reference value and
 * decision interval as in Montgomery, *Statistical Quality Control*): alarms when values have run more than `k`
 * deviations to one side for long enough to sum up to `h`. After an alarm it begins anew from the new level.
 */
import { Ewma } from './ewma.ts';
import { type Finding, scoreOf, short } from './finding.ts';

export interface CusumOptions {
  /** Half the shift to be found, in deviations: 0.5 finds shifts of one deviation soonest. */
  readonly k: number;
  /** Sum that alarms, in deviations; with k 0.5, h 5 alarms wrongly once in 500 values of normal noise, h 8 in 14,000. */
  readonly h: number;
  /** Weight of the newest value in what is usual. */
  readonly alpha: number;
  /** Values before the first alarm. */
  readonly first: number;
}

export const CUSUM: CusumOptions = { k: 0.5, h: 8, alpha: 0.005, first: 30 };

/** A single value adds no more than this: one spike is no shift. */
const MOST_A_VALUE = 3;
/** Surprise of one shift: h 8 alarms wrongly once in 14,000 values. */
const SURPRISE = 4.2;

export interface Shift {
  readonly direction: 'up' | 'down';
  readonly value: number;
  readonly usual: number;
  readonly spread: number;
  /** Values since the shift began, as far as the sum tells. */
  readonly since: number;
}

export class Cusum {
  readonly #options: CusumOptions;
  #usual: Ewma;
  #up = { sum: 0, run: 0 };
  #down = { sum: 0, run: 0 };

  constructor(options: Partial<CusumOptions> = {}) {
    this.#options = { ...CUSUM, ...options };
    this.#usual = new Ewma(this.#options.alpha);
  }

  /** The larger of the two sums, as a share of what alarms. */
  get strain(): number {
    return Math.max(this.#up.sum, this.#down.sum) / this.#options.h;
  }

  push(value: number): Shift | undefined {
    const { k, h, first, alpha } = this.#options;
    const { mean: usual, deviation: spread, count } = this.#usual;
    const z = Math.max(-MOST_A_VALUE, Math.min(MOST_A_VALUE, this.#usual.z(value)));
    this.#usual.push(value);
    if (count < first) return undefined;
    this.#up = run(this.#up, z - k);
    this.#down = run(this.#down, -z - k);
    const side = this.#up.sum > h ? this.#up : this.#down.sum > h ? this.#down : undefined;
    if (!side) return undefined;
    const direction = side === this.#up ? 'up' : 'down';
    this.#usual = new Ewma(alpha);
    this.#usual.push(value);
    this.#up = this.#down = { sum: 0, run: 0 };
    return { direction, value, usual, spread, since: side.run };
  }
}

function run({ sum, run }: { sum: number; run: number }, add: number): { sum: number; run: number } {
  const grown = sum + add;
  return grown > 0 ? { sum: grown, run: run + 1 } : { sum: 0, run: 0 };
}

export function shiftFinding(name: string, unit: string, shift: Shift): Finding {
  const { direction, usual, spread, since, value } = shift;
  return {
    detector: 'cusum',
    words: `${name} has gone ${direction} for ${since} looks: ${short(value)}${unit} now, ${short(usual)}${unit} ± ${short(spread)} before`,
    score: scoreOf(SURPRISE),
  };
}
