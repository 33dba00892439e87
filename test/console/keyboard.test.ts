import { expect, test } from 'vitest';
import type { Happening } from '../../src/console/effects.ts';
import { keyboard } from '../../src/console/keyboard.ts';

function board(typing = false) {
  const happenings: Happening[] = [];
  const timers = new Set<() => void>();
  const at = { now: 1000 };
  const state = { typing };
  const read = keyboard({
    now: () => at.now,
    after: (_ms, run) => {
      timers.add(run);
      return () => void timers.delete(run);
    },
    act: h => void happenings.push(h),
    typing: () => state.typing,
  });
  const seen = () =>
    happenings.map(h => {
      if (h.type === 'typed')
        return `${h.paste ? 'pasted' : 'typed'}:${Buffer.from(h.bytes).toString('latin1')}`;
      if (h.type !== 'input') return h.type;
      return h.input.type === 'paste' ? `paste:${h.input.text}` : `${h.input.key}${h.input.burst ? '*' : ''}`;
    });
  return { send: (text: string | Uint8Array) => read(Buffer.from(text)), seen, at, timers, state };
}

test('keys pressed one by one are keys; keys that came together are marked as a burst', () => {
  const b = board();
  b.send('a');
  b.at.now += 100;
  b.send('ay');
  expect(b.seen()).toEqual(['a', 'a*', 'y*']);
});

test('the last byte of a long paste that was cut by the read is no key of its own', () => {
  const b = board();
  b.send('x'.repeat(100));
  b.at.now += 2;
  b.send('a');
  b.at.now += 8;
  b.send('a');
  b.at.now += 100;
  b.send('a');
  expect(b.seen().slice(1)).toEqual(['a*', 'a*', 'a']);
});

test('a paste in brackets ends where it says: the next key is a key', () => {
  const b = board();
  b.send('\x1b[200~some text\x1b[201~');
  b.at.now += 1;
  b.send('q');
  expect(b.seen()).toEqual(['paste:some text', 'q']);
});

test('Escape alone is a key once nothing followed, an arrow is never an Escape', () => {
  const b = board();
  b.send('\x1b');
  expect(b.seen()).toEqual([]);
  for (const run of b.timers) run();
  b.timers.clear();
  expect(b.seen()).toEqual(['esc']);
  b.at.now += 100;
  b.send('\x1b');
  b.send('[A');
  expect(b.seen()).toEqual(['esc', 'up']);
  expect(b.timers.size).toBe(0);
});

test('a character cut in two by the read is one character', () => {
  const b = board();
  const bytes = Buffer.from('é');
  b.send(bytes.subarray(0, 1));
  b.send(bytes.subarray(1));
  expect(b.seen()).toEqual(['é']);
});

test('while typing into an agent every byte goes to it untouched, but for Ctrl-\\', () => {
  const b = board(true);
  b.send('q\x03\x1b[A');
  b.send(Uint8Array.of(0xff, 0x00));
  expect(b.seen()).toEqual(['typed:q\x03\x1b[A', 'typed:\xff\x00']);
  b.send('ls\x1ca y');
  expect(b.seen().slice(2)).toEqual(['typed:ls', 'ctrl-\\']);
});

test('what comes right behind Ctrl-\\ is not taken for a decision', () => {
  const b = board(true);
  b.send('\x1c');
  b.state.typing = false;
  b.at.now += 5;
  b.send('a');
  expect(b.seen()).toEqual(['ctrl-\\', 'a*']);
});

test('a paste into an agent stays one paste, however it is read, and what surrounds it stays typed', () => {
  const b = board(true);
  b.send('a\x1b[200~two\nli');
  b.send('nes \x1c and more\x1b[20');
  b.send('1~b');
  expect(b.seen()).toEqual(['typed:a', 'pasted:two\nlines \x1c and more', 'typed:b']);
});
