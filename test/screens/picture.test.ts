import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { INVERSE } from '../../src/screens/cell.ts';
import { type Corner, cornerFor, drawScreen } from '../../src/screens/picture.ts';
import { screenTerminal } from '../../src/screens/terminal.ts';
import { drawn, styledRows } from '../support/rows.ts';

interface Part {
  readonly width: number;
  readonly height: number;
  readonly corner: Corner;
  /** A cell that is reversed, as the cursor's is. */
  readonly cursor?: Corner;
}

/** What a screen of that size looks like after these bytes. */
async function rowsOf(data: string | Uint8Array, cols: number, rows: number, part: Partial<Part> = {}) {
  const { width = cols, height = rows, corner = { x: 0, y: 0 }, cursor } = part;
  const { terminal } = screenTerminal(cols, rows);
  await new Promise<void>(resolve => terminal.write(data, resolve));
  const surface = drawn(width, height, (to, area) => drawScreen(to, area, terminal.buffer.active, corner));
  if (cursor) surface?.turn(cursor.x, cursor.y, 1, INVERSE);
  terminal.dispose();
  return surface ? styledRows(surface) : [];
}

const SGR = /\x1b\[[0-9;:]*m/g;
const plain = (row: string) => row.replace(SGR, '');

describe('a drawn screen', () => {
  test('text and colours come out, each look in one sequence, ended at the end of the row', async () => {
    const [row] = await rowsOf('a\x1b[1;31mb\x1b[0;48;2;1;2;3mc\x1b[38;5;200;4md\x1b[0m', 6, 1);
    expect(row).toBe('a\x1b[1;31mb\x1b[0;48;2;1;2;3mc\x1b[4;38;5;200md\x1b[m  ');
  });

  test('bright colours, and coloured blanks', async () => {
    const [row] = await rowsOf('\x1b[94;103mx\x1b[K', 3, 1);
    expect(row).toBe('\x1b[94;103mx\x1b[39m  \x1b[m');
  });

  test('titles, links, bells, clipboards and questions to the terminal do not come out', async () => {
    const hostile =
      'a\x1b]2;title\x07b\x1b]8;;http://x\x1b\\c\x1b]8;;\x1b\\\x07d\x1b]52;c;AAAA\x07e\x1b[6n\x1bP+q\x1b\\f\x1b_x\x1b\\g\x1b[?1000h\x1b[5mh\x1b[0m';
    const [row = ''] = await rowsOf(hostile, 10, 1);
    expect(plain(row)).toBe('abcdefgh  ');
  });

  test('marks that turn the direction of text or break lines do not come out', async () => {
    const [row] = await rowsOf('a\u202eb\u2066c\u2028d\u200be', 8, 1);
    expect(row).toMatch(/^[ -~]+$/);
    expect(stringWidth(row ?? '')).toBe(8);
  });

  test('hidden text is blank', async () => {
    const [row = ''] = await rowsOf('\x1b[8msecret\x1b[0m.', 8, 1);
    expect(plain(row)).toBe('      . ');
  });

  test('a wide character cut by an edge becomes blanks', async () => {
    const text = '字字字字';
    const at = (x: number, width: number) => rowsOf(text, 8, 1, { corner: { x, y: 0 }, width });
    expect(await at(0, 3)).toEqual(['字 ']);
    expect(await at(1, 3)).toEqual([' 字']);
    expect(await at(1, 4)).toEqual([' 字 ']);
    expect(await at(1, 1)).toEqual([' ']);
  });

  test('beyond the screen there are blanks', async () => {
    expect(await rowsOf('ab', 2, 1, { width: 4, height: 3 })).toEqual(['ab  ', '    ', '    ']);
  });

  test('the cursor is a reversed cell, also on a wide character and on a reversed one', async () => {
    expect(await rowsOf('ab', 3, 1, { cursor: { x: 1, y: 0 } })).toEqual(['a\x1b[7mb\x1b[m ']);
    expect(await rowsOf('字b', 3, 1, { cursor: { x: 1, y: 0 } })).toEqual(['\x1b[7m字\x1b[mb']);
    expect(await rowsOf('\x1b[7mab', 3, 1, { cursor: { x: 0, y: 0 } })).toEqual(['a\x1b[7mb\x1b[m ']);
  });

  test.each([
    ['emoji', '👩🙂', '👩🙂 ', 5],
    ['a family is one character', '👨‍👩‍👧|', '👨‍👩‍👧|', 3],
    ['a skin colour', '👍🏽|', '👍🏽|', 3],
    ['an emoji by its selector', '⚠️|', '⚠️|', 3],
    ['a flag', '🇩🇪|', '🇩🇪|', 3],
    ['an accent', 'e\u0301|', 'e\u0301|', 2],
    ['hangul', '한글', '한글', 4],
  ])('%s takes the columns it has', async (_, text, row, width) => {
    expect(await rowsOf(text, width, 1)).toEqual([row]);
  });

  test('whatever bytes a program wrote: exact width, printable characters and colour sequences only', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map(bytes => Buffer.from(bytes).toString('latin1')),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom(
        '\x1b[31m',
        '\x1b[1;7m',
        '\x1b[2J',
        '\x1b[H',
        '\x1b[5;3H',
        '\x1b]0;x\x07',
        '\x1b(0',
        'lqk',
        '\x1b[?1049h',
        '🇩',
        '\u200d',
        '\ufe0f',
        '🏽',
        '字',
        'क्',
        'ष',
        '\u0e33',
        '\u0600',
        '1',
        '\u1100',
        '\u1161',
        '\ue0b0',
        '\u202e',
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 30 }),
        fc.record({
          x: fc.nat({ max: 12 }),
          y: fc.nat({ max: 6 }),
          width: fc.integer({ min: 1, max: 24 }),
          height: fc.integer({ min: 1, max: 8 }),
        }),
        async (pieces, { x, y, width, height }) => {
          const rows = await rowsOf(pieces.join(''), 20, 6, {
            corner: { x, y },
            width,
            height,
            cursor: { x: 2, y: 1 },
          });
          expect(rows).toHaveLength(height);
          for (const row of rows) {
            const text = plain(row);
            expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
            expect(text.isWellFormed()).toBe(true);
            // Nothing is left switched on for whoever prints next.
            expect(row.includes('\x1b') ? row.lastIndexOf('\x1b[m') : 0).toBe(
              row.includes('\x1b') ? row.lastIndexOf('\x1b') : 0,
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the part that is shown', () => {
  const screen = (cursorX: number, cursorY: number) => ({ cols: 80, rows: 24, cursorX, cursorY });

  test('is the beginning while the cursor is in it', () => {
    expect(cornerFor(screen(5, 3), 40, 10)).toEqual({ x: 0, y: 0 });
  });

  test('follows the cursor to the end, never beyond the screen', () => {
    expect(cornerFor(screen(79, 23), 40, 10)).toEqual({ x: 40, y: 14 });
    expect(cornerFor(screen(50, 12), 40, 10)).toEqual({ x: 11, y: 3 });
  });

  test('always has the cursor in it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 100 }),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 200 }),
        (cols, rows, a, b, width, height) => {
          const [cursorX, cursorY] = [a % cols, b % rows];
          const { x, y } = cornerFor({ cols, rows, cursorX, cursorY }, width, height);
          expect(x <= cursorX && cursorX < x + width && y <= cursorY && cursorY < y + height).toBe(true);
          expect(x >= 0 && y >= 0 && (width >= cols ? x === 0 : x + width <= cols)).toBe(true);
        },
      ),
    );
  });
});
