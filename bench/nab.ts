/**
 * The Numenta Anomaly Benchmark: `SeriesDetector` as it ships, over all 58 series, scored as NAB scores (threshold chosen
 * over the corpus, per profile). Beside it NAB's windowed Gaussian, and NAB's published results. Also the F1 of rows
 * without point adjustment, and the score with the threshold chosen on the other half of the series.
 */
import { env } from 'node:process';
import { SeriesDetector } from '../src/healing/detect/series.ts';
import { ROOT } from '../test/support/program.ts';
import { corpusFolder, readCorpus, type Series } from './nab/corpus.ts';
import { f1, points, type Scored, scoreCorpus, sweep } from './nab/sweep.ts';
import { windowedGaussian } from './nab/windowed-gaussian.ts';
import type { Measured } from './stats.ts';

/** NAB's `results/final_results.json`, standard profile. */
const PUBLISHED = {
  ARTime: 74.85,
  numenta: 70.1,
  contextOSE: 69.9,
  earthgeckoSkyline: 58.2,
  knncad: 57.99,
  relativeEntropy: 54.64,
  randomCutForest: 51.72,
  twitterADVec: 47.06,
  windowedGaussian: 39.65,
} as const;

const scored = (series: readonly Series[], detect: (values: Float64Array) => Float64Array): Scored[] =>
  series.map(one => ({ ...one, scores: detect(one.values) }));

function ours(what: 'news' | 'score'): (values: Float64Array) => Float64Array {
  return values => {
    const detector = new SeriesDetector();
    return values.map(value => detector.push(value)[what]);
  };
}

export async function run(): Promise<Measured> {
  const { series, profiles } = readCorpus(corpusFolder(ROOT, env));
  const begun = performance.now();
  const files = scored(series, ours('news'));
  const took = performance.now() - begun;
  const rows = series.reduce((sum, one) => sum + one.values.length, 0);
  const standard = scoreCorpus(files, profiles.standard);
  const lowFp = scoreCorpus(files, profiles.reward_low_FP_rate);
  const lowFn = scoreCorpus(files, profiles.reward_low_FN_rate);

  const raw = scored(series, ours('score')).flatMap(file => points(file, profiles.standard));
  const bestF1 = sweep(raw, profiles.standard).reduce((best, at) => Math.max(best, f1(at)), 0);

  const halves = [0, 1].map(half => files.filter((_, at) => at % 2 === half));
  const heldOut = halves.map((half, at) => {
    const other = halves[1 - at] ?? [];
    return scoreCorpus(half, profiles.standard, scoreCorpus(other, profiles.standard).at.threshold)
      .normalised;
  });

  const gaussian = scoreCorpus(scored(series, windowedGaussian), profiles.standard).normalised;
  return {
    figures: {
      standard_score: standard.normalised,
      reward_low_fp_score: lowFp.normalised,
      reward_low_fn_score: lowFn.normalised,
      f1: bestF1,
    },
    env: {
      compared: { windowed_gaussian_here: gaussian, published: PUBLISHED },
      threshold: standard.at.threshold,
      f1_at_threshold: f1(standard.at),
      threshold_from_other_half: heldOut,
      series: series.length,
      rows,
      us_per_row: (took * 1000) / rows,
    },
    lines: [
      `${series.length} series, ${rows} rows, ${((took * 1000) / rows).toFixed(2)} µs a row`,
      `threshold from the other half of the series: ${heldOut.map(score => score.toFixed(1)).join(' and ')}`,
      `windowed Gaussian here ${gaussian.toFixed(2)}, published ${PUBLISHED.windowedGaussian}`,
      `published: ${Object.entries(PUBLISHED)
        .map(([name, score]) => `${name} ${score}`)
        .join(' · ')}`,
      'f1: rows each on their own, at the best threshold; a window of 10 % of a series found by one row counts as one row',
    ],
  };
}
