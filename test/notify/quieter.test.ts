import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quieter } from '../../src/notify/quieter.ts';

const MINUTE = 60_000;
const every = (ms: number, count: number): number[] => Array.from({ length: count }, (_, n) => 1000 + n * ms);

describe('how long notifications are gathered', () => {
  test('is proposed to be longer where they come in bouts, and says how many fewer there would be', () => {
    const bouts = [0, 20, 40].flatMap(start => every(15_000, 12).map(at => at + start * MINUTE));
    const proposal = quieter('trouble', bouts, 5000);
    expect(proposal).toMatchObject({ parameter: 'notifications.trouble.gather', from: '5s' });
    expect(proposal?.gain).toMatch(/^\d+ notifications instead of \d+/);
    const [less = 0, more = 0] = [...(proposal?.gain.matchAll(/\d+/g) ?? [])].map(Number);
    expect(less).toBeLessThan(more);
    expect(proposal?.evidence).toContain('the last 36 occasions');
  });

  test('stays as it is where little is told, or little is known', () => {
    expect(quieter('trouble', every(30 * MINUTE, 40), 10_000)).toBeNull();
    expect(quieter('trouble', every(1000, 5), 0)).toBeNull();
    expect(quieter('trouble', every(1000, 500), 600_000)).toBeNull();
  });

  test('is never proposed to be shorter, nor longer than ten minutes, nor for nothing', () => {
    const times = fc.array(fc.integer({ min: 0, max: 4 * 3_600_000 }), { maxLength: 120 });
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 600 }), (at, seconds) => {
        const sorted = at.toSorted((a, b) => a - b);
        const proposal = quieter('all', sorted, seconds * 1000);
        if (!proposal) return;
        const to = Number.parseInt(proposal.to, 10);
        expect(to).toBeGreaterThan(seconds);
        expect(to).toBeLessThanOrEqual(600);
        const [then = 0, now = 0] = [...proposal.gain.matchAll(/\d+/g)].map(Number);
        expect(then).toBeLessThan(now);
      }),
    );
  });
});
