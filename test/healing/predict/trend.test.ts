import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Trend } from '../../../src/healing/predict/trend.ts';
import { normal, seeded } from '../../../src/healing/random.ts';

/** A value every two seconds that grows by so much a second, with noise. */
function grown(perSecond: number, noise: number, seed = 1, looks = 60): { trend: Trend; now: number } {
  const random = seeded(seed);
  const trend = new Trend();
  let now = 0;
  for (let look = 0; look < looks; look += 1) {
    now = 2000 * look;
    trend.push(200 + (perSecond * now) / 1000 + noise * normal(random), now);
  }
  return { trend, now };
}

describe('a trend', () => {
  it('tells when a level will be reached, through noise', () => {
    const { trend, now } = grown(10, 20);
    expect(trend.sureness).toBeGreaterThan(4);
    // 200 + 10 t = 4000 at 380 s.
    expect((now + trend.until(4000, now)) / 1000).toBeGreaterThan(350);
    expect((now + trend.until(4000, now)) / 1000).toBeLessThan(410);
  });

  it('is seldom sure that noise grows', () => {
    const sure = Array.from({ length: 200 }, (_, seed) => grown(0, 20, seed + 1).trend.sureness).filter(
      one => one > 4,
    );
    expect(sure.length).toBeLessThan(6);
  });

  it('never foresees what falls or stands still, and is there when it is there', () => {
    expect(grown(-5, 0).trend.until(4000, 118_000)).toBe(Number.POSITIVE_INFINITY);
    expect(grown(0, 0).trend.until(4000, 118_000)).toBe(Number.POSITIVE_INFINITY);
    expect(grown(100, 0).trend.until(4000, 118_000)).toBe(0);
  });

  it('foresees a line exactly, whatever its slope and the times of the looks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.array(fc.integer({ min: 100, max: 20_000 }), { minLength: 10, maxLength: 40 }),
        (slope, gaps) => {
          const trend = new Trend();
          let now = 0;
          for (const gap of gaps) {
            now += gap;
            trend.push(slope * now, now);
          }
          expect(trend.until(2 * slope * now, now)).toBeCloseTo(now, -1);
        },
      ),
    );
  });

  it('begins anew', () => {
    const { trend, now } = grown(10, 0);
    trend.clear();
    expect(trend.sureness).toBe(0);
    trend.push(1, now + 2000);
    expect(trend.until(4000, now + 2000)).toBe(Number.POSITIVE_INFINITY);
  });
});
