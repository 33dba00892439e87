/**
 * A part of a screen as rows of text with colours. Whatever a program wrote, what comes out is printable characters
 * and colour sequences (SGR) and nothing else, and every row is exactly as wide as asked.
 */
import type { IBuffer, IBufferCell } from '@xterm/headless';
import stringWidth from 'string-width';

/** Which part of a screen is shown: its upper left corner. */
interface Corner {
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

export interface RowOptions {
  readonly width: number;
  readonly height: number;
  readonly corner: Corner;
  /** Where to show a cursor, if anywhere. */
  readonly cursor?: Corner | undefined;
}

const RESET = '\x1b[0m';
// Controls of all kinds, marks that turn the direction of text, and separators that break lines: these never leave
// a cell. Joiners and selectors stay: they make up emoji.
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
/** Stands where a character would not take the columns it has on the screen. */
const ODD = '·';

/** `height` rows of `width` columns; beyond the screen's edges there are blanks. */
export function screenRows(buffer: IBuffer, options: RowOptions): string[] {
  const rows: string[] = [];
  for (let y = 0; y < options.height; y++) rows.push(screenRow(buffer, options, y));
  return rows;
}

/** What stands in some columns: text exactly that wide, and how it looks. */
interface Piece {
  readonly text: string;
  readonly width: number;
  readonly style: string;
}

function screenRow(buffer: IBuffer, { width, corner, cursor }: RowOptions, row: number): string {
  const y = corner.y + row;
  // The emulator's ring of lines answers for lines beyond its end too.
  const line = y < buffer.length ? buffer.getLine(buffer.baseY + y) : undefined;
  const pieces: Piece[] = [];
  let cell: IBufferCell | undefined;
  for (let x = corner.x; x < corner.x + width; ) {
    cell = line?.getCell(x, cell);
    const left = corner.x + width - x;
    const span = cell?.getWidth() ?? 1;
    const atCursor =
      cursor !== undefined && cursor.y === y && cursor.x >= x && cursor.x < x + Math.max(1, span);
    const style = styleOf(cell, atCursor);
    // A wide character cut by either edge is blank: half of it cannot be shown.
    const whole = cell !== undefined && span >= 1 && span <= left;
    const size = whole ? span : 1;
    pieces.push({ text: whole && cell ? textOf(cell, size) : ' ', width: size, style });
    x += size;
  }
  return join(exact(pieces, width));
}

function textOf(cell: IBufferCell, width: number): string {
  const chars = cell.getChars();
  if (chars === '' || cell.isInvisible()) return ' '.repeat(width);
  // The bulk of every screen.
  if (chars.length === 1 && chars >= ' ' && chars <= '~') return chars;
  const safe = chars.toWellFormed().replace(UNPRINTABLE, '');
  if (safe === '') return ' '.repeat(width);
  return stringWidth(safe) === width ? safe : ODD.padEnd(width);
}

/**
 * Characters of neighbouring cells can join into one when printed side by side (flags, conjuncts). Where that would
 * change the width of the row, the one that does it gives way.
 */
function exact(pieces: readonly Piece[], width: number): readonly Piece[] {
  const plain = pieces.map(piece => piece.text).join('');
  if (/^[ -~\u2500-\u259f]*$/.test(plain) || stringWidth(plain) === width) return pieces;
  let text = '';
  let columns = 0;
  return pieces.map(piece => {
    columns += piece.width;
    if (stringWidth(text + piece.text) === columns) {
      text += piece.text;
      return piece;
    }
    const instead = ODD.padEnd(piece.width);
    text += instead;
    return { ...piece, text: instead };
  });
}

function join(pieces: readonly Piece[]): string {
  let out = '';
  let style = '';
  for (const piece of pieces) {
    if (piece.style !== style) {
      out += style === '' ? piece.style : RESET + piece.style;
      style = piece.style;
    }
    out += piece.text;
  }
  return style === '' ? out : out + RESET;
}

/**
 * The sequences that make a cell look as it does, each in a sequence of its own (some who read them take no lists).
 * Blinking is left out on purpose: what moves on the console is the console's.
 */
function styleOf(cell: IBufferCell | undefined, atCursor: boolean): string {
  if (!cell) return atCursor ? sgr('7') : '';
  const inverse = (cell.isInverse() !== 0) !== atCursor;
  if (cell.isAttributeDefault()) return inverse ? sgr('7') : '';
  let style = '';
  if (cell.isBold()) style += sgr('1');
  if (cell.isDim()) style += sgr('2');
  if (cell.isItalic()) style += sgr('3');
  if (cell.isUnderline()) style += sgr('4');
  if (inverse) style += sgr('7');
  if (cell.isStrikethrough()) style += sgr('9');
  if (cell.isOverline()) style += sgr('53');
  if (cell.isFgRGB()) style += rgb('38', cell.getFgColor());
  else if (cell.isFgPalette()) style += palette(30, 90, '38', cell.getFgColor());
  if (cell.isBgRGB()) style += rgb('48', cell.getBgColor());
  else if (cell.isBgPalette()) style += palette(40, 100, '48', cell.getBgColor());
  return style;
}

function sgr(code: string): string {
  return `\x1b[${code}m`;
}

function rgb(code: string, colour: number): string {
  return sgr(`${code};2;${(colour >> 16) & 0xff};${(colour >> 8) & 0xff};${colour & 0xff}`);
}

function palette(base: number, bright: number, code: string, colour: number): string {
  if (colour < 8) return sgr(String(base + colour));
  if (colour < 16) return sgr(String(bright + colour - 8));
  return sgr(`${code};5;${colour}`);
}
