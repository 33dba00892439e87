import { expect, test } from 'vitest';
import { errorIn } from '../../../src/cells/healer/error-words.ts';

const errors = { 'rate-limit': '429 | Rate limit', 'disk-full': 'no space left on device' } as const;

test.each([
  ['HTTP 429: too many requests', 'rate-limit'],
  ['error: RATE LIMIT exceeded', 'rate-limit'],
  ['write: No space left on device', 'disk-full'],
  ['(429)', 'rate-limit'],
  ['14290 requests served, 4291 too', undefined],
  ['rate limiter started', undefined],
  ['', undefined],
])('%s', (line, error) => {
  expect(errorIn([line], errors)?.error).toBe(error);
});

test('the newest line counts, and is cut', () => {
  const lines = ['HTTP 429', 'No space left on device', 'ok', `${'x'.repeat(5000)} 429`];
  expect(errorIn(lines, errors)).toEqual({ error: 'disk-full', words: 'No space left on device' });
});

test('a fleet file that names no words finds nothing', () => {
  expect(errorIn(['429'], {})).toBeUndefined();
  expect(errorIn(['429 | '], { overload: ' | ' })).toBeUndefined();
});
