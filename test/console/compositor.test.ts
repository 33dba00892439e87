import { describe, expect, test } from 'vitest';
import type { Layer } from '../../src/console/canvas.ts';
import { Compositor } from '../../src/console/compositor.ts';
import { coloursAt } from '../../src/console/depth.ts';
import { textRows } from '../support/rows.ts';

const block = (x: number, y: number, w: number, h: number, fill: string): Layer => ({
  rect: { x, y, w, h },
  rows: Array.from({ length: h }, () => fill.repeat(w)),
});
const text = (layers: readonly Layer[], cols: number, rows: number): string[] =>
  textRows(new Compositor(coloursAt('true')).compose(layers, cols, rows, () => {}));
const bare = (writes: string): string => writes.replace(/\x1b\[\?2026[hl]/g, '');

/** A compositor that has drawn `layers` already. */
function showing(layers: readonly Layer[], cols: number, rows: number) {
  const compositor = new Compositor(coloursAt('true'));
  const frame = (next: readonly Layer[], width = cols, height = rows): string =>
    compositor.frame(next, width, height, (pane, surface, area) => {
      const word = [...pane].map(char => surface.glyphs.of(char, 1));
      for (const [i, glyph] of word.entries()) surface.put(surface.at(area.x + i, area.y), glyph, 1);
    });
  frame(layers);
  return { frame, compositor };
}

describe('layers', () => {
  test('stand side by side; gaps are blank', () => {
    expect(text([block(0, 0, 2, 2, 'a'), block(4, 1, 2, 1, 'b')], 7, 3)).toEqual([
      'aa     ',
      'aa  bb ',
      '       ',
    ]);
  });

  test('a later one covers what it covers, in the middle of an earlier one and across its edges', () => {
    expect(text([block(0, 0, 5, 3, 'a'), block(3, 1, 3, 1, 'b'), block(1, 1, 1, 2, 'c')], 7, 3)).toEqual([
      'aaaaa  ',
      'acabbb ',
      'acaaa  ',
    ]);
  });

  test('a wide character that an edge cuts is blank', () => {
    const wide: Layer = { rect: { x: 0, y: 0, w: 6, h: 1 }, rows: ['字字字'] };
    expect(text([wide, block(1, 0, 3, 1, 'x')], 7, 1)).toEqual([' xxx字 ']);
    expect(text([{ ...wide, rect: { x: -1, y: 0, w: 6, h: 1 } }], 4, 1)).toEqual([' 字 ']);
    expect(text([{ ...wide, rect: { x: 0, y: 0, w: 3, h: 1 } }], 4, 1)).toEqual(['字  ']);
  });

  test('may reach beyond every edge', () => {
    expect(text([block(-2, -1, 4, 3, 'a'), block(3, 1, 9, 9, 'b')], 5, 3)).toEqual([
      'aa   ',
      'aa bb',
      '   bb',
    ]);
  });
});

describe('what is written', () => {
  test('is nothing when nothing differs', () => {
    const { frame } = showing([block(0, 0, 4, 2, 'a')], 6, 2);
    expect(frame([block(0, 0, 4, 2, 'a')])).toBe('');
  });

  test('is only the cells that differ, in one synchronized update', () => {
    const { frame } = showing([block(0, 0, 9, 2, 'a')], 9, 2);
    expect(frame([block(0, 0, 9, 2, 'a'), block(4, 1, 2, 1, 'b')])).toBe('\x1b[?2026h\x1b[2;5Hbb\x1b[?2026l');
  });

  test('goes over small gaps by printing and over large ones by a jump', () => {
    const { frame } = showing([block(0, 0, 30, 1, 'a')], 30, 1);
    const dots = [block(2, 0, 1, 1, 'x'), block(5, 0, 1, 1, 'x'), block(20, 0, 1, 1, 'x')];
    expect(bare(frame([block(0, 0, 30, 1, 'a'), ...dots]))).toBe('\x1b[1;3Hxaax\x1b[14Cx');
  });

  test('changes the look by as little as it can, and ends plain', () => {
    const { frame } = showing([], 12, 1);
    const row = (ansi: string): Layer => ({ rect: { x: 0, y: 0, w: 12, h: 1 }, rows: [ansi] });
    expect(bare(frame([row('\x1b[1;31ma\x1b[0m\x1b[1;32mb\x1b[0m\x1b[32mc\x1b[0md')]))).toBe(
      '\x1b[1;1H\x1b[1;31ma\x1b[32mb\x1b[0;32mc\x1b[md',
    );
  });

  test('is everything after a resize and when the terminal’s content is not known', () => {
    const { frame, compositor } = showing([block(0, 0, 2, 1, 'a')], 4, 1);
    expect(frame([block(0, 0, 2, 1, 'a')], 5, 1)).toContain('\x1b[2J\x1b[1;1Haa');
    compositor.forget();
    expect(frame([block(0, 0, 2, 1, 'a')], 5, 1)).toContain('\x1b[2J\x1b[1;1Haa');
  });

  test('a character terminals disagree on is placed for itself, on blanks', () => {
    const { frame } = showing([], 8, 1);
    expect(bare(frame([{ rect: { x: 0, y: 0, w: 8, h: 1 }, rows: ['a⚠️b'] }]))).toBe(
      '\x1b[1;1Ha  \x1b[2G⚠️\x1b[4Gb',
    );
  });

  test('holes show screens, over what was put before and below what is put after', () => {
    const hole: Layer = { rect: { x: 1, y: 0, w: 4, h: 1 }, pane: '%7' };
    const { frame } = showing([], 6, 1);
    expect(bare(frame([block(0, 0, 6, 1, '.'), hole, block(2, 0, 1, 1, 'o')]))).toBe('\x1b[1;1H.%o...');
  });

  test('programs that make up characters without end are shown, and forgotten', () => {
    const { frame } = showing([], 80, 24);
    const rows = (n: number): string[] =>
      Array.from({ length: 24 }, (_, y) =>
        Array.from(
          { length: 80 },
          (_, x) =>
            `e${String.fromCodePoint(0x300 + x)}${String.fromCodePoint(0x300 + ((y + n * 24) % 111))}`,
        ).join(''),
      );
    const rect = { x: 0, y: 0, w: 80, h: 24 };
    for (let n = 0; n < 60; n++)
      frame([{ rect, rows: rows(n).map(row => `${row}${n}`.slice(String(n).length)) }]);
    expect(frame([{ rect, rows: ['done'] }])).toContain('done');
  });
});
