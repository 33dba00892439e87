/** Surfaces as text, for tests to look at. */
import { coloursAt } from '../../src/console/depth.ts';
import { BLANK, glyphOf, WORDS, widthOf } from '../../src/screens/cell.ts';
import { Glyphs } from '../../src/screens/glyphs.ts';
import { Pen } from '../../src/screens/pen.ts';
import { type Area, Surface } from '../../src/screens/surface.ts';

/** Rows as written: text and SGR sequences, each ended. */
export function styledRows(surface: Surface): string[] {
  const { cells, cols, glyphs } = surface;
  return Array.from({ length: surface.rows }, (_, y) => {
    const pen = new Pen(coloursAt('true'));
    let out = '';
    for (let x = 0; x < cols; x++) {
      const index = surface.at(x, y);
      const cell = cells[index] ?? BLANK;
      if (widthOf(cell) > 0) out += pen.take(cells, index) + glyphs.text(glyphOf(cell));
    }
    return out + pen.reset();
  });
}

/** Rows as text alone. */
export function textRows(surface: Surface): string[] {
  return Array.from({ length: surface.rows }, (_, y) => {
    let out = '';
    for (let index = surface.at(0, y); index < surface.at(0, y + 1); index += WORDS) {
      const cell = surface.cells[index] ?? BLANK;
      if (widthOf(cell) > 0) out += surface.glyphs.text(glyphOf(cell));
    }
    return out;
  });
}

/** What `draw` draws on a surface of its own; null when it says that it knows nothing. */
export function drawn(
  cols: number,
  rows: number,
  draw: (surface: Surface, area: Area) => unknown,
): Surface | null {
  const surface = new Surface(cols, rows, new Glyphs());
  return draw(surface, { x: 0, y: 0, w: cols, h: rows }) === false ? null : surface;
}
