/** The ground a theme paints: what stands where nobody said a colour, agents' screens included. */
import { BG, FG, RGB, WORDS } from '../screens/cell.ts';
import { groundIs } from './ground.ts';
import type { ThemeLook } from './theme.ts';

/** Colours as cells keep them. */
export interface Paper {
  readonly fg: number;
  readonly bg: number;
}

/** undefined where the terminal's own ground is left alone. Who paints a ground needs a text colour on it too. */
export function paperOf({ background, styles }: ThemeLook): Paper | undefined {
  if (!background.startsWith('#')) return undefined;
  const { fg = groundIs(background) === 'light' ? '#000000' : '#ffffff' } = styles.text;
  return { fg: cellColour(fg), bg: cellColour(background) };
}

function cellColour(hex: string): number {
  return RGB | Number.parseInt(hex.slice(1), 16);
}

/** Puts the paper under everything that has no colour of its own. */
export function putUnder(cells: Uint32Array, { fg, bg }: Paper): void {
  for (let i = 0; i < cells.length; i += WORDS) {
    if (cells[i + FG] === 0) cells[i + FG] = fg;
    if (cells[i + BG] === 0) cells[i + BG] = bg;
  }
}
