/**
 * One number sampled again and again (CPU, memory, output, tokens): is what it does now unusual *for it*? Six plain
 * statistics, each held against its own past by its tail, then added up: what stands out in one way only a little may
 * stand out in several at once. After an alarm, weaker ones are no news for a while.
 *
 * Constant memory (8 kB) and time a sample. Scored and timed by `npm run bench -- nab`.
 */
import { Ewma } from './ewma.ts';
import { type Finding, scoreOf, short } from './finding.ts';
import { Tail } from './tail.ts';

export interface SeriesOptions {
  /** Weight of the newest value in what is usual over long: 1/1000 values. */
  readonly slow: number;
  /** The same for what was usual lately. */
  readonly fast: number;
  /** Values that are smoothed over to tell the present level. */
  readonly smooth: number;
  /** Weight of the newest step in how restless the series is lately. */
  readonly restless: number;
  /** Surprise of one statistic that is no surprise yet, in bans: 1 is once in ten looks. */
  readonly ordinary: number;
  /** Values after which an alarm no longer hides weaker ones (falls to 1/e). */
  readonly rearm: number;
}

/** Chosen on the NAB corpus, as is usual for it; docs/healing-inside.md says how much depends on each. */
export const SERIES: SeriesOptions = {
  slow: 0.001,
  fast: 0.005,
  smooth: 7,
  restless: 0.02,
  ordinary: 1,
  rearm: 500,
};

/** Steps before the restlessness of now is compared with that of always. */
const STEPS_FIRST = 30;

const STATISTICS = ['level', 'spike', 'drop', 'jump', 'restless', 'still'] as const;
export type Statistic = (typeof STATISTICS)[number];

export interface SeriesVerdict {
  readonly value: number;
  /** In [0, 1), as `scoreOf` of the surprises added up. */
  readonly score: number;
  /** The same when it is news, 0 while a stronger alarm was not long ago. */
  readonly news: number;
  /** What stands out most, and its surprise in bans. */
  readonly most: Statistic;
  readonly surprise: number;
  /** What was usual lately, until now: mean and deviation. */
  readonly usual: number;
  readonly spread: number;
}

export class SeriesDetector {
  readonly #options: SeriesOptions;
  readonly #long: Ewma;
  readonly #lately: Ewma;
  readonly #tails = STATISTICS.map(() => new Tail());
  #count = 0;
  #last = 0;
  #level = 0;
  /** Mean square of steps: of always, of the last thousand, and lately. */
  #steps = { always: 0, long: 0, now: 0 };
  #hidden = 0;

  constructor(options: Partial<SeriesOptions> = {}) {
    this.#options = { ...SERIES, ...options };
    this.#long = new Ewma(this.#options.slow);
    this.#lately = new Ewma(this.#options.fast);
  }

  /** Takes in one value (finite) and judges it by those before it. */
  push(value: number): SeriesVerdict {
    const { mean: usual, deviation: spread } = this.#lately;
    const statistics = this.#statistics(value);
    let total = 0;
    let surprise = 0;
    let most: Statistic = 'level';
    STATISTICS.forEach((name, at) => {
      const statistic = statistics[name];
      if (statistic === undefined) return;
      const found = this.#tails[at]?.push(statistic) ?? 0;
      total += Math.max(0, found - this.#options.ordinary);
      if (found > surprise) [surprise, most] = [found, name];
    });
    const score = scoreOf(total);
    this.#hidden *= Math.exp(-1 / this.#options.rearm);
    const news = score > this.#hidden ? score : 0;
    this.#hidden = Math.max(this.#hidden, score);
    return { value, score, news, most, surprise, usual, spread };
  }

  #statistics(value: number): Partial<Record<Statistic, number>> {
    const { slow, smooth, restless } = this.#options;
    const step = this.#count === 0 ? 0 : value - this.#last;
    this.#count += 1;
    this.#level =
      this.#count === 1 ? value : this.#level + Math.max(1 / smooth, 1 / this.#count) * (value - this.#level);
    this.#last = value;
    const level = this.#long.z(this.#level);
    const spike = this.#lately.z(value);
    this.#long.push(value, this.#level);
    this.#lately.push(value);
    const square = step * step;
    const steps = this.#steps;
    const jump = steps.always > 0 ? Math.sqrt(square / steps.always) : 0;
    const grown = (mean: number, alpha: number) => mean + Math.max(alpha, 1 / this.#count) * (square - mean);
    this.#steps = {
      always: grown(steps.always, slow / 2),
      long: grown(steps.long, slow),
      now: grown(steps.now, restless),
    };
    const known = this.#steps.long > 0 && this.#count > STEPS_FIRST;
    return {
      level: Math.abs(level),
      spike: Math.abs(spike),
      drop: Math.max(0, -level),
      jump,
      ...(known && {
        restless: this.#steps.now / this.#steps.long,
        // A thousandth keeps complete stillness finite.
        still: this.#steps.long / (this.#steps.now + this.#steps.long / 1000),
      }),
    };
  }
}

const SAYS: Readonly<Record<Statistic, string>> = {
  level: 'has been away from its usual',
  spike: 'is far from what it was lately',
  drop: 'has fallen below its usual',
  jump: 'jumped',
  restless: 'varies more than usual',
  still: 'stands still, which it does not usually',
};

/** A verdict in words: `cpu 97 % jumped; usual 12 % ± 3; once in 4000 looks`. */
export function seriesFinding(name: string, unit: string, verdict: SeriesVerdict): Finding {
  const { value, most, usual, spread, surprise } = verdict;
  const often = surprise > 6 ? 'less than once in a million looks' : `once in ${short(10 ** surprise)} looks`;
  return {
    detector: `series ${most}`,
    words: `${name} ${short(value)}${unit} ${SAYS[most]}; usual ${short(usual)}${unit} ± ${short(spread)}; ${often}`,
    score: verdict.news,
  };
}
