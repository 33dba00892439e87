/**
 * Characters by number. What gets a number is printable and takes exactly the columns it says, whatever a program
 * wrote; what does not, or could be anything, is shown as a dot.
 */
import stringWidth from 'string-width';
import { columns } from './widths.ts';

// Controls of all kinds, marks that turn the direction of text, and separators that break lines: these never leave
// a cell. Joiners and selectors stay: they make up emoji.
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
/** Stands where a character would not take the columns it has on the screen. */
const ODD = '·';
export const DOT = 128;
/** UTF-16 units of one character that are shown; a family of four in colours has 27. */
const LONGEST = 32;
/** Characters known at once. More than any screen has use for; whoever makes up more makes us start anew. */
const MOST = 1 << 16;

/** Single characters that every terminal counts alike and joins to nothing. */
function isPlain(code: number): boolean {
  return (
    (code >= 0x20 && code < 0x300 && code !== 0xad) ||
    (code >= 0x370 && code <= 0x482) ||
    (code >= 0x48a && code <= 0x52f) ||
    (code >= 0x2010 && code <= 0x2027) ||
    (code >= 0x2190 && code <= 0x2193) ||
    (code >= 0x2500 && code <= 0x259f) ||
    (code >= 0x2800 && code <= 0x28ff) ||
    (code >= 0x3041 && code <= 0x3096) ||
    (code >= 0x30a1 && code <= 0x30ff) ||
    (code >= 0x3400 && code <= 0x9fff) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xff01 && code <= 0xff60)
  );
}

export class Glyphs {
  readonly #texts: string[] = [...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)), ODD];
  readonly #loose: boolean[] = Array<boolean>(129).fill(false);
  readonly #byText = new Map<string, number>([[ODD, DOT]]);
  /** Key: width, then what stands in the cell. */
  readonly #byCell = new Map<string, number>();
  /** Key: code point × 4 + width. */
  readonly #byCode = new Map<number, number>();
  readonly #joins = new Map<number, boolean>();

  /** Is it time to start anew? */
  get full(): boolean {
    return this.#byCell.size > MOST;
  }

  /** As `of`, for one code point. */
  ofCode(code: number, width: number): number {
    if (code === 0) return 0x20;
    if (code >= 0x20 && code < 0x7f && width === 1) return code;
    const key = code * 4 + width;
    const known = this.#byCode.get(key);
    if (known !== undefined) return known;
    const glyph = this.of(code <= 0x10ffff ? String.fromCodePoint(code) : '', width);
    this.#byCode.set(key, glyph);
    return glyph;
  }

  /** The number of what stands in a cell of that width. A space's or DOT, which are narrow, where it is not shown. */
  of(chars: string, width: number): number {
    const key = `${width}${chars}`;
    const known = this.#byCell.get(key);
    if (known !== undefined) return known;
    const glyph = this.#add(shown(chars, width));
    // Whatever is too long to be shown is too long to be kept.
    if (chars.length <= LONGEST) this.#byCell.set(key, glyph);
    return glyph;
  }

  text(glyph: number): string {
    return this.#texts[glyph] ?? ' ';
  }

  /** Terminals may disagree on its width, or join it to what stands beside it: what follows is placed anew. */
  isLoose(glyph: number): boolean {
    return glyph >= 128 && this.#loose[glyph] === true;
  }

  /** Would a terminal take `right` for a part of the character before it? */
  joins(left: number, right: number): boolean {
    if (!this.isLoose(left) && !this.isLoose(right)) return false;
    const key = left * 0x1_00_00_00 + right;
    const known = this.#joins.get(key);
    if (known !== undefined) return known;
    let state = 0;
    for (const char of this.text(left)) state = columns.charProperties(char.codePointAt(0) ?? 0, state);
    const joined = (columns.charProperties(this.text(right).codePointAt(0) ?? 0, state) & 1) === 1;
    if (this.#joins.size > MOST) this.#joins.clear();
    this.#joins.set(key, joined);
    return joined;
  }

  #add(text: string): number {
    const [first = ' '] = text;
    const code = first.codePointAt(0) ?? 0x20;
    if (code < 128 && text.length === 1) return code;
    const same = this.#byText.get(text);
    if (same !== undefined) return same;
    const glyph = this.#texts.length;
    this.#texts.push(text);
    this.#loose.push(text !== first || !isPlain(code));
    this.#byText.set(text, glyph);
    return glyph;
  }
}

/** What is printed for it: itself, a space, or a dot. */
function shown(chars: string, width: number): string {
  if (chars.length > LONGEST) return ODD;
  const safe = chars.toWellFormed().replace(UNPRINTABLE, '');
  if (safe.trim() === '') return ' ';
  return stringWidth(safe) === width ? safe : ODD;
}
