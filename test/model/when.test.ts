import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localTime, parseWhen } from '../../src/model/when.ts';

const NOW = new Date(2026, 7, 3, 14, 30, 5, 250).getTime();

describe('parseWhen', () => {
  it('reads ages, times of today, days and full times', () => {
    expect(parseWhen('90s', NOW)).toBe(NOW - 90_000);
    expect(parseWhen('1.5h', NOW)).toBe(NOW - 5_400_000);
    expect(parseWhen('3d', NOW)).toBe(NOW - 3 * 86_400_000);
    expect(parseWhen('9:05', NOW)).toBe(new Date(2026, 7, 3, 9, 5).getTime());
    expect(parseWhen('23:59:58', NOW)).toBe(new Date(2026, 7, 3, 23, 59, 58).getTime());
    expect(parseWhen('2026-08-01', NOW)).toBe(new Date(2026, 7, 1).getTime());
    expect(parseWhen('2026-08-01T10:00:00Z', NOW)).toBe(Date.UTC(2026, 7, 1, 10));
    expect(parseWhen('2026-08-01 10:00', NOW)).toBe(new Date(2026, 7, 1, 10).getTime());
  });

  it('reads back what localTime writes', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(1971, 0), max: new Date(2099, 0), noInvalidDate: true }), date => {
        const whole = Math.floor(date.getTime() / 1000) * 1000;
        // In the hour that clocks repeat in autumn the same words mean two times.
        fc.pre(
          new Date(whole - 3_600_000).getTimezoneOffset() === new Date(whole + 3_600_000).getTimezoneOffset(),
        );
        expect(parseWhen(localTime(whole), NOW)).toBe(whole);
      }),
    );
  });

  it.each(['', 'yesterday', '25:00', '10:75', '5', '10x', '2026', '2026-13-40', '-5m'])(
    'refuses %j',
    text => {
      expect(() => parseWhen(text, NOW)).toThrow(expect.objectContaining({ code: 'bad-time' }));
    },
  );
});
