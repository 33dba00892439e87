import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cusum, shiftFinding } from '../../../src/healing/detect/cusum.ts';
import { Ewma } from '../../../src/healing/detect/ewma.ts';
import { scoreOf, surpriseOf } from '../../../src/healing/detect/finding.ts';
import { SeriesDetector, seriesFinding } from '../../../src/healing/detect/series.ts';
import { Tail } from '../../../src/healing/detect/tail.ts';
import { normal, seeded } from '../../../src/healing/random.ts';

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const noise = (count: number, seed: number, mean = 50, spread = 5): number[] => {
  const random = seeded(seed);
  return Array.from({ length: count }, () => mean + spread * normal(random));
};

describe('Ewma', () => {
  test('of a weight so small that all count alike is the plain mean and deviation', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 60 }), values => {
        const ewma = new Ewma(1e-9);
        for (const one of values) ewma.push(one);
        const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
        const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length;
        const scale = 1 + Math.max(...values.map(Math.abs));
        expect(Math.abs(ewma.mean - mean) / scale).toBeLessThan(1e-9);
        expect(Math.abs(ewma.deviation - Math.sqrt(variance)) / scale).toBeLessThan(1e-6);
      }),
    );
  });

  test('forgets: after many values of a new level the old one is gone', () => {
    const ewma = new Ewma(0.1);
    for (let n = 0; n < 100; n += 1) ewma.push(1000);
    for (let n = 0; n < 300; n += 1) ewma.push(5);
    expect(ewma.mean).toBeCloseTo(5, 6);
  });
});

describe('Tail', () => {
  test('gives each of many like values the surprise of its rank', () => {
    const random = seeded(1);
    const tail = new Tail();
    for (let n = 0; n < 20_000; n += 1) tail.push(-Math.log(1 - random()));
    // Exponential: P(S ≥ 3) = 0.0498, P(S ≥ 6) = 0.00248; bins are a quarter octave wide.
    expect(10 ** -tail.push(3)).toBeCloseTo(0.05, 1.5);
    expect(Math.abs(tail.push(6) - 2.6)).toBeLessThan(0.25);
  });

  test('is never negative, finite, and larger for larger statistics', () => {
    const statistic = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(statistic, { maxLength: 200 }), statistic, statistic, (seen, a, b) => {
        const surprise = (last: number): number => {
          const tail = new Tail();
          for (const one of seen) tail.push(one);
          return tail.push(last);
        };
        const [small, large] = [surprise(Math.min(a, b)), surprise(Math.max(a, b))];
        expect(small).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(large)).toBe(true);
        expect(large).toBeGreaterThanOrEqual(small - 1e-12);
      }),
    );
  });
});

test('score and surprise are each the other’s inverse', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 100, noNaN: true }), surprise => {
      expect(surpriseOf(scoreOf(surprise))).toBeCloseTo(surprise, 6);
    }),
  );
});

describe('SeriesDetector', () => {
  test('scores lie in [0, 1), news is 0 or the score, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), values => {
        const detector = new SeriesDetector();
        for (const one of values) {
          const { score, news } = detector.push(one);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThan(1);
          expect([0, score]).toContain(news);
        }
      }),
    );
  });

  test('does not care for the unit: MB or GB, the scores are the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(0.25, 1024, 2 ** 20), (seed, factor) => {
        const [one, other] = [new SeriesDetector(), new SeriesDetector()];
        for (const at of noise(200, seed)) {
          expect(other.push(at * factor).score).toBeCloseTo(one.push(at).score, 6);
        }
      }),
      { numRuns: 20 },
    );
  });

  const worst = (values: readonly number[], from: number) => {
    const detector = new SeriesDetector();
    return values
      .map(one => detector.push(one))
      .reduce((most, verdict, at) => (at >= from && verdict.news > most.news ? verdict : most));
  };

  test.each([
    ['a spike', (n: number, x: number) => (n === 1500 ? 120 : x)],
    ['a drop to nothing', (n: number, x: number) => (n >= 1500 ? 0 : x)],
    ['a level that rises', (n: number, x: number) => (n >= 1500 ? x + 25 : x)],
    ['ten times the noise', (n: number, x: number) => (n >= 1500 ? 50 + (x - 50) * 10 : x)],
  ])('%s stands out from noise', (_, fault) => {
    const healthy = noise(1800, 3);
    const calm = worst(healthy, 500);
    const found = worst(
      healthy.map((x, n) => fault(n, x)),
      1500,
    );
    expect(surpriseOf(found.score)).toBeGreaterThan(surpriseOf(calm.score) + 1);
  });

  test('a value that freezes is noticed as standing still, before all else', () => {
    const detector = new SeriesDetector();
    const last = [...noise(1500, 3), ...noise(60, 3, 50, 0)].map(one => detector.push(one)).at(-1);
    expect(last).toMatchObject({ most: 'still' });
    expect(last?.surprise).toBeGreaterThan(2.5);
  });

  test('says in numbers what it saw and what is usual', () => {
    const detector = new SeriesDetector();
    for (const one of noise(1000, 4, 12, 3)) detector.push(one);
    const { words, score, detector: name } = seriesFinding('cpu', ' %', detector.push(97));
    expect(words).toMatch(
      /^cpu 97 % (jumped|is far from what it was lately); usual 1[12](\.\d+)? % ± [23]\./,
    );
    expect(words).toMatch(/(once in \d+ looks|less than once in a million looks)$/);
    expect(name).toMatch(/^series (jump|spike)$/);
    expect(score).toBeGreaterThan(0.6);
  });
});

describe('Cusum', () => {
  test('finds a shift of one deviation that no single value shows, and tells since when', () => {
    const values = [...noise(500, 5), ...noise(200, 6, 55)];
    const cusum = new Cusum();
    const found = values.map(one => cusum.push(one));
    const at = found.findIndex(shift => shift !== undefined);
    expect(at).toBeGreaterThanOrEqual(500);
    expect(at).toBeLessThan(540);
    const shift = found[at];
    expect(shift?.direction).toBe('up');
    expect(at - (shift?.since ?? 0)).toBeGreaterThan(480);
    expect(shift && shiftFinding('rss', ' MB', shift).words).toMatch(
      /^rss has gone up for \d+ looks: .* MB now/,
    );
  });

  test('one spike is no shift, however large', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), spike => {
        const cusum = new Cusum();
        for (const one of noise(100, 7)) cusum.push(one);
        const strain = cusum.strain;
        cusum.push(spike);
        expect(cusum.strain - strain).toBeLessThan(0.5);
      }),
    );
  });

  test('is mirrored: what rises for one falls for the other', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 40, maxLength: 200 }), values => {
        const [one, other] = [new Cusum(), new Cusum()];
        const turned = { up: 'down', down: 'up' } as const;
        for (const at of values) {
          const up = one.push(at)?.direction;
          expect(other.push(-at)?.direction).toBe(up && turned[up]);
        }
      }),
    );
  });
});
