import { expect, test } from 'vitest';
import { clockOffset } from '../../src/cli/chaos-link.ts';

test('a slow answer is no difference between two clocks; a clock that was set is', () => {
  expect(clockOffset(1000, 1000, 1000)).toBe(0);
  expect(clockOffset(1000, 1010, 9000)).toBe(0);
  expect(clockOffset(1000, 500, 1010)).toBe(-500);
  expect(clockOffset(1000, 61_010, 1010)).toBe(60_000);
});
