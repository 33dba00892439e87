import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  convergenceWords,
  fitnessChart,
  isConverged,
  recentChangePct,
} from '../../src/model/evolution-words.ts';

const line = (from: number, to: number): readonly number[] =>
  Array.from({ length: 10 }, (_, at) => from + ((to - from) * at) / 9);

test('it has converged when a line through ten generations changes by less than a percent', () => {
  expect(isConverged(line(0.8, 0.8))).toBe(true);
  expect(isConverged(line(0.8, 0.796))).toBe(true);
  expect(isConverged(line(0.8, 0.76))).toBe(false);
  expect(isConverged(line(0.8, 0.8).slice(1))).toBe(false);
  // Other seeds each time: that alone is no progress.
  expect(isConverged(line(0.8, 0.8).map((value, at) => value * (at % 2 ? 1.02 : 0.98)))).toBe(false);
  expect(recentChangePct([...line(2, 1), ...line(0.8, 0.72)])).toBeCloseTo(-11.7, 1);
  expect(convergenceWords([1])).toBe('not known before 10 generations');
});

test('the chart has a column for each generation it has room for, the newest at the right', () => {
  expect(fitnessChart([1, 0.9, 0.8], 40, 2)).toEqual([' 100.0 % ┤█▁ ', '  80.0 % ┤██▁']);
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.1, max: 3, noNaN: true }), { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 12, max: 100 }),
      fc.integer({ min: 2, max: 6 }),
      (history, width, height) => {
        const rows = fitnessChart(history, width, height);
        expect(rows).toHaveLength(height);
        for (const row of rows) expect(Array.from(row).length).toBeLessThanOrEqual(width);
      },
    ),
  );
  expect(fitnessChart([], 40, 3)).toEqual([]);
});
