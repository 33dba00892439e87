import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { isNarrow, neutralise, oneLine } from '../../src/model/text.ts';

const HARMFUL =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ue000-\uf8ff]/u;

describe('neutralise', () => {
  test('shows an escape sequence instead of obeying it', () => {
    expect(neutralise('\u001b[31mred\u0007')).toBe('␛[31mred␇');
  });
  test('shows bidirectional overrides, as in Trojan Source', () => {
    expect(neutralise('a\u202eb')).toBe('a⟨U+202E⟩b');
  });
  test('leaves lines, tabs, umlauts, CJK and emoji alone', () => {
    const text = 'Füße\n\t你好 👩‍💻';
    expect(neutralise(text)).toBe(text);
  });
  test('lone surrogates do not survive', () => {
    expect(neutralise('\ud800x')).not.toContain('\ud800');
  });
  test('whatever comes in, nothing harmful comes out, and a second time changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), text => {
        const once = neutralise(text);
        expect(once).not.toMatch(HARMFUL);
        expect(neutralise(once)).toBe(once);
      }),
    );
  });
});

describe('oneLine', () => {
  test('says that it cut', () => {
    expect(oneLine('x'.repeat(500), 10)).toBe(`${'x'.repeat(9)}…`);
  });
  test('is one line of at most so many characters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 500 }),
        fc.integer({ min: 1, max: 80 }),
        (text, max) => {
          const line = oneLine(text, max);
          expect(line).not.toContain('\n');
          expect(Array.from(line).length).toBeLessThanOrEqual(max);
        },
      ),
    );
  });
});

test('what is taken for narrow has one column a character, alone and together', () => {
  const narrow = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(char =>
    isNarrow(char),
  );
  expect(narrow.filter(char => stringWidth(char) !== 1)).toEqual([]);
  expect(stringWidth(narrow.join(''))).toBe(narrow.length);
});
