import fc from 'fast-check';
import { expect, test } from 'vitest';
import { insert, type LineState, newLine, press } from '../../src/console/line.ts';

function keys(line: LineState, ...pressed: string[]): LineState {
  return pressed.reduce((l, key) => press(l, key, key.length === 1 ? key : '') ?? l, line);
}

test('typing, moving and removing', () => {
  expect(keys(newLine(), 'g', 'i', 't', 'left', 'backspace', 'o')).toMatchObject({ text: 'got', cursor: 2 });
  expect(keys(newLine('one two'), 'ctrl-w').text).toBe('one ');
  expect(keys(newLine('one two'), 'ctrl-a', 'delete').text).toBe('ne two');
  expect(keys(newLine('one two'), 'alt-b', 'ctrl-k').text).toBe('one ');
  expect(keys(newLine('one two'), 'ctrl-u').text).toBe('');
});

test('a character of several code points is one character', () => {
  expect(keys(newLine('a👩‍👩‍👧é'), 'left', 'backspace').text).toBe('aé');
});

test('line breaks come only where they are allowed', () => {
  expect(keys(newLine('a'), 'ctrl-j').text).toBe('a');
  expect(keys(newLine('a', true), 'ctrl-j').text).toBe('a\n');
  expect(insert(newLine('a'), 'b\r\nc').text).toBe('ab c');
  expect(insert(newLine('a', true), 'b\r\nc').text).toBe('ab\nc');
});

test('up and down keep the column as far as the line goes', () => {
  const line = newLine('long line\nab\nlonger line', true);
  expect(keys({ ...line, cursor: 7 }, 'down').cursor).toBe('long line\nab'.length);
  expect(keys({ ...line, cursor: 11 }, 'up').cursor).toBe(1);
  expect(keys({ ...line, cursor: 11 }, 'down').cursor).toBe('long line\nab\nl'.length);
});

test('control characters of a paste do not get in', () => {
  expect(insert(newLine(), 'a\x1b[31mb\x07\x9b').text).toBe('a[31mb');
});

test('the cursor stays inside the text, whatever is pressed', () => {
  const key = fc.constantFrom(
    'left',
    'right',
    'up',
    'down',
    'home',
    'end',
    'backspace',
    'delete',
    'ctrl-w',
    'ctrl-u',
    'ctrl-k',
    'alt-b',
    'alt-f',
    'ctrl-j',
    'x',
    'é',
    '👍',
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.array(key, { maxLength: 40 }), (text, pressed) => {
      let line = newLine(text.replace(/[\x00-\x1f]/g, '\n'), true);
      for (const k of pressed) {
        line = press(line, k, [...k].length === 1 ? k : '') ?? line;
        expect(line.cursor).toBeGreaterThanOrEqual(0);
        expect(line.cursor).toBeLessThanOrEqual(line.text.length);
      }
    }),
  );
});
