import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HalfSpaceTrees } from '../../../src/healing/detect/half-space.ts';
import { normal, seeded } from '../../../src/healing/random.ts';

test('says nothing during the first window, then a share between 0 and 1, whatever comes', () => {
  const point = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(point, { minLength: 30, maxLength: 90 }), fc.nat(1000), (points, seed) => {
      const trees = new HalfSpaceTrees(3, seeded(seed), { window: 20, depth: 5, trees: 5 });
      points.forEach((one, at) => {
        const empty = trees.push(one);
        expect(empty === undefined).toBe(at < 20);
        expect(empty ?? 0).toBeGreaterThanOrEqual(0);
        expect(empty ?? 0).toBeLessThanOrEqual(1);
      });
    }),
    { numRuns: 50 },
  );
});

test('a combination never seen stands out although each number alone is usual', () => {
  const random = seeded(5);
  const noise = () => 0.03 * normal(random);
  const trees = new HalfSpaceTrees(2, random);
  // Busy and talking, or idle and silent.
  const usual = () => {
    const on = random() < 0.5;
    return on ? [0.8 + noise(), 0.8 + noise()] : [0.2 + noise(), 0.2 + noise()];
  };
  for (let n = 0; n < 1000; n += 1) trees.push(usual());
  const calm = Array.from({ length: 100 }, () => trees.push(usual()) ?? 1);
  // Busy and silent.
  const strange = trees.push([0.8, 0.2]) ?? 0;
  expect(strange).toBeGreaterThan(Math.max(...calm));
});

test('forgets: what has become usual within two windows is strange no more', () => {
  const trees = new HalfSpaceTrees(1, seeded(1), { window: 100 });
  for (let n = 0; n < 200; n += 1) trees.push([0.1]);
  const first = trees.push([0.9]) ?? 0;
  for (let n = 0; n < 220; n += 1) trees.push([0.9]);
  expect(trees.push([0.9]) ?? 1).toBeLessThan(first);
});
