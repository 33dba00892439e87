import { describe, expect, it } from 'vitest';
import { normalQuantile, quickNormal, randomAt, seeded } from '../../src/healing/random.ts';

describe('randomness', () => {
  it('is replayed by its seed', () => {
    const [one, two] = [seeded(42), seeded(42)];
    expect(Array.from({ length: 5 }, one)).toEqual(Array.from({ length: 5 }, two));
    expect(randomAt(1, 2, 3)).toBe(randomAt(1, 2, 3));
    expect(randomAt(1, 2, 3)).not.toBe(randomAt(1, 3, 2));
  });

  it('knows the quantiles of the normal distribution', () => {
    // Tables of Abramowitz and Stegun.
    for (const [p, z] of [
      [0.5, 0],
      [0.975, 1.959964],
      [0.025, -1.959964],
      [0.999, 3.090232],
      [0.00001, -4.264891],
    ] as const) {
      expect(normalQuantile(p)).toBeCloseTo(z, 5);
    }
  });

  it('draws normal numbers with the right spread and tails', () => {
    const random = seeded(9);
    const n = 200_000;
    let [sum, squares, far] = [0, 0, 0];
    for (let draw = 0; draw < n; draw += 1) {
      const z = quickNormal(random);
      sum += z;
      squares += z * z;
      if (Math.abs(z) > 3) far += 1;
    }
    expect(sum / n).toBeCloseTo(0, 1);
    expect(squares / n).toBeCloseTo(1, 1);
    expect(far / n).toBeGreaterThan(0.002);
    expect(far / n).toBeLessThan(0.0035);
  });
});
