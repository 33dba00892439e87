import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../../src/healing/random.ts';
import { answer, type Point } from '../../../src/healing/search/ask.ts';
import { CmaEs, cmaes, populationSizeOf, ratesOf } from '../../../src/healing/search/cmaes.ts';
import { dot, eigen, norm, times } from '../../../src/healing/search/linear.ts';
import { restarts } from '../../../src/healing/search/restarts.ts';

const coordinate = fc.double({ min: -100, max: 100, noNaN: true });
const ellipsoid = (x: Point) => x.reduce((sum, one, at) => sum + 10 ** (2 * at) * (one - at) ** 2, 0);
const never = () => false;

/** Points asked for in the first generations. */
function asked(start: Point, value: (x: Point) => number, generations = 15): Point[] {
  const run = new CmaEs(start, seeded(3), { sigma: 0.7 });
  return Array.from({ length: generations }, () => {
    const points = run.ask();
    run.tell(points.map(value));
    return points;
  }).flat();
}

describe('eigen', () => {
  test('gives vectors of length 1, at right angles, that the matrix only stretches', () => {
    const square = fc.integer({ min: 1, max: 8 }).chain(size =>
      fc.array(fc.array(coordinate, { minLength: size, maxLength: size }), {
        minLength: size,
        maxLength: size,
      }),
    );
    fc.assert(
      fc.property(square, half => {
        const matrix = half.map((row, i) => row.map((one, j) => one + (half[j]?.[i] ?? 0)));
        const { values, vectors } = eigen(matrix);
        const scale = 1 + Math.max(...values.map(Math.abs));
        values.forEach((value, k) => {
          const vector = vectors.map(row => row[k] ?? 0);
          expect(norm(vector)).toBeCloseTo(1, 9);
          times(matrix, vector).forEach((one, i) => {
            expect(Math.abs(one - value * (vector[i] ?? 0)) / scale).toBeLessThan(1e-9);
          });
          for (let other = 0; other < k; other += 1) {
            expect(
              dot(
                vector,
                vectors.map(row => row[other] ?? 0),
              ),
            ).toBeCloseTo(0, 9);
          }
        });
      }),
    );
  });
});

describe('CMA-ES', () => {
  test('has the defaults of the tutorial', () => {
    expect([2, 5, 10, 40].map(populationSizeOf)).toEqual([6, 8, 10, 15]);
    const { weights, mu, muEff, cSigma, dSigma, cC } = ratesOf(10, 10);
    expect(mu).toBe(5);
    expect(weights.slice(0, mu).reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
    expect(weights).toEqual(weights.toSorted((a, b) => b - a));
    // As pycma 4 prints for n = 10.
    expect(muEff).toBeCloseTo(3.167, 2);
    expect(cSigma).toBeCloseTo((muEff + 2) / (muEff + 15), 12);
    expect(dSigma).toBeCloseTo(1 + cSigma, 12);
    expect(cC).toBeCloseTo((4 + muEff / 10) / (14 + muEff / 5), 12);
  });

  test('sees only which point is better: any growing function of the values asks for the same points', () => {
    const start = [3, -2, 1];
    const plain = asked(start, ellipsoid);
    expect(asked(start, x => Math.sqrt(ellipsoid(x)) - 1e3)).toEqual(plain);
    expect(asked(start, x => Math.log(ellipsoid(x)))).toEqual(plain);
    expect(asked(start, x => -ellipsoid(x))).not.toEqual(plain);
  });

  test('does not care where zero is', () => {
    fc.assert(
      fc.property(fc.array(coordinate, { minLength: 3, maxLength: 3 }), by => {
        const moved = asked(
          [3, -2, 1].map((one, at) => one + (by[at] ?? 0)),
          x => ellipsoid(x.map((one, at) => one - (by[at] ?? 0))),
        );
        asked([3, -2, 1], ellipsoid).forEach((point, index) => {
          for (const [at, one] of point.entries())
            expect((moved[index]?.[at] ?? 0) - (by[at] ?? 0)).toBeCloseTo(one, 6);
        });
      }),
      { numRuns: 20 },
    );
  });

  test('learns the shape of a valley a million times longer than wide', () => {
    const end = answer(cmaes([3, -2, 1, 4], seeded(1), { sigma: 2, target: 1e-10 }), ellipsoid, never);
    expect(end).toMatchObject({ stop: 'target' });
    expect(end?.evaluations).toBeLessThan(2500);
    for (const [at, one] of end?.best.point.entries() ?? []) expect(one).toBeCloseTo(at, 3);
  });

  test('ends on a plain where nothing leads anywhere, and takes NaN for the worst there is', () => {
    expect(answer(cmaes([1, 2], seeded(1)), () => 7, never)?.stop).toBe('tolfun');
    const half = answer(
      cmaes([1, 2], seeded(1), { sigma: 1, target: 1e-8 }),
      ([x = 0, y = 0]) => (x < 0 ? Number.NaN : x * x + y * y),
      never,
    );
    expect(half?.best.value).toBeLessThan(1e-6);
  });
});

test.each(['ipop', 'bipop'] as const)(
  '%s finds the lowest of many valleys, where one run does not',
  schedule => {
    const rastrigin = (x: Point) =>
      x.reduce((sum, one) => sum + 10 - 10 * Math.cos(2 * Math.PI * one) + one * one, 0);
    const random = seeded(8);
    const start = () => [0, 0, 0].map(() => 10 * random() - 5);
    const options = { schedule, start, sigma: 2, target: 1e-8, maxEvaluations: 60_000 };
    const end = answer(restarts(options, random), rastrigin, never);
    expect(end?.best.value).toBeLessThanOrEqual(1e-8);
    expect(end?.runs.length).toBeGreaterThan(1);
    expect(end?.evaluations).toBe(end?.runs.reduce((sum, run) => sum + run.evaluations, 0));
  },
);
