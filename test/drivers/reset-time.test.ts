import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resetIn } from '../../src/drivers/reset-time.ts';

/** A Saturday, 20:11 in London and 21:11 in Berlin. */
const NOW = Date.parse('2026-11-21T20:11:00Z');
const at = (iso: string): number => Date.parse(iso);

describe('a provider says when a limit is over', () => {
  test.each([
    ["You've hit your session limit · resets 10:30pm (Europe/Berlin)", '2026-11-21T21:30:00Z'],
    ["You've hit your session limit · resets 1am (Asia/Singapore)", '2026-11-22T17:00:00Z'],
    ["You've hit your session limit · resets 3pm (Europe/Berlin)", '2026-11-22T14:00:00Z'],
    ["You've hit your weekly limit · resets Nov 24, 5pm (America/New_York)", '2026-11-24T22:00:00Z'],
    ['Resets Dec 1 at 12pm (Asia/Tokyo)', '2026-12-01T03:00:00Z'],
    ['Claude usage limit reached. Your limit will reset at 10am (America/Lima).', '2026-11-22T15:00:00Z'],
    ['Claude AI usage limit reached|1795300000', '2026-11-21T22:26:40Z'],
    [
      '{"type":"usage_limit_reached","resets_at":1795300000,"resets_in_seconds":8140}',
      '2026-11-21T22:26:40Z',
    ],
    ['try again in 2 days 17 hours 14 minutes.', '2026-11-24T13:25:00Z'],
    ['Upgrade to Plus, or try again at Nov 24th, 2026 8:19 PM. (UTC)', undefined],
    ['Rate limit reached. Please try again in 1m30s.', '2026-11-21T20:12:30Z'],
    ['HTTP 429, Retry-After: 120', '2026-11-21T20:13:00Z'],
    ['retry after 2.5 s', '2026-11-21T20:11:02.500Z'],
    ['quota resets at 2026-11-21T23:00:00+01:00', '2026-11-21T22:00:00Z'],
    // It has just passed: not tomorrow.
    ["You've hit your session limit · resets 9pm (Europe/Berlin)", '2026-11-21T20:00:00Z'],
  ])('%s', (words, iso) => {
    const local = new Date(2026, 10, 24, 20, 19).getTime();
    expect(resetIn(words, NOW)).toBe(iso === undefined ? local : at(iso));
  });

  test('across a change of clocks, and where its zone is not known', () => {
    const before = at('2026-10-24T20:00:00Z');
    expect(resetIn('resets 6am (Europe/Berlin)', before)).toBe(at('2026-10-25T05:00:00Z'));
    const local = new Date(NOW);
    const noon = new Date(local.getFullYear(), local.getMonth(), local.getDate() + 1, 12).getTime();
    expect(resetIn('resets 12:00 (Middle/Earth)', NOW)).toBe(noon);
  });
});

test.each([
  'API Error: Rate limit reached',
  'or wait for limits to reset (every 5h and every week.)',
  'resets 99:99',
  'resets 5',
  'Retry-After: 99999999999',
  'resets at 2031-01-01T00:00:00Z',
  'usage limit reached|1600000000',
])('%s says nothing of use', words => {
  expect(resetIn(words, NOW)).toBeUndefined();
});

test('whatever is said, it is no time, or one within bounds, and soon found', () => {
  const words = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          'resets',
          ' at ',
          ' in ',
          '3',
          '10:30',
          'pm',
          ' (',
          'Europe/Berlin',
          ')',
          ' days ',
          'm',
          ',',
        ),
        {
          maxLength: 40,
        },
      )
      .map(parts => parts.join('')),
  );
  fc.assert(
    fc.property(words, text => {
      const found = resetIn(text, NOW);
      if (found === undefined) return;
      expect(found).toBeGreaterThanOrEqual(NOW - 1_800_000);
      expect(found).toBeLessThanOrEqual(NOW + 32 * 86_400_000);
    }),
    { numRuns: 2000 },
  );
  for (const hostile of ['in 1 h '.repeat(500), 'resets at '.repeat(500), `in ${'1 m, and '.repeat(400)}`])
    resetIn(hostile, NOW);
});
