import { describe, expect, test } from 'vitest';
import { digestOf, hasMoved, newLines } from '../../../src/cells/healer/shown.ts';

const at = (above: number, ...lines: readonly string[]) => ({ above, lines, full: true });

describe('a digest of a screen', () => {
  test('is the same at every point of a cycle that fits on it', () => {
    const lines = ['read a', 'edit b', 'test: 3 failed'];
    const later = ['test: 3 failed', 'read a', 'edit b', 'test: 3 failed', 'read a'];
    expect(digestOf(later, false)).toBe(digestOf(lines, false));
    expect(digestOf([...lines, 'test: 2 failed'], false)).not.toBe(digestOf(lines, false));
  });

  test('leaves out what turns on the spot, and what counts where a program has a screen of its own', () => {
    const [one, two] = [['⠙ Thinking… (12s · 1.2k tokens)'], ['⠼ Thinking… (48s · 3.9k tokens)']];
    expect(digestOf(two, true)).toBe(digestOf(one, true));
    expect(digestOf(two, false)).not.toBe(digestOf(one, false));
    expect(digestOf(['⠙ waits'], false)).toBe(digestOf(['⠼ waits'], false));
  });
});

test('a screen has moved when lines were added, not when it was drawn anew', () => {
  expect(hasMoved(undefined, at(3, 'a'))).toBe(false);
  expect(hasMoved(at(3, 'a 1'), at(3, 'a 2'))).toBe(false);
  expect(hasMoved(at(3, 'a'), at(4, 'a'))).toBe(true);
  // Cleared, and drawn anew.
  expect(hasMoved(at(3, 'a'), { ...at(4, 'a'), full: false })).toBe(false);
  expect(hasMoved(at(4, 'a'), at(0, 'a'))).toBe(false);
});

test('lines are new that were not there at the look before', () => {
  expect(newLines(at(0, 'a', 'b'), at(1, 'b', '', 'c'))).toEqual(['c']);
  expect(newLines(undefined, at(0, 'a'))).toEqual(['a']);
});
