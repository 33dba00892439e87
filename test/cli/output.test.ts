import { expect, test } from 'vitest';
import { explain, sentence } from '../../src/cli/output.ts';
import { HmsError } from '../../src/model/errors.ts';

test('what is said becomes a sentence', () => {
  expect(sentence('a folder is missing')).toBe('A folder is missing.');
  expect(sentence('why?')).toBe('Why?');
  expect(sentence('')).toBe('');
});

test('a command to type, a key to press and a branch stay as they are written', () => {
  expect(sentence('hms record list')).toBe('hms record list.');
  expect(sentence('m changes the mode')).toBe('m changes the mode.');
  expect(sentence('hms/life/other and main both changed')).toBe('hms/life/other and main both changed.');
  expect(sentence('feature/x has moved')).toBe('feature/x has moved.');
});

test('an agent’s name stays as it is written, wherever a sentence begins with it', () => {
  expect(sentence('srv has no worktree')).toBe('srv has no worktree.');
  expect(sentence('other works in it')).toBe('other works in it.');
  expect(sentence('web2 is frozen: nothing is let through')).toBe('web2 is frozen: nothing is let through.');
  expect(sentence('nobody has asked')).toBe('Nobody has asked.');
  expect(sentence('there is no agent x')).toBe('There is no agent x.');
  expect(sentence('the engine is gone')).toBe('The engine is gone.');
});

test('an error of ours is no fault of the program, any other is', () => {
  expect(explain(new HmsError('gone', 'the engine has gone', 'hms ls'), false)).toBe(
    'hms: The engine has gone.\n     hms ls.',
  );
  expect(explain(new Error('x is not a function'), false)).toMatch(/fault of hms-tui itself/);
});
