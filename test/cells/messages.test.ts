import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filled, type Rate, taken, waitFor } from '../../src/cells/messages/rate.ts';

const LIMIT = { burst: 5, everyMs: 100 };

describe('the rate of messages', () => {
  test('in any stretch of time there are at most a burst and what has come back since', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -500, max: 500 }), { maxLength: 200 }), steps => {
        let rate: Rate | undefined;
        let now = 10_000;
        const sent: number[] = [];
        for (const step of steps) {
          now += step;
          rate = filled(rate, LIMIT, now);
          if (waitFor(rate, LIMIT) > 0) continue;
          rate = taken(rate, LIMIT);
          sent.push(now);
        }
        const forward = steps.reduce((sum, step) => sum + Math.max(0, step), 0);
        expect(sent.length).toBeLessThanOrEqual(LIMIT.burst + forward / LIMIT.everyMs);
      }),
    );
  });

  test('whoever waits as long as told may send', () => {
    let rate = filled(undefined, LIMIT, 0);
    for (let i = 0; i < LIMIT.burst; i += 1) rate = taken(rate, LIMIT);
    const wait = waitFor(rate, LIMIT);
    expect(wait).toBe(100);
    expect(waitFor(filled(rate, LIMIT, wait - 1), LIMIT)).toBe(1);
    expect(waitFor(filled(rate, LIMIT, wait), LIMIT)).toBe(0);
  });
});
