import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  flushInput,
  MAX_PASTE,
  NO_INPUT,
  type Piece,
  patience,
  readInput,
} from '../../../src/console/stage/input.ts';
import { reservedKey } from '../../../src/console/stage/reserved.ts';

const KEY = reservedKey('ctrl-\\') ?? expect.fail('Ctrl-\\ can be reserved');

/** Reads chunk after chunk, then waits; keys that follow each other become one piece. */
function read(...chunks: readonly string[]): readonly Piece[] {
  const all: Piece[] = [];
  let input = NO_INPUT;
  for (const chunk of chunks) {
    const next = readInput(input, Buffer.from(chunk, 'latin1'), KEY);
    input = next.input;
    all.push(...next.pieces);
  }
  all.push(...flushInput(input).pieces);
  const merged: Piece[] = [];
  for (const piece of all) {
    const last = merged.at(-1);
    if (last?.is === 'keys' && piece.is === 'keys')
      merged.splice(-1, 1, { is: 'keys', bytes: Buffer.concat([last.bytes, piece.bytes]) });
    else merged.push(piece);
  }
  return merged;
}

const names = (pieces: readonly Piece[]): readonly string[] =>
  pieces.map(p => ('bytes' in p ? `${p.is} ${p.bytes.toString('latin1')}` : p.is));

const PARTS = [
  ['a', 'keys a'],
  ['\r', 'keys \r'],
  ['é', 'keys \xc3\xa9'],
  ['\x1b[A', 'keys \x1b[A'],
  ['\x1b[1;5C', 'keys \x1b[1;5C'],
  ['\x1bOP', 'keys \x1bOP'],
  ['\x1bx', 'keys \x1bx'],
  ['\x1c', 'reserved'],
  ['\x1b[92;5u', 'reserved'],
  ['\x1b[200~one\rtwo\x1b[201~', 'paste one\rtwo'],
  ['\x1b[200~\x1c\x1b[A\x1b[201~', 'paste \x1c\x1b[A'],
  ['\x1b[<64;10;3M', 'mouse \x1b[<64;10;3M'],
  ['\x1b[M !!', 'mouse \x1b[M !!'],
  ['\x1b[I', 'focus \x1b[I'],
  ['\x1b[?62;4c', 'reply \x1b[?62;4c'],
  ['\x1b[>41;354;0c', 'reply \x1b[>41;354;0c'],
  ['\x1bP>|xterm(370)\x1b\\', 'reply \x1bP>|xterm(370)\x1b\\'],
  ['\x1b]11;rgb:1e1e/2222/2a2a\x1b\\', 'reply \x1b]11;rgb:1e1e/2222/2a2a\x1b\\'],
  ['\x1b]10;rgb:ffff/ffff/ffff\x07', 'reply \x1b]10;rgb:ffff/ffff/ffff\x07'],
  ['\x1b[?2026;2$y', 'reply \x1b[?2026;2$y'],
] as const;

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

describe('what a terminal sends', () => {
  test.each(PARTS)('%j is %j', (sent, meant) => {
    expect(names(read(bytes(sent)))).toEqual([meant]);
  });

  test('is told apart wherever the reads end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...PARTS), { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (parts, cuts) => {
          const all = bytes(parts.map(([sent]) => sent).join(''));
          const at = [...new Set(cuts.map(cut => cut % (all.length + 1)))].sort((a, b) => a - b);
          // A reserved key alone in a read was pressed alone: inside a paste it ends that.
          fc.pre(!at.some((cut, i) => all.slice(cut, at[i + 1] ?? all.length) === '\x1c'));
          const chunks = [0, ...at].map((from, i) => all.slice(from, at[i] ?? all.length));
          fc.pre(chunks[0] !== '\x1c');
          expect(names(read(...chunks))).toEqual(names(read(all)));
        },
      ),
    );
  });

  test('of random bytes nothing is lost and nothing invented, outside pastes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (random, cut) => {
        const text = Buffer.from(random).toString('latin1').replaceAll('\x1b[200~', '');
        const out = read(text.slice(0, cut), text.slice(cut));
        expect(out.map(p => ('bytes' in p ? p.bytes.toString('latin1') : '\x1c')).join('')).toBe(text);
      }),
    );
  });

  test('the reserved key is found in the middle of other keys', () => {
    expect(names(read('ab\x1ccd'))).toEqual(['keys ab', 'reserved', 'keys cd']);
    expect(names(read('\x1b\x1c'))).toEqual(['keys \x1b', 'reserved']);
  });

  test('the reserved key alone in a read comes back from a paste that never ends', () => {
    expect(names(read('\x1b[200~half', '\x1c', 'x'))).toEqual(['reserved', 'keys x']);
  });

  test('a paste too long to keep is known as one, and what follows is keys again', () => {
    const [paste, after] = read('\x1b[200~', 'x'.repeat(MAX_PASTE * 3), '\x1b[20', '1~a');
    expect(paste).toMatchObject({ is: 'paste', whole: false });
    expect(after).toMatchObject({ is: 'keys', bytes: Buffer.from('a') });
  });

  test('a moved mouse and a button let go are not pressed; a click and the wheel are', () => {
    const pressed = (text: string) => read(text).map(p => p.is === 'mouse' && p.pressed);
    expect(pressed('\x1b[<0;1;1M')).toEqual([true]);
    expect(pressed('\x1b[<65;1;1M')).toEqual([true]);
    expect(pressed('\x1b[<0;1;1m')).toEqual([false]);
    expect(pressed('\x1b[<35;1;1M')).toEqual([false]);
  });

  test('an Escape alone waits a moment and is a key; half an answer is nothing', () => {
    const esc = readInput(NO_INPUT, Buffer.from('\x1b'), KEY);
    expect(esc.pieces).toEqual([]);
    expect(patience(esc.input)).toBeLessThan(50);
    expect(names(flushInput(esc.input).pieces)).toEqual(['keys \x1b']);
    const half = readInput(NO_INPUT, Buffer.from('\x1b]11;rgb:12'), KEY);
    expect(patience(half.input)).toBeGreaterThan(200);
    expect(flushInput(half.input).pieces).toEqual([]);
  });
});

describe('a reserved key', () => {
  test('is Ctrl and one character that people can do without', () => {
    expect(reservedKey('ctrl-]')).toMatchObject({ byte: 0x1d });
    expect(reservedKey('ctrl-g')).toMatchObject({ byte: 7 });
    expect(['ctrl-m', 'ctrl-i', 'f1', 'a', 'ctrl-alt-x', ''].map(reservedKey)).toEqual(
      Array(6).fill(undefined),
    );
  });
});
