/**
 * All numbers of an agent together: each by itself (`SeriesDetector`, `Cusum`) and their combination (Half-Space Trees).
 * What it costs: about 8 kB a number and 170 kB for the trees; 10 to 20 µs a look.
 */
import type { Random } from '../random.ts';
import { Cusum, shiftFinding } from './cusum.ts';
import { type Finding, scoreOf, short } from './finding.ts';
import { HalfSpaceTrees } from './half-space.ts';
import { SeriesDetector, type SeriesVerdict, seriesFinding } from './series.ts';
import { Tail } from './tail.ts';

/** One of the numbers, in the order of the vector. */
export interface Measure {
  readonly name: string;
  /** As it stands behind the number: ` %`, ` MB`. */
  readonly unit: string;
}

/** Looks before anything is said: until then all is new. */
const FIRST = 150;

export class JointDetector {
  #looks = 0;
  readonly #measures: readonly {
    readonly measure: Measure;
    readonly series: SeriesDetector;
    readonly cusum: Cusum;
    low: number;
    high: number;
  }[];
  readonly #trees: HalfSpaceTrees;
  readonly #tail = new Tail();
  readonly #scaled: Float64Array;

  constructor(measures: readonly Measure[], random: Random) {
    this.#measures = measures.map(measure => ({
      measure,
      series: new SeriesDetector(),
      cusum: new Cusum(),
      low: Number.POSITIVE_INFINITY,
      high: Number.NEGATIVE_INFINITY,
    }));
    this.#trees = new HalfSpaceTrees(Math.max(1, measures.length), random);
    this.#scaled = new Float64Array(measures.length);
  }

  /** Takes in one value a measure; a missing one is NaN and is passed over. What stands out, the most telling first. */
  push(values: ArrayLike<number>): Finding[] {
    const findings: Finding[] = [];
    const verdicts: { readonly measure: Measure; readonly verdict: SeriesVerdict }[] = [];
    this.#measures.forEach((one, at) => {
      const value = values[at] ?? Number.NaN;
      if (!Number.isFinite(value)) return;
      one.low = Math.min(one.low, value);
      one.high = Math.max(one.high, value);
      this.#scaled[at] = one.high > one.low ? (value - one.low) / (one.high - one.low) : 0.5;
      const verdict = one.series.push(value);
      verdicts.push({ measure: one.measure, verdict });
      if (verdict.news > 0) findings.push(seriesFinding(one.measure.name, one.measure.unit, verdict));
      const shift = one.cusum.push(value);
      if (shift) findings.push(shiftFinding(one.measure.name, one.measure.unit, shift));
    });
    const together = this.#together(verdicts);
    if (together) findings.push(together);
    this.#looks += 1;
    return this.#looks > FIRST ? findings.sort((a, b) => b.score - a.score) : [];
  }

  #together(verdicts: readonly { measure: Measure; verdict: SeriesVerdict }[]): Finding | undefined {
    const empty = this.#trees.push(this.#scaled);
    if (empty === undefined) return undefined;
    const surprise = this.#tail.push(empty / (1 - Math.min(empty, 1 - 1e-9)));
    const shown = [...verdicts]
      .sort((a, b) => b.verdict.surprise - a.verdict.surprise)
      .slice(0, 3)
      .map(({ measure, verdict }) => `${measure.name} ${short(verdict.value)}${measure.unit}`);
    return {
      detector: 'half-space trees',
      words: `${shown.join(' with ')} is a combination seen once in ${short(10 ** surprise)} looks`,
      score: scoreOf(Math.max(0, surprise - 1)),
    };
  }
}
