import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinWords, splitWords } from '../../src/model/shell-words.ts';

test('plain words stay as they are, others are quoted', () => {
  expect(joinWords(['git', 'commit', '-m', "it's done"])).toBe(`git commit -m 'it'\\''s done'`);
});

test('quotes and backslashes are read as a shell reads them; nothing is expanded', () => {
  expect(splitWords(`a "b c" d\\ e '$HOME' "x\\"y" ""`)).toEqual(['a', 'b c', 'd e', '$HOME', 'x"y', '']);
  expect(splitWords("it's")).toEqual({ problem: "a ' is not closed" });
});

test('whatever the words are, they come back', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), words => {
      expect(splitWords(joinWords(words))).toEqual(words);
    }),
  );
});
