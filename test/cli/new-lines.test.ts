import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newLines } from '../../src/cli/new-lines.ts';

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `line ${from + at}`);

test('what was added is new', () => {
  expect(newLines([], ['a'])).toEqual(['a']);
  expect(newLines(['a'], ['a'])).toEqual([]);
  expect(newLines(['a', 'b'], ['a', 'b', 'c', 'd'])).toEqual(['c', 'd']);
});

test('the same line again is a new line', () => {
  expect(newLines(['ok', 'ok'], ['ok', 'ok', 'ok'])).toEqual(['ok']);
});

test('lines drawn anew are said again, nothing before them', () => {
  expect(newLines(['done a', '| 10 %'], ['done a', '| 20 %'])).toEqual(['| 20 %']);
});

test('a log that was cleared is all new', () => {
  expect(newLines(numbered(0, 100), ['fresh'])).toEqual(['fresh']);
});

test('whatever scrolled out of the history, each numbered line comes once', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.integer({ min: 60, max: 400 }), (first, more, kept) => {
      const before = numbered(Math.max(0, first - kept), first);
      const now = numbered(Math.max(0, first + more - kept), first + more);
      fc.pre(more + 50 < kept || first === 0);
      expect(newLines(before, now)).toEqual(now.filter(line => !before.includes(line)));
    }),
  );
});
