/** The look a terminal prints in, and the shortest sequence that changes it. ECMA-48 SGR. */
import {
  ATTRIBUTES,
  BG,
  BOLD,
  DIM,
  FG,
  INVERSE,
  ITALIC,
  OVERLINE,
  STRIKE,
  UNDERLINE_COLOUR,
  underlined,
  underlineOf,
} from './cell.ts';

export type Ground = 'text' | 'ground' | 'underline';

/**
 * SGR parameters for a colour (0, PALETTE | index, RGB | 0xrrggbb) as this terminal can show it: `38;5;9`, `39`; ''
 * where it can show none.
 */
export type Colours = (ground: Ground, colour: number) => string;

const ONS: readonly (readonly [bit: number, code: string])[] = [
  [BOLD, '1'],
  [DIM, '2'],
  [ITALIC, '3'],
  [INVERSE, '7'],
  [STRIKE, '9'],
  [OVERLINE, '53'],
];
const UNDERLINE_BITS = underlined(7);

export class Pen {
  readonly #colours: Colours;
  #fg = 0;
  #bg = 0;
  #attributes = 0;
  #underline = 0;

  constructor(colours: Colours) {
    this.#colours = colours;
  }

  /** Is this the look of the cell at `index`? */
  is(cells: Uint32Array, index: number): boolean {
    return (
      cells[index + FG] === this.#fg &&
      cells[index + BG] === this.#bg &&
      cells[index + ATTRIBUTES] === this.#attributes &&
      cells[index + UNDERLINE_COLOUR] === this.#underline
    );
  }

  /** Takes on the look of the cell at `index`; what must be written for it. */
  take(cells: Uint32Array, index: number): string {
    if (this.is(cells, index)) return '';
    const fg = cells[index + FG] ?? 0;
    const bg = cells[index + BG] ?? 0;
    const attributes = cells[index + ATTRIBUTES] ?? 0;
    const underline = cells[index + UNDERLINE_COLOUR] ?? 0;
    if (fg === 0 && bg === 0 && attributes === 0) return this.reset();
    const codes: string[] = [];
    // Bold and dim are switched off together, and few terminals agree on the rest: off is off for all.
    if ((this.#attributes & ~attributes) !== 0) {
      codes.push('0');
      this.reset();
    }
    const on = attributes & ~this.#attributes;
    for (const [bit, code] of ONS) if (on & bit) codes.push(code);
    if (on & UNDERLINE_BITS) codes.push(underlineOf(attributes) === 1 ? '4' : `4:${underlineOf(attributes)}`);
    if (fg !== this.#fg) codes.push(this.#colours('text', fg));
    if (bg !== this.#bg) codes.push(this.#colours('ground', bg));
    if (underline !== this.#underline) codes.push(this.#colours('underline', underline));
    this.#fg = fg;
    this.#bg = bg;
    this.#attributes = attributes;
    this.#underline = underline;
    const parameters = codes.filter(code => code !== '').join(';');
    return parameters === '' ? '' : `\x1b[${parameters}m`;
  }

  /** Back to the terminal's own look. */
  reset(): string {
    const plain = this.#fg === 0 && this.#bg === 0 && this.#attributes === 0 && this.#underline === 0;
    this.#fg = 0;
    this.#bg = 0;
    this.#attributes = 0;
    this.#underline = 0;
    return plain ? '' : '\x1b[m';
  }
}
