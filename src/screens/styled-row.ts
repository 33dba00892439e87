/** A row of text with colours (SGR and nothing else) as cells. */
import stringWidth from 'string-width';
import { graphemes } from '../model/graphemes.ts';
import { isNarrow } from '../model/text.ts';
import {
  ATTRIBUTES,
  BG,
  BLANK,
  BOLD,
  cellOf,
  DIM,
  FG,
  INVERSE,
  ITALIC,
  OVERLINE,
  PALETTE,
  RGB,
  RIGHT_HALF,
  STRIKE,
  UNDERLINE_COLOUR,
  underlined,
  underlineOf,
  WORDS,
} from './cell.ts';
import { DOT, type Glyphs } from './glyphs.ts';

interface Pen {
  fg: number;
  bg: number;
  attributes: number;
  underlineColour: number;
}

const ASCII = /^[\x20-\x7e]*$/;
const SEQUENCE = /\x1b\[([\d;:]*)m|\x1b\[[0-?]*[ -/]*[@-~]/g;

/** Exactly `width` columns, cut or filled with blanks. Sequences that are no colours are left out. */
export function styledRow(ansi: string, width: number, glyphs: Glyphs): Uint32Array {
  const cells = new Uint32Array(width * WORDS);
  const pen: Pen = { fg: 0, bg: 0, attributes: 0, underlineColour: 0 };
  let x = 0;
  let from = 0;
  for (const match of ansi.matchAll(SEQUENCE)) {
    x = write(cells, x, width, ansi.slice(from, match.index), pen, glyphs);
    if (match[1] !== undefined) apply(pen, match[1]);
    from = match.index + match[0].length;
  }
  x = write(cells, x, width, ansi.slice(from), pen, glyphs);
  for (; x < width; x++) cells[x * WORDS] = BLANK;
  return cells;
}

function write(
  cells: Uint32Array,
  from: number,
  width: number,
  text: string,
  pen: Pen,
  glyphs: Glyphs,
): number {
  let x = from;
  if (ASCII.test(text)) {
    for (let i = 0; i < text.length && x < width; i++) x = put(cells, x, text.charCodeAt(i), 1, pen);
    return x;
  }
  if (isNarrow(text)) {
    for (const char of text) if (x < width) x = put(cells, x, glyphs.of(char, 1), 1, pen);
    return x;
  }
  for (const { segment } of graphemes(text)) {
    const columns = stringWidth(segment);
    if (columns === 0 || x >= width) continue;
    const size = columns === 2 && x + 2 <= width ? 2 : 1;
    x = put(cells, x, columns > size ? 0x20 : glyphs.of(segment, size), size, pen);
  }
  return x;
}

function put(cells: Uint32Array, x: number, glyph: number, size: number, pen: Pen): number {
  const narrow = size === 1 || glyph === 0x20 || glyph === DOT;
  for (let i = 0; i < size; i++) {
    const index = (x + i) * WORDS;
    cells[index] = i === 0 ? cellOf(glyph, narrow ? 1 : 2) : narrow ? BLANK : RIGHT_HALF;
    cells[index + FG] = pen.fg;
    cells[index + BG] = pen.bg;
    cells[index + ATTRIBUTES] = pen.attributes;
    cells[index + UNDERLINE_COLOUR] = underlineOf(pen.attributes) === 0 ? 0 : pen.underlineColour;
  }
  return x + size;
}

const ON: Readonly<Record<number, number>> = {
  1: BOLD,
  2: DIM,
  3: ITALIC,
  4: underlined(1),
  7: INVERSE,
  9: STRIKE,
  21: underlined(2),
  53: OVERLINE,
};
const OFF: Readonly<Record<number, number>> = {
  22: BOLD | DIM,
  23: ITALIC,
  24: underlined(7),
  27: INVERSE,
  29: STRIKE,
  55: OVERLINE,
};

/** ECMA-48 SGR with the colours of ISO 8613-6, separated by `;`. */
function apply(pen: Pen, parameters: string): void {
  const codes = parameters.split(/[;:]/).map(Number);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 0) Object.assign(pen, { fg: 0, bg: 0, attributes: 0, underlineColour: 0 });
    else if (code === 38 || code === 48 || code === 58) {
      const direct = codes[i + 1] === 2;
      const [r = 0, g = 0, b = 0] = codes.slice(i + 2, i + 5);
      const colour = direct ? RGB | (r << 16) | (g << 8) | b : PALETTE | (codes[i + 2] ?? 0);
      i += direct ? 4 : 2;
      if (code === 38) pen.fg = colour;
      else if (code === 48) pen.bg = colour;
      else pen.underlineColour = colour;
    } else if (code >= 30 && code <= 37) pen.fg = PALETTE | (code - 30);
    else if (code >= 90 && code <= 97) pen.fg = PALETTE | (code - 82);
    else if (code >= 40 && code <= 47) pen.bg = PALETTE | (code - 40);
    else if (code >= 100 && code <= 107) pen.bg = PALETTE | (code - 92);
    else if (code === 39) pen.fg = 0;
    else if (code === 49) pen.bg = 0;
    else if (code === 59) pen.underlineColour = 0;
    else pen.attributes = (pen.attributes & ~(OFF[code] ?? 0)) | (ON[code] ?? 0);
  }
}
