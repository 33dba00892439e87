import { expect, test } from 'vitest';
import { Outbox } from '../../src/cli/outbox.ts';
import { HmsError } from '../../src/model/errors.ts';

const LONG_MS = 10_000;

/** An engine that answers each word as it is told to, the first answer first; then it takes everything. */
function engine(...answers: (HmsError | undefined)[]) {
  const heard: string[] = [];
  const refused: string[] = [];
  const state = { there: true };
  const answer = async (word: string): Promise<void> => {
    heard.push(word);
    const error = answers.shift();
    if (error) throw error;
  };
  const outbox = new Outbox<string>({
    send: word => (state.there ? answer(word) : undefined),
    onRefused: (word, error) => void refused.push(`${word}: ${error}`),
  });
  return { outbox, heard, refused, state };
}

test('words arrive once, in the order they were put', async () => {
  const { outbox, heard } = engine();
  for (const word of ['a', 'b', 'c']) outbox.put(word);
  expect(await outbox.flush(LONG_MS)).toBe(true);
  expect(heard).toEqual(['a', 'b', 'c']);
});

test('what is put while there is no engine waits for the next one', async () => {
  const { outbox, heard, state } = engine();
  state.there = false;
  outbox.put('a');
  outbox.put('b');
  expect(await outbox.flush(0)).toBe(false);
  expect(heard).toEqual([]);
  state.there = true;
  outbox.wake();
  expect(await outbox.flush(LONG_MS)).toBe(true);
  expect(heard).toEqual(['a', 'b']);
});

test('a word whose answer was lost is said again, before any that came after it', async () => {
  const { outbox, heard, refused } = engine(undefined, new HmsError('gone', 'the engine is gone'));
  for (const word of ['a', 'b', 'c']) outbox.put(word);
  expect(await outbox.flush(LONG_MS)).toBe(true);
  expect(heard).toEqual(['a', 'b', 'b', 'c']);
  expect(refused).toEqual([]);
});

test('a word that is refused for good does not keep the rest back, and is told', async () => {
  const { outbox, heard, refused } = engine(new HmsError('not-agreed', 'nobody agreed'));
  for (const word of ['a', 'b']) outbox.put(word);
  expect(await outbox.flush(LONG_MS)).toBe(true);
  expect(heard).toEqual(['a', 'b']);
  expect(refused).toEqual([expect.stringContaining('a: ')]);
});
