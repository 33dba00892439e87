import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FloodMeter, Patience } from '../../src/screens/flood.ts';

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

describe('a flood that is only looked at', () => {
  /** Looks until it is over, one every 100 ms from `now` on. */
  const looks = (patience: Patience, now: number, same: boolean): number => {
    patience.begin(now);
    for (let n = 1; ; n += 1) if (patience.ends(same, now + n * 100)) return n;
  };

  test('is tried to be followed less and less often while it goes on, and not never', () => {
    const patience = new Patience();
    let now = 1000;
    const spells = Array.from({ length: 6 }, () => {
      const n = looks(patience, now, false);
      now += n * 100 + 200;
      return n;
    });
    expect(spells).toEqual([10, 20, 40, 80, 80, 80]);
    expect(looks(patience, now + 60_000, false)).toBe(10);
  });

  test('is followed soon when it has stopped, also when it only looked like that', () => {
    const patience = new Patience();
    const first = looks(patience, 1000, true);
    expect(first).toBeLessThan(5);
    // A program that prints the same all the time.
    expect(looks(patience, 1000 + first * 100 + 200, true)).toBe(2 * first);
  });

  test('has not stopped because two looks showed the same', () => {
    const patience = new Patience();
    patience.begin(1000);
    expect(Array.from({ length: 9 }, (_, n) => patience.ends(n % 2 === 0, 1100 + n))).not.toContain(true);
  });
});
