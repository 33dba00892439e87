import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stageOutput } from '../../../src/console/stage/output.ts';
import { askedBy } from '../../../src/console/stage/replies.ts';

function through(chunks: readonly string[]) {
  const output = stageOutput(() => {});
  const text = chunks.map(chunk => output.read(Buffer.from(chunk, 'latin1')).toString('latin1')).join('');
  return { text, bracketed: output.bracketed };
}

describe('what tmux writes to a stage', () => {
  test('passes as it is, less the alternate screen, the title and the brackets around pastes', () => {
    const tmux =
      '\x1b[?1049h\x1b[22;0;0t\x1b[?1h\x1b[H\x1b[2J\x1b[?2004h\x1b[31mred\x1b[m\x1b[?1049l\x1b[23;0;0t';
    expect(through([tmux])).toEqual({ text: '\x1b[?1h\x1b[H\x1b[2J\x1b[31mred\x1b[m', bracketed: true });
  });

  test('remembers whether the agent wants brackets now', () => {
    expect(through(['\x1b[?2004h', 'x', '\x1b[?2004l']).bracketed).toBe(false);
  });

  test('is the same wherever the reads end', () => {
    const parts = [
      'text',
      '\x1b[?1049h',
      '\x1b[?2004h',
      '\x1b[?2004l',
      '\x1b[1;31m',
      '\x1b[22;0;0t',
      '\x1b(B',
      '\xe2\x94\x80',
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...parts), { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (given, cuts) => {
          const all = given.join('');
          const at = [...new Set(cuts.map(cut => cut % (all.length + 1)))].sort((a, b) => a - b);
          const chunks = [0, ...at].map((from, i) => all.slice(from, at[i] ?? all.length));
          expect(through(chunks)).toEqual(through([all]));
        },
      ),
    );
  });
});

describe('answers of the terminal', () => {
  test('pass once for each time tmux has asked', () => {
    const asked = askedBy(() => 0);
    expect(asked.take('da1')).toBe(false);
    asked.note('\x1b[c some text \x1b[>c\x1b[>q\x1b]11;?\x1b\\\x1b[>c');
    expect([asked.take('da1'), asked.take('da1')]).toEqual([true, false]);
    expect([asked.take('da2'), asked.take('da2'), asked.take('da2')]).toEqual([true, true, false]);
    expect(asked.take('xtversion')).toBe(true);
    expect(asked.take('background')).toBe(true);
    expect(asked.take('foreground')).toBe(false);
  });

  test('that come when tmux has given up waiting are nobody’s: it would type them into the agent', () => {
    let at = 0;
    const asked = askedBy(() => at);
    asked.note('\x1b[>q');
    at = 5000;
    asked.note('\x1b[>q');
    expect([asked.take('xtversion'), asked.take('xtversion')]).toEqual([false, true]);
  });
});
