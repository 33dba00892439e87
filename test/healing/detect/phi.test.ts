import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LocalHealth } from '../../../src/healing/detect/local-health.ts';
import { normalTail, PhiAccrual } from '../../../src/healing/detect/phi.ts';
import { seeded } from '../../../src/healing/random.ts';

/** Heard of every `every` ms ± `jitter`, so many times; answers when last. */
function hear(phi: PhiAccrual, times: number, every: number, jitter: number): number {
  const random = seeded(2);
  let now = 0;
  for (let n = 0; n < times; n += 1) {
    now += every + (random() - 0.5) * 2 * jitter;
    phi.heard(now);
  }
  return now;
}

describe('PhiAccrual', () => {
  test('the tail is the normal one: 50 % at the mean, 2.275 % at 2, 3.17e-5 at 4', () => {
    expect(10 ** -normalTail(0)).toBeCloseTo(0.5, 6);
    expect(10 ** -normalTail(2)).toBeCloseTo(0.02275, 3);
    expect(normalTail(4)).toBeCloseTo(-Math.log10(3.17e-5), 0);
    expect(normalTail(1e6)).toBe(300);
    expect(normalTail(-1e6)).toBe(0);
  });

  test('grows while nothing is heard, reaches its threshold when it said it would, and falls when heard', () => {
    const beats = fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(beats, fc.integer({ min: 1, max: 8 }), (gaps, lag) => {
        const detector = new PhiAccrual();
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          detector.heard(now);
        }
        const fails = detector.failsAt(lag);
        let before = 0;
        for (let step = 0; step <= 10; step += 1) {
          const phi = detector.phi(now + ((fails - now) * step) / 10, lag);
          expect(phi).toBeGreaterThanOrEqual(before);
          before = phi;
        }
        expect(detector.phi(fails, lag)).toBeCloseTo(8, 5);
        expect(detector.judge('heartbeat', fails - 1, lag)).toBeUndefined();
        expect(detector.judge('heartbeat', fails + 1, lag)).toBeDefined();
        detector.heard(fails);
        expect(detector.phi(fails, lag)).toBeLessThan(1);
      }),
    );
  });

  test('mean and deviation are those of the last intervals', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 20, maxLength: 100 });
    fc.assert(
      fc.property(gaps, all => {
        const detector = new PhiAccrual({ maxSampleSize: 20, minStdDeviation: 0 });
        let now = 0;
        detector.heard(now);
        for (const gap of all) {
          now += gap;
          detector.heard(now);
        }
        const last = all.slice(-20);
        const mean = last.reduce((sum, gap) => sum + gap, 0) / 20;
        const variance = last.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / 20;
        expect(detector.mean).toBeCloseTo(mean, 4);
        expect(detector.deviation).toBeCloseTo(Math.sqrt(variance), 2);
      }),
    );
  });

  test('learns how regular it is: the same silence fails the regular one and not the irregular one', () => {
    const [regular, irregular] = [new PhiAccrual(), new PhiAccrual()];
    const at = hear(regular, 100, 1000, 20);
    const other = hear(irregular, 100, 1000, 900);
    expect(regular.judge('output', at + 3500)?.words).toMatch(
      /^output: nothing for 3\.5 s, usually every 1\.0 s ± 0\.1 s \(φ \d+\.\d, fails at 8\)$/,
    );
    expect(irregular.judge('output', other + 3500)).toBeUndefined();
  });

  test('when our own clock lags it waits as many times longer, and says so', () => {
    const detector = new PhiAccrual();
    const at = hear(detector, 100, 1000, 20);
    expect(detector.judge('output', at + 3500, 3)).toBeUndefined();
    expect(detector.judge('output', at + 3 * 3500, 3)?.words).toContain('our own clock lags 3.0 times');
  });

  test('after a rest it knows how often, and fails nobody for the pause', () => {
    const detector = new PhiAccrual();
    const at = hear(detector, 100, 1000, 20);
    detector.rest();
    expect(detector.phi(at + 1e9)).toBe(0);
    expect(detector.failsAt()).toBe(Number.POSITIVE_INFINITY);
    detector.heard(at + 1e9);
    expect(detector.mean).toBeCloseTo(1000, -2);
  });
});

test('local health stays between 1 and its most; late looks raise it, looks in time bring it back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10_000 })), lates => {
      const health = new LocalHealth();
      for (const late of lates) {
        const before = health.multiplier;
        health.looked(late);
        expect(health.multiplier).toBeGreaterThanOrEqual(1);
        expect(health.multiplier).toBeLessThanOrEqual(8);
        if (late <= 100) expect(health.multiplier).toBeLessThanOrEqual(before);
        else expect(health.multiplier).toBeGreaterThanOrEqual(before);
      }
      for (let n = 0; n < 8; n += 1) health.looked(0);
      expect(health.multiplier).toBe(1);
    }),
  );
});
