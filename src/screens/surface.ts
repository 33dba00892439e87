/**
 * A rectangle of cells to draw on. What is drawn later lies over what was drawn before, wherever their edges are; a
 * wide character that an edge cuts leaves a blank in the look it had.
 */
import { ATTRIBUTES, BLANK, cellOf, RIGHT_HALF, WORDS, widthOf } from './cell.ts';
import { DOT, type Glyphs } from './glyphs.ts';

/** Columns and rows from 0. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export class Surface {
  readonly cols: number;
  readonly rows: number;
  readonly glyphs: Glyphs;
  readonly cells: Uint32Array;

  constructor(cols: number, rows: number, glyphs: Glyphs) {
    this.cols = cols;
    this.rows = rows;
    this.glyphs = glyphs;
    this.cells = new Uint32Array(cols * rows * WORDS);
    this.clear();
  }

  clear(): void {
    this.cells.fill(0);
    for (let i = 0; i < this.cells.length; i += WORDS) this.cells[i] = BLANK;
  }

  /** Index of a cell's first word. */
  at(x: number, y: number): number {
    return (y * this.cols + x) * WORDS;
  }

  /** The part of `area` that lies on the surface. */
  clip({ x, y, w, h }: Area): Area {
    const [left, top] = [Math.max(0, x), Math.max(0, y)];
    return {
      x: left,
      y: top,
      w: Math.max(0, Math.min(this.cols, x + w) - left),
      h: Math.max(0, Math.min(this.rows, y + h) - top),
    };
  }

  /** Blanks the halves of wide characters that stand across the edges of columns `from` to `to` (exclusive). */
  cut(y: number, from: number, to: number): void {
    this.#cutAt(y, from);
    this.#cutAt(y, to);
  }

  #cutAt(y: number, x: number): void {
    if (x <= 0 || x >= this.cols) return;
    const right = this.at(x, y);
    if (widthOf(this.cells[right] ?? BLANK) !== 0) return;
    this.cells[right] = BLANK;
    this.cells[right - WORDS] = BLANK;
  }

  /**
   * Puts a character with the look that the words after it already have; two columns wide, its right half too. The
   * caller sees to it that it fits and that what it covers is cut.
   */
  put(index: number, glyph: number, width: number): void {
    const { cells } = this;
    if (width === 2) {
      const narrow = glyph === 0x20 || glyph === DOT;
      cells[index] = cellOf(glyph, narrow ? 1 : 2);
      cells[index + WORDS] = narrow ? BLANK : RIGHT_HALF;
      for (let word = 1; word < WORDS; word++) cells[index + WORDS + word] = cells[index + word] ?? 0;
    } else cells[index] = cellOf(glyph, 1);
  }

  /** Lays finished cells over row `y` from column `x`, as many as fit. */
  lay(cells: Uint32Array, x: number, y: number): void {
    const from = Math.max(0, x);
    const to = Math.min(this.cols, x + cells.length / WORDS);
    if (y < 0 || y >= this.rows || from >= to) return;
    this.cut(y, from, to);
    this.cells.set(cells.subarray((from - x) * WORDS, (to - x) * WORDS), this.at(from, y));
    this.#mend(y, from, to);
  }

  /** Blanks the halves whose other half was not laid. */
  #mend(y: number, from: number, to: number): void {
    const first = this.at(from, y);
    const last = this.at(to - 1, y);
    if (widthOf(this.cells[first] ?? BLANK) === 0) this.cells[first] = BLANK;
    if (widthOf(this.cells[last] ?? BLANK) === 2) this.cells[last] = BLANK;
  }

  /** Turns attributes over in `w` columns; of a wide character that begins before or ends behind them, in both halves. */
  turn(x: number, y: number, w: number, attributes: number): void {
    if (y < 0 || y >= this.rows) return;
    let from = Math.max(0, x);
    let to = Math.min(this.cols, x + w);
    if (from >= to) return;
    if (from > 0 && widthOf(this.cells[this.at(from, y)] ?? BLANK) === 0) from -= 1;
    if (to < this.cols && widthOf(this.cells[this.at(to, y)] ?? BLANK) === 0) to += 1;
    for (let index = this.at(from, y); index < this.at(to, y); index += WORDS) {
      this.cells[index + ATTRIBUTES] = (this.cells[index + ATTRIBUTES] ?? 0) ^ attributes;
    }
  }
}
