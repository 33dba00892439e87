import { describe, expect, test } from 'vitest';
import type { Tolerance } from '../../src/chaos/schema.ts';
import { toleranceWords, type Value, within } from '../../src/chaos/tolerance.ts';

const seen = (value: number | string): Value => ({ is: 'seen', value });
const failed: Value = { is: 'failed', why: 'ECONNREFUSED' };

describe('a tolerance', () => {
  test.each<[Tolerance, Value, boolean, string]>([
    [200, seen(200), true, '200'],
    [200, seen(500), false, '200'],
    ['ok', seen(' ok\n'), false, 'ok'],
    [1, seen('1'), true, '1'],
    [[200, 204], seen(204), true, 'one of 200, 204'],
    [[200, 204], seen(500), false, 'one of 200, 204'],
    [{ max: 50 }, seen(50), true, 'at most 50'],
    [{ max: 50 }, seen(51), false, 'at most 50'],
    [{ min: 1 }, seen(0), false, 'at least 1'],
    [{ min: 1, max: 2 }, seen('1'), false, '1 to 2'],
    [{ type: 'range', range: [0, 5] }, seen(5), true, '0 to 5'],
    [{ type: 'regex', pattern: 'rea.y' }, seen('all ready'), true, 'like /rea.y/'],
    [true, seen('anything'), true, 'an answer'],
    [true, failed, false, 'an answer'],
    [false, failed, true, 'no answer'],
    [false, seen(1), false, 'no answer'],
    [200, failed, false, '200'],
  ])('%j of %j is %s', (tolerance, value, holds, words) => {
    expect(within(value, tolerance)).toBe(holds);
    expect(toleranceWords(tolerance)).toBe(words);
  });
});
