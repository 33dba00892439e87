/**
 * How a composed cell is kept: five 32-bit words in a row of them, so that frames are compared and copied as numbers.
 *
 * word 0: glyph (24 bits, see glyphs.ts) and width (0 the right half of a wide one, 1, 2)
 * words 1, 2, 4: colours of text, ground and underline: 0 the terminal's own, PALETTE | index, RGB | 0xrrggbb
 * word 3: attributes, with the kind of underline (0 none, 1 single … 5 dashed) in bits 8–10
 */

export const WORDS = 5;
export const FG = 1;
export const BG = 2;
export const ATTRIBUTES = 3;
export const UNDERLINE_COLOUR = 4;

export const PALETTE = 1 << 24;
export const RGB = 2 << 24;

export const BOLD = 1;
export const DIM = 2;
export const ITALIC = 4;
export const INVERSE = 8;
export const STRIKE = 16;
export const OVERLINE = 32;
const UNDERLINE = 8;

export function underlined(kind: number): number {
  return kind << UNDERLINE;
}

export function underlineOf(attributes: number): number {
  return (attributes >> UNDERLINE) & 7;
}

const WIDTH = 24;
const GLYPH = 0xff_ff_ff;

export function cellOf(glyph: number, width: number): number {
  return (width << WIDTH) | glyph;
}

export function glyphOf(word: number): number {
  return word & GLYPH;
}

export function widthOf(word: number): number {
  return word >>> WIDTH;
}

/** A space. (Glyphs of ASCII are their own code points.) */
export const BLANK = cellOf(0x20, 1);
/** The right half of a wide character. */
export const RIGHT_HALF = 0;
