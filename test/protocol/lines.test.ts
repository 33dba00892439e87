import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HmsError } from '../../src/model/errors.ts';
import { MAX_DEPTH, MAX_VALUES } from '../../src/protocol/limits.ts';
import { parse, splitter } from '../../src/protocol/lines.ts';

/** Splits `bytes` at the given places, in any order and number. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map(p => p % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

function readAll(chunks: readonly Buffer[], maxLine: number): (Buffer | HmsError)[] {
  const split = splitter(maxLine);
  return chunks.flatMap(chunk => [...split(chunk)]);
}

describe('cutting a stream into lines', () => {
  test('does not depend on where the chunks end, also inside a character', () => {
    const values = fc.array(fc.jsonValue({ noUnicodeString: false }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(values, fc.array(fc.nat(), { maxLength: 40 }), (sent, places) => {
        const bytes = Buffer.from(sent.map(value => `${JSON.stringify(value)}\n`).join(''));
        const got = readAll(cut(bytes, places), 1 << 20).map(line =>
          line instanceof HmsError ? line : parse(line, false),
        );
        expect(got).toEqual(sent.map(value => JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  test('a line of exactly the limit passes, one byte more is too large, however it is cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), fc.array(fc.nat(), { maxLength: 9 }), (limit, places) => {
        const fits = Buffer.from(`${'x'.repeat(limit - 1)}\n`);
        expect(readAll(cut(fits, places), limit)).toEqual([fits.subarray(0, -1)]);
        const over = Buffer.from(`${'x'.repeat(limit)}\n`);
        const got = readAll(cut(over, places), limit);
        expect(got[0]).toMatchObject({ code: 'too-large' });
      }),
    );
  });

  test('a line that never ends is refused before it is whole', () => {
    const split = splitter(1000);
    const seen: unknown[] = [];
    for (let i = 0; i < 1000 && seen.length === 0; i++) seen.push(...split(Buffer.from('y')));
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ code: 'too-large' });
  });

  test('single bytes add up to the line', () => {
    const text = JSON.stringify({ text: 'é'.repeat(3000) });
    const split = splitter(1 << 20);
    const got = [...Buffer.from(`${text}\n`)].flatMap(byte => [...split(Buffer.from([byte]))]);
    expect(got.map(String)).toEqual([text]);
  });
});

describe('reading one line', () => {
  test.each([
    ['an open brace', Buffer.from('{')],
    ['two values', Buffer.from('{} {}')],
    ['a lone continuation byte', Buffer.from([0x22, 0x80, 0x22])],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['a byte order mark', Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d])],
  ])('%s is malformed', (_what, bytes) => {
    expect(parse(bytes, false)).toMatchObject({ code: 'malformed' });
  });

  test('an empty line is nothing', () => {
    expect(parse(Buffer.alloc(0), false)).toBeUndefined();
  });

  test('what is too deep or too much to check is malformed from a stranger, not from the engine', () => {
    const deep = Buffer.from('['.repeat(MAX_DEPTH + 1) + ']'.repeat(MAX_DEPTH + 1));
    expect(parse(deep, false)).toMatchObject({ code: 'malformed' });
    expect(parse(deep, true)).toBeInstanceOf(Array);
    expect(parse(Buffer.from('['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH)), false)).toBeInstanceOf(Array);
    const wide = Buffer.from(JSON.stringify(Array(MAX_VALUES).fill(0)));
    expect(parse(wide, false)).toMatchObject({ code: 'malformed' });
    expect(parse(wide, true)).toHaveLength(MAX_VALUES);
    expect(parse(Buffer.from('['.repeat(400_000)), false)).toMatchObject({ code: 'malformed' });
  });
});
