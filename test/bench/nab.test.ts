/** The scorer is NAB's: its own unit tests' numbers, and, where the corpus is, its published results. */
import { env } from 'node:process';
import { describe, expect, test } from 'vitest';
import { corpusFolder, readCorpus } from '../../bench/nab/corpus.ts';
import { points, probation, scaledSigmoid, scoreCorpus, sweep } from '../../bench/nab/sweep.ts';
import { windowedGaussian } from '../../bench/nab/windowed-gaussian.ts';
import { ROOT } from '../support/program.ts';

const standard = { tpWeight: 1, fnWeight: 1, fpWeight: 0.11 };
const times = Array.from({ length: 100 }, (_, n) => `t${n}`);
const windows = [
  ['t30', 't39'],
  ['t75', 't95'],
] as const;
const file = (scores: number[]) => ({ name: 'x', times, windows, scores });

describe('the NAB scorer', () => {
  test('weighs by position as scaledSigmoid of nab/sweeper.py says', () => {
    expect(scaledSigmoid(-1)).toBeCloseTo(0.98661, 5);
    expect(scaledSigmoid(-0.5)).toBeCloseTo(0.84828, 5);
    expect(scaledSigmoid(0)).toBe(0);
    expect(scaledSigmoid(1)).toBeCloseTo(-0.98661, 5);
    expect(scaledSigmoid(3.1)).toBe(-1);
  });

  test('leaves out 15 % of the rows, at most 750', () => {
    expect([100, 1127, 5000, 6000].map(probation)).toEqual([15, 169, 750, 750]);
  });

  test('gives rows in windows what is positive, and others what is negative', () => {
    const all = points(file(times.map(() => 1)), standard);
    expect(all).toHaveLength(85);
    expect(all.filter(point => point.window !== undefined)).toHaveLength(31);
    for (const point of all) expect(point.worth > 0).toBe(point.window !== undefined);
  });

  test('scores thresholds as testCalcScoreByThresholdReturnsExpectedScores of NAB does', () => {
    const point = (score: number, worth: number, window?: string) => ({ score, worth, window });
    const found = sweep(
      [point(0, -3), point(0.2, 20, 'a'), point(0.3, 10, 'a'), point(0.5, 5, 'b'), point(0.5, -3)],
      { tpWeight: 0, fnWeight: 5, fpWeight: 0 },
    );
    expect(found).toEqual([
      { threshold: 1.1, score: -10, tp: 0, tn: 2, fp: 0, fn: 3 },
      { threshold: 0.5, score: -3, tp: 1, tn: 1, fp: 1, fn: 2 },
      { threshold: 0.3, score: 12, tp: 2, tn: 1, fp: 1, fn: 1 },
      { threshold: 0.2, score: 22, tp: 3, tn: 1, fp: 1, fn: 0 },
      { threshold: 0, score: 19, tp: 3, tn: 0, fp: 2, fn: 0 },
    ]);
  });

  test('the null detector gets 0, the perfect one 100, crying always less than nothing', () => {
    const at = (...rows: number[]) => times.map((_, row) => (rows.includes(row) ? 1 : 0));
    expect(scoreCorpus([file(times.map(() => 0.5))], standard).normalised).toBe(0);
    expect(scoreCorpus([file(at(30, 75))], standard).normalised).toBeCloseTo(100, 10);
    expect(scoreCorpus([file(at(30))], standard).normalised).toBeCloseTo(50, 10);
    expect(scoreCorpus([file(at(30, 60))], standard).normalised).toBeCloseTo(50 - (100 * 0.11) / 4, 1);
    expect(scoreCorpus([file(times.map(() => 1))], { ...standard, fpWeight: 1 }, 1).normalised).toBeLessThan(
      100,
    );
  });

  const folder = corpusFolder(ROOT, env);
  test.skipIf(folder === undefined)('gets for the windowed Gaussian what NAB published', () => {
    const { series, profiles } = readCorpus(folder);
    expect(series).toHaveLength(58);
    const files = series.map(one => ({ ...one, scores: windowedGaussian(one.values) }));
    // results/final_results.json of NAB
    expect(scoreCorpus(files, profiles.standard).normalised).toBeCloseTo(39.649523, 6);
    expect(scoreCorpus(files, profiles.reward_low_FP_rate).normalised).toBeCloseTo(20.867986, 6);
    expect(scoreCorpus(files, profiles.reward_low_FN_rate).normalised).toBeCloseTo(47.410027, 6);
  });
});
