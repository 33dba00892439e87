/** What must be written to a terminal to turn one frame into another. */
import { BLANK, cellOf, glyphOf, WORDS, widthOf } from './cell.ts';
import { DOT } from './glyphs.ts';
import { type Colours, Pen } from './pen.ts';
import type { Surface } from './surface.ts';

/** Unchanged cells that are written again rather than jumped over: a jump is four bytes too. */
const GAP = 4;

/**
 * Characters of neighbouring cells can join into one when printed side by side (flags, emoji). Where they would, the
 * right one gives way to a dot, so that every terminal shows every cell where it is. Changes `frame`.
 */
function keepApart({ cells, glyphs, cols }: Surface, from: number): void {
  let left = 0x20;
  for (let x = 0, index = from; x < cols; x++, index += WORDS) {
    const cell = cells[index] ?? BLANK;
    const width = widthOf(cell);
    if (width === 0) continue;
    const glyph = glyphOf(cell);
    if ((glyph > DOT || left > DOT) && glyphs.joins(left, glyph)) {
      cells[index] = cellOf(DOT, 1);
      if (width === 2) cells[index + WORDS] = BLANK;
      left = DOT;
    } else left = glyph;
  }
}

/**
 * Cursor movements, SGR and text; '' when nothing differs. `before` is what the terminal shows, of the same size; the
 * terminal's look is the plain one, before and after.
 */
export function changes(before: Surface, after: Surface, colours: Colours): string {
  const { cols, rows, cells, glyphs } = after;
  const pen = new Pen(colours);
  let out = '';
  for (let y = 0; y < rows; y++) {
    const start = after.at(0, y);
    keepApart(after, start);
    // Where the terminal's cursor is for sure on this row; -1 when that is not known.
    let cursor = -1;
    for (let x = 0; x < cols; ) {
      const index = start + x * WORDS;
      const cell = cells[index] ?? BLANK;
      const width = Math.max(1, widthOf(cell));
      if (same(before.cells, cells, index, width * WORDS)) {
        x += width;
        continue;
      }
      if (cursor < 0) out += cursor === -1 ? `\x1b[${y + 1};${x + 1}H` : `\x1b[${x + 1}G`;
      else if (cursor < x) out += bridge(after, start, cursor, x, pen);
      const glyph = glyphOf(cell);
      out += pen.take(cells, index);
      if (glyphs.isLoose(glyph)) {
        // A terminal that draws it narrower leaves what was there before: blank that first.
        if (width === 2) out += `  \x1b[${x + 1}G`;
        out += glyphs.text(glyph);
        cursor = -2;
      } else {
        out += glyphs.text(glyph);
        cursor = x + width;
      }
      x += width;
      // Behind the last column terminals differ on where they are.
      if (x === cols && cursor > 0) cursor = -2;
    }
  }
  return out + pen.reset();
}

function same(a: Uint32Array, b: Uint32Array, from: number, words: number): boolean {
  for (let i = from; i < from + words; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** From column `from` to column `to` over unchanged cells: written again if that is as short. */
function bridge({ cells, glyphs }: Surface, start: number, from: number, to: number, pen: Pen): string {
  if (to - from > GAP) return `\x1b[${to - from}C`;
  let text = '';
  for (let x = from; x < to; x++) {
    const index = start + x * WORDS;
    const glyph = glyphOf(cells[index] ?? BLANK);
    if (glyph >= 128 || widthOf(cells[index] ?? BLANK) !== 1 || !pen.is(cells, index))
      return `\x1b[${to - from}C`;
    text += glyphs.text(glyph);
  }
  return text;
}

/** Synchronized output, DECSET 2026: the terminal shows all of it at once. */
export function atOnce(text: string): string {
  return `\x1b[?2026h${text}\x1b[?2026l`;
}
