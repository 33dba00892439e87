import { expect, test } from 'vitest';
import type { Happening } from '../../src/console/effects.ts';
import { keyboard } from '../../src/console/keyboard.ts';

function board() {
  const happenings: Happening[] = [];
  const timers = new Set<() => void>();
  const at = { now: 1000 };
  const read = keyboard({
    now: () => at.now,
    after: (_ms, run) => {
      timers.add(run);
      return () => void timers.delete(run);
    },
    act: h => void happenings.push(h),
  });
  const seen = () =>
    happenings.map(h => {
      if (h.type !== 'input') return h.type;
      return h.input.type === 'paste' ? `paste:${h.input.text}` : `${h.input.key}${h.input.burst ? '*' : ''}`;
    });
  return { send: (text: string | Uint8Array) => read(Buffer.from(text)), seen, at, timers };
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
