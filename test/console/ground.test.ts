/** The terminal's answer about its background: read, never taken for keys, however it comes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerFilter, canAsk, groundFrom, groundOf } from '../../src/console/ground.ts';

describe('what the answer says', () => {
  test.each([
    ['rgb:1e1e/2222/2a2a', 'dark'],
    ['rgb:ff/ff/ff', 'light'],
    ['rgb:f/f/e', 'light'],
    ['rgba:fdfd/f6f6/e3e3/ffff', 'light'],
    ['rgb:0000/0000/ffff', 'dark'],
    ['rgb:zz/00/00', undefined],
    ['?', undefined],
  ])('%s → %s', (answer, ground) => {
    expect(groundOf(answer)).toBe(ground);
  });

  test.each([
    ['15;0', 'dark'],
    ['0;15', 'light'],
    ['0;default;7', 'light'],
    ['12;8', 'dark'],
    ['0;default', undefined],
    ['15;99', undefined],
  ])('COLORFGBG=%s → %s', (value, ground) => {
    expect(groundFrom({ COLORFGBG: value })).toBe(ground);
  });

  test('terminals that would print the question are not asked', () => {
    expect(['xterm-256color', 'tmux-256color'].every(TERM => canAsk({ TERM }))).toBe(true);
    expect(['linux', 'dumb', 'vt100'].some(TERM => canAsk({ TERM }))).toBe(false);
    expect(canAsk({})).toBe(false);
  });
});

/** A filter with a clock that is moved by hand. */
function filtering() {
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  let now = 0;
  let keys = '';
  const answers: string[] = [];
  const feed = answerFilter(
    (ms, run) => {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    bytes => {
      keys += Buffer.from(bytes).toString('latin1');
    },
    answer => answers.push(answer),
  );
  return {
    type: (text: string) => feed(Buffer.from(text, 'latin1')),
    wait(ms: number) {
      now += ms;
      for (const timer of [...timers]) {
        if (timer.at > now) continue;
        timers.delete(timer);
        timer.run();
      }
    },
    get keys() {
      return keys;
    },
    answers,
  };
}

const ANSWER = '\x1b]11;rgb:ffff/ffff/ffff\x07';

test('keys around the answer arrive in order, the answer does not, wherever the reads are cut', () => {
  const parts = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 12 });
  const end = fc.constantFrom('\x07', '\x1b\\');
  fc.assert(
    fc.property(
      fc.constantFrom('', 'a', '\x1b[A', 'ab]11;'),
      fc.constantFrom('', 'j', '\x1b', 'é'),
      end,
      parts,
      (before, behind, close, cuts) => {
        const filter = filtering();
        const all = Buffer.from(`${before}${ANSWER.slice(0, -1)}${close}${behind}`).toString('latin1');
        const edges = [0, ...cuts.filter(n => n < all.length).sort((a, b) => a - b), all.length];
        for (const [i, from] of edges.slice(0, -1).entries()) filter.type(all.slice(from, edges[i + 1]));
        filter.wait(10_000);
        expect(filter.keys).toBe(Buffer.from(before + behind).toString('latin1'));
        expect(filter.answers).toEqual(['rgb:ffff/ffff/ffff']);
      },
    ),
  );
});

test('Escape alone is a key, a little later', () => {
  const filter = filtering();
  filter.type('\x1b');
  expect(filter.keys).toBe('');
  filter.wait(50);
  expect(filter.keys).toBe('\x1b');
});

test('an answer of which the rest never comes is no key; a terminal that never answers costs nothing', () => {
  const half = filtering();
  half.type(ANSWER.slice(0, 12));
  half.wait(10_000);
  half.type('j');
  expect(half.keys).toBe('j');
  const silent = filtering();
  silent.wait(10_000);
  silent.type('\x1b');
  expect(silent.keys).toBe('\x1b');
});

test('later answers are somebody else’s', () => {
  const filter = filtering();
  filter.type(ANSWER);
  filter.type(ANSWER);
  expect(filter.keys).toBe(ANSWER);
  expect(filter.answers.length).toBe(1);
});
