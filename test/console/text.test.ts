/** Columns, colours, diffs and edits: the small pure parts. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import {
  clip,
  columns,
  cut,
  cutName,
  ends,
  pad,
  paint,
  type Row,
  rowWidth,
  wrapHard,
  wrapWords,
} from '../../src/console/cells.ts';
import { coloursAt, depthOf } from '../../src/console/depth.ts';
import { diffLines } from '../../src/console/diff.ts';
import { editable, edited } from '../../src/console/editable.ts';
import { compile, TOKENS } from '../../src/console/theme.ts';
import { dark } from '../../src/console/themes.ts';
import { age, short } from '../../src/console/words.ts';
import { joinWords, splitWords } from '../../src/model/shell-words.ts';
import { neutralise } from '../../src/model/text.ts';
import { PALETTE, RGB } from '../../src/screens/cell.ts';

const plain = (ansi: string): string => ansi.replace(/\x1b\[[\d;]*m/g, '');
const words = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '漢', 'é', '👩‍👩‍👧', '–'), maxLength: 30 });
const theme = compile(dark);

describe('columns', () => {
  test('wide and joined characters are measured as terminals draw them', () => {
    expect(columns('漢字')).toBe(4);
    expect(columns('👩‍👩‍👧')).toBe(2);
    expect(cut('漢字', 3)).toBe('漢…');
    expect(pad('漢', 3)).toBe('漢 ');
  });

  test('a long name loses its middle, never the end that tells it apart', () => {
    expect(cutName('agent-number-17', 10)).toBe('agent-…-17');
    expect(cutName('agent-number-17', 15)).toBe('agent-number-17');
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 30 }), (name, width) => {
        expect(columns(cutName(name, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('a painted row is exactly as wide as asked, whatever is in it', () => {
    const row = fc.array(fc.tuple(words, fc.constantFrom(...TOKENS)), { maxLength: 5 });
    fc.assert(
      fc.property(row, fc.integer({ min: 1, max: 40 }), (spans, width) => {
        expect(stringWidth(plain(paint(spans, width, theme, 'selected')))).toBe(width);
        expect(rowWidth(clip(spans, width))).toBe(width);
      }),
    );
  });

  test('what does not fit is marked as cut', () => {
    expect(plain(paint([['abcdef', 'text']], 4, theme))).toBe('abc…');
    expect(
      plain(
        paint(
          [
            ['abcd', 'text'],
            ['ef', 'text'],
          ],
          4,
          theme,
        ),
      ),
    ).toBe('abc…');
    expect(plain(paint(ends([['abcdef', 'text']] satisfies Row, [['9', 'muted']], 5), 5, theme))).toBe(
      'abc…9',
    );
  });

  test('wrapping code keeps every character', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 2, max: 12 }), (text, width) => {
        const rows = wrapHard(text, width);
        expect(rows.join('')).toBe(text);
        for (const row of rows) expect(columns(row)).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('wrapping prose breaks at spaces', () => {
    expect(wrapWords('held by prod-guard', 8)).toEqual(['held by', 'prod-gua', 'rd']);
  });
});

describe('colour depth', () => {
  const rgb = (r: number, g: number, b: number): number => RGB | (r << 16) | (g << 8) | b;

  test('NO_COLOR takes every colour away', () => {
    const none = coloursAt('none');
    expect([none('text', rgb(255, 0, 0)), none('ground', PALETTE | 20), none('underline', 0)]).toEqual([
      '',
      '',
      '',
    ]);
  });

  test('true colour becomes the nearest of 256 or of 16', () => {
    expect(coloursAt('256')('text', rgb(255, 0, 0))).toBe('38;5;196');
    expect(coloursAt('256')('ground', rgb(128, 128, 128))).toBe('48;5;244');
    expect(coloursAt('16')('text', rgb(250, 5, 5))).toBe('91');
    expect(coloursAt('16')('ground', rgb(0, 0, 0))).toBe('40');
    expect(coloursAt('16')('text', PALETTE | 21)).toMatch(/^(34|94)$/);
  });

  test('the sixteen stay what they are, and none is the terminal’s own', () => {
    for (const depth of ['16', '256', 'true'] as const) {
      const colours = coloursAt(depth);
      expect([colours('text', PALETTE | 3), colours('ground', PALETTE | 12), colours('text', 0)]).toEqual([
        '33',
        '104',
        '39',
      ]);
    }
  });

  test('true colour passes unchanged, underlines in a form that others can skip', () => {
    const all = coloursAt('true');
    expect([all('text', rgb(1, 2, 3)), all('ground', PALETTE | 200), all('underline', rgb(1, 2, 3))]).toEqual(
      ['38;2;1;2;3', '48;5;200', '58:2::1:2:3'],
    );
  });

  test('the environment decides before the terminal does', () => {
    expect(depthOf({ NO_COLOR: '1' }, 24)).toBe('none');
    expect(depthOf({ NO_COLOR: '' }, 24)).toBe('true');
    expect([depthOf({}, 8), depthOf({}, 4), depthOf({}, 1)]).toEqual(['256', '16', 'none']);
  });
});

describe('a diff', () => {
  test('applied to the old text gives the new one', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 8 }).map(l => l.join('\n'));
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const diff = diffLines(before, after);
        const side = (signs: string): string =>
          diff
            .filter(l => signs.includes(l.sign))
            .map(l => l.text)
            .join('\n');
        expect(side(' -')).toBe(before);
        expect(side(' +')).toBe(after);
      }),
    );
  });

  test('is as short as it can be for a small change', () => {
    expect(diffLines('one\ntwo\nthree', 'one\n2\nthree').map(l => l.sign + l.text)).toEqual([
      ' one',
      '-two',
      '+2',
      ' three',
    ]);
  });

  test('of two large texts is complete, if not minimal', () => {
    const a = Array.from({ length: 2000 }, (_, i) => `a${i}`).join('\n');
    const b = Array.from({ length: 2000 }, (_, i) => `b${i}`).join('\n');
    expect(diffLines(a, b)).toHaveLength(4000);
  });
});

describe('what of an action is edited', () => {
  const action = (tool: string, input: Record<string, unknown>) => ({
    tool,
    input: JSON.parse(JSON.stringify(input)),
    cwd: '/',
  });

  test.each([
    [action('Bash', { command: 'ls', timeout: 5 }), 'command', 'ls'],
    [action('exec', { argv: ['git', 'status'] }), 'argv', 'git status'],
    [action('Edit', { file_path: 'a', old_string: 'x', new_string: 'y' }), 'new_string', 'y'],
    [action('Write', { file_path: 'a', content: 'text' }), 'content', 'text'],
    [action('Other', { depth: 3 }), '', '{\n  "depth": 3\n}'],
  ])('%o: %s', (a, field, text) => {
    expect(editable(a)).toEqual({ field, text });
    expect(edited(a, field, text)).toEqual({ input: a.input });
  });

  test('only the edited field changes', () => {
    expect(edited(action('Bash', { command: 'ls', timeout: 5 }), 'command', 'pwd')).toEqual({
      input: { command: 'pwd', timeout: 5 },
    });
  });

  test.each([
    ['argv', "it's", 'not closed'],
    ['argv', "'' x", 'names no program'],
    ['', '{', 'not JSON'],
    ['', '[1]', 'object'],
    ['command', '  ', 'nothing would run'],
  ])('%s %j is refused: %s', (field, text, problem) => {
    expect(edited(action('exec', { argv: ['a'] }), field, text)).toMatchObject({
      problem: expect.stringContaining(problem),
    });
  });
});

test('ages and paths in few characters', () => {
  expect([0, 41_000, 3_599_000, 3_720_000, 200_000_000].map(age)).toEqual([
    '0:00',
    '0:41',
    '59:59',
    '1h02',
    '2d',
  ]);
  expect(age(-5)).toBe('0:00');
  expect(short('/home/a/x', '/home/a')).toBe('~/x');
  expect(short('/home/abc', '/home/a')).toBe('/home/abc');
});

test('quoted words read back as the same words', () => {
  const word = fc.string({ unit: fc.constantFrom('a', ' ', "'", '"', '$', ';', '\\', '\n'), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), list => {
      expect(splitWords(joinWords(list))).toEqual(list);
    }),
  );
});

test('text that agents made cannot style or reverse what is around it', () => {
  const hostile = neutralise('\x1b[31mred\x1b]0;title\x07\u202eevil\u2066\ue000');
  const drawn = paint([[hostile, 'text']], 60, theme);
  expect(drawn.replace(/\x1b\[[\d;]*m/g, '')).not.toMatch(/[\x00-\x1f\u202a-\u202e\u2066-\u2069\ue000]/);
});
