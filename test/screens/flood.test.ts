import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FloodMeter } from '../../src/screens/flood.ts';

test('a megabyte a second is none, in any pieces, nor is a large screen at once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 200 }), gaps => {
      const meter = new FloodMeter();
      let now = 1000;
      for (const gap of gaps) {
        now += gap;
        expect(meter.floods(gap * 1000, now)).toBe(false);
      }
    }),
  );
  expect(new FloodMeter().floods(200_000, 5)).toBe(false);
});

test('ten megabytes a second are one, soon', () => {
  const meter = new FloodMeter();
  const flooded = Array.from({ length: 100 }, (_, ms) => meter.floods(10_000, ms)).indexOf(true);
  expect(flooded).toBeGreaterThan(10);
  expect(flooded).toBeLessThan(50);
});
