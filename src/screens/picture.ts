/** A terminal's screen onto a surface, cell by cell, without a string in between. */
import type { IBuffer, IBufferCell } from '@xterm/headless';
import {
  ATTRIBUTES,
  BG,
  BLANK,
  BOLD,
  DIM,
  FG,
  INVERSE,
  ITALIC,
  OVERLINE,
  PALETTE,
  RGB,
  STRIKE,
  UNDERLINE_COLOUR,
  underlined,
  WORDS,
} from './cell.ts';
import type { Area, Surface } from './surface.ts';

/** Which part of a screen is shown: its upper left corner. Rows count from the top of what the program writes to. */
export interface Corner {
  readonly x: number;
  readonly y: number;
}

interface Extent {
  readonly cols: number;
  readonly rows: number;
  /** Where the cursor is, from 0. */
  readonly cursorX: number;
  readonly cursorY: number;
}

/** The corner from which `width` × `height` cells show the cursor, and as much of the start as that allows. */
export function cornerFor(screen: Extent, width: number, height: number): Corner {
  const along = (cursor: number, size: number, view: number): number =>
    Math.max(0, Math.min(cursor - view + 1, size - view));
  return { x: along(screen.cursorX, screen.cols, width), y: along(screen.cursorY, screen.rows, height) };
}

/** What the emulator's cells have beyond what it declares. */
interface RichCell extends IBufferCell {
  isCombined(): number;
  getUnderlineStyle(): number;
  getUnderlineColor(): number;
  isUnderlineColorRGB(): boolean;
  isUnderlineColorPalette(): boolean;
  readonly extended: { readonly urlId: number };
}

function isRich(cell: IBufferCell): cell is RichCell {
  return 'isCombined' in cell && 'getUnderlineStyle' in cell && 'extended' in cell;
}

/**
 * Draws the part of `buffer` at `corner` into `area`; beyond the screen's edges there are blanks. A wide character
 * that the part cuts is blank, in its colours.
 */
export function drawScreen(surface: Surface, area: Area, buffer: IBuffer, corner: Corner): void {
  const { x: left, y: top, w, h } = surface.clip(area);
  if (w === 0 || h === 0) return;
  const dx = corner.x + left - area.x;
  const dy = corner.y + top - area.y;
  const { cells, glyphs } = surface;
  const scratch = buffer.getNullCell();
  const beside = buffer.getNullCell();
  for (let row = 0; row < h; row++) {
    const y = top + row;
    surface.cut(y, left, left + w);
    const line = dy + row;
    // The emulator's ring of lines answers for lines beyond its end too.
    const source = line < buffer.length - buffer.baseY ? buffer.getLine(buffer.baseY + line) : undefined;
    let index = surface.at(left, y);
    for (let column = 0; column < w; ) {
      const cell = source?.getCell(dx + column, scratch);
      if (cell === undefined) {
        cells.fill(0, index, index + WORDS);
        cells[index] = BLANK;
        index += WORDS;
        column += 1;
        continue;
      }
      look(cells, index, cell);
      const width = cell.getWidth();
      // A half without its other half cannot be shown. (The emulator leaves such halves too.)
      const whole =
        width === 2 && column + 2 <= w && source?.getCell(dx + column + 1, beside)?.getWidth() === 0;
      const size = whole ? 2 : 1;
      if (width === 0 || width > size || cell.isInvisible()) surface.put(index, 0x20, size);
      else if (!isRich(cell) || cell.isCombined()) surface.put(index, glyphs.of(cell.getChars(), size), size);
      else surface.put(index, glyphs.ofCode(cell.getCode(), size), size);
      index += size * WORDS;
      column += size;
    }
  }
}

/** Blinking is left out on purpose: what moves on the console is the console's. So are links. */
function look(cells: Uint32Array, index: number, cell: IBufferCell): void {
  let attributes = 0;
  let underlineColour = 0;
  if (!cell.isAttributeDefault()) {
    if (cell.isBold()) attributes |= BOLD;
    if (cell.isDim()) attributes |= DIM;
    if (cell.isItalic()) attributes |= ITALIC;
    if (cell.isInverse()) attributes |= INVERSE;
    if (cell.isStrikethrough()) attributes |= STRIKE;
    if (cell.isOverline()) attributes |= OVERLINE;
    if (cell.isUnderline()) {
      // A link is shown as plainly underlined.
      const rich = isRich(cell) && cell.extended.urlId === 0;
      attributes |= underlined(rich ? cell.getUnderlineStyle() || 1 : 1);
      if (rich && cell.isUnderlineColorRGB()) underlineColour = RGB | cell.getUnderlineColor();
      else if (rich && cell.isUnderlineColorPalette()) underlineColour = PALETTE | cell.getUnderlineColor();
    }
    cells[index + FG] = cell.isFgRGB()
      ? RGB | cell.getFgColor()
      : cell.isFgPalette()
        ? PALETTE | cell.getFgColor()
        : 0;
    cells[index + BG] = cell.isBgRGB()
      ? RGB | cell.getBgColor()
      : cell.isBgPalette()
        ? PALETTE | cell.getBgColor()
        : 0;
  } else {
    cells[index + FG] = 0;
    cells[index + BG] = 0;
  }
  cells[index + ATTRIBUTES] = attributes;
  cells[index + UNDERLINE_COLOUR] = underlineColour;
}
