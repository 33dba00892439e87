import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normal, seeded } from '../../../src/healing/random.ts';
import { answer, type Point } from '../../../src/healing/search/ask.ts';
import { fold, type PortfolioOptions, portfolio } from '../../../src/healing/search/portfolio.ts';

const never = () => false;
const sphere = (x: Point) => x.reduce((sum, one) => sum + (one - 1) ** 2, 0);
const rosenbrock = (x: Point) =>
  x
    .slice(1)
    .reduce((sum, next, at) => sum + 100 * ((x[at] ?? 0) ** 2 - next) ** 2 + ((x[at] ?? 0) - 1) ** 2, 0);
const rastrigin = (x: Point) =>
  x.reduce((sum, one) => sum + 10 - 10 * Math.cos(2 * Math.PI * (one - 1)) + (one - 1) ** 2, 0);
const noise = seeded(77);
/** As a simulator with few runs: rough in every direction. */
const noisy = (x: Point) => sphere(x) + 0.05 * normal(noise);
/** As thresholds that count events: flat nearly everywhere. */
const steps = (x: Point) => x.reduce((sum, one) => sum + Math.floor(8 * Math.abs(one - 1)), 0);

const options: PortfolioOptions = { start: [-3, 2, 4, 0], sigma: 2, maxEvaluations: 20_000 };
const search = (value: (x: Point) => number, more: Partial<PortfolioOptions> = {}) => {
  const end = answer(portfolio({ ...options, ...more }, seeded(1)), value, never);
  if (!end) throw new Error('it was not stopped');
  return end;
};

describe('portfolio', () => {
  test.each([
    ['sphere', sphere, 'one valley'],
    ['rosenbrock', rosenbrock, undefined],
    ['rastrigin', rastrigin, 'many valleys'],
  ] as const)('solves %s to 1e-8 without being told what it is', (_, value, ground) => {
    const end = search(value, { target: 1e-8 });
    expect(end.best.value).toBeLessThanOrEqual(1e-8);
    for (const one of end.best.point) expect(one).toBeCloseTo(1, 3);
    if (ground) expect(end.ground).toBe(ground);
  });

  test.each([
    ['noise', noisy, 0.3],
    ['steps', steps, 1],
  ] as const)('is not misled by %s: slopes tell nothing there, and it sees that', (_, value, near) => {
    const end = search(value, { maxEvaluations: 3000 });
    expect(end.ground).toBe('rough');
    expect(Math.sqrt(sphere(end.best.point))).toBeLessThan(near);
  });

  test('asks for nothing out of bounds, reports what it found, and ends with its budget', () => {
    const side = fc.tuple(
      fc.double({ min: -10, max: 10, noNaN: true }),
      fc.double({ min: 0, max: 10, noNaN: true }),
    );
    fc.assert(
      fc.property(
        fc.array(side, { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 1, max: 300 }),
        fc.constantFrom(sphere, rastrigin, steps),
        fc.nat(1000),
        (sides, maxEvaluations, value, seed) => {
          const bounds = { low: sides.map(([low]) => low), high: sides.map(([low, width]) => low + width) };
          const start = sides.map(([low, width]) => low + width / 2);
          let [count, least, batch] = [0, Number.POSITIVE_INFINITY, 0];
          const run = portfolio({ start, sigma: 2, bounds, maxEvaluations }, seeded(seed));
          let step = run.next();
          while (!step.done) {
            batch = step.value.length;
            const values = step.value.map(point => {
              count += 1;
              point.forEach((one, at) => {
                expect(one).toBeGreaterThanOrEqual(bounds.low[at] ?? 0);
                expect(one).toBeLessThanOrEqual(bounds.high[at] ?? 0);
              });
              least = Math.min(least, value(point));
              return value(point);
            });
            step = run.next(values);
          }
          expect(step.value.evaluations).toBe(count);
          expect(count - batch).toBeLessThan(maxEvaluations);
          expect(step.value.best.value).toBe(least);
          expect(value(step.value.best.point)).toBe(least);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('is replayed by the same seed and the same values', () => {
    const trail = () => {
      const points: Point[] = [];
      answer(
        portfolio({ ...options, maxEvaluations: 500 }, seeded(9)),
        x => {
          points.push(x);
          return rastrigin(x);
        },
        never,
      );
      return points;
    };
    expect(trail()).toEqual(trail());
  });

  test('can be stopped between batches', () => {
    let asked = 0;
    const value = (x: Point) => {
      asked += 1;
      return sphere(x);
    };
    expect(answer(portfolio(options, seeded(1)), value, () => asked >= 10)).toBeUndefined();
    expect(asked).toBeLessThan(20);
  });
});

test('folding keeps what is inside, and brings what is outside inside without a jump', () => {
  const side = fc.double({ min: -50, max: 50, noNaN: true });
  fc.assert(
    fc.property(side, fc.double({ min: 0.1, max: 20, noNaN: true }), side, (low, width, x) => {
      const bounds = { low: [low], high: [low + width] };
      const [at = 0] = fold([x], bounds);
      expect(at).toBeGreaterThanOrEqual(low - 1e-12);
      expect(at).toBeLessThanOrEqual(low + width + 1e-12);
      if (x >= low && x <= low + width) expect(at).toBe(x);
      const [near = 0] = fold([x + 1e-4], bounds);
      expect(Math.abs(near - at)).toBeLessThan(1.0001e-4);
    }),
  );
});
