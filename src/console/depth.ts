/**
 * Fits colours to the terminal, on the way out: panes and themes speak true colour, the terminal gets what it can show.
 * NO_COLOR (no-color.org) keeps weight, underline and reverse.
 */
import { PALETTE } from '../screens/cell.ts';
import type { Colours, Ground } from '../screens/pen.ts';

export type Depth = 'none' | '16' | '256' | 'true';

/** From the environment, as Node's `getColorDepth` sees it: bits per pixel 1, 4, 8 or 24. */
export function depthOf(env: NodeJS.ProcessEnv, bits: number): Depth {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 'none';
  return bits >= 24 ? 'true' : bits >= 8 ? '256' : bits >= 4 ? '16' : 'none';
}

/** Colours kept as worked out; a screen of noise has more than anybody looks at. */
const KEPT = 4096;

/** How colours are written for a terminal of this depth. */
export function coloursAt(depth: Depth): Colours {
  if (depth === 'none') return () => '';
  const known = new Map<number, string>();
  return (ground, colour) => {
    // Terminals without true colour seldom know of coloured underlines.
    if (ground === 'underline' && depth !== 'true') return '';
    if (colour === 0) return `${BASE_CODE[ground] + 1}`;
    const key = BASE_CODE[ground] * 2 ** 32 + colour;
    let code = known.get(key);
    if (code === undefined) {
      code = written(ground, fitted(colour, depth));
      if (known.size >= KEPT) known.clear();
      known.set(key, code);
    }
    return code;
  };
}

const BASE_CODE: Readonly<Record<Ground, number>> = { text: 38, ground: 48, underline: 58 };

type Colour = { readonly index: number } | { readonly rgb: Rgb };

function fitted(colour: number, depth: Depth): Colour {
  const index = (colour & ~0xff) === PALETTE ? colour & 0xff : undefined;
  const rgb: Rgb = [(colour >> 16) & 0xff, (colour >> 8) & 0xff, colour & 0xff];
  if (index !== undefined && (depth !== '16' || index < 16)) return { index };
  if (depth === 'true') return { rgb };
  if (depth === '256') return { index: nearest256(rgb) };
  return { index: nearestOf(index === undefined ? rgb : fromIndex(index), BASE) };
}

function written(ground: Ground, colour: Colour): string {
  const code = BASE_CODE[ground];
  if ('rgb' in colour) {
    const [r, g, b] = colour.rgb;
    // A terminal that does not know 58 must not take its numbers for attributes: colons keep them together.
    return ground === 'underline' ? `${code}:2::${r}:${g}:${b}` : `${code};2;${r};${g};${b}`;
  }
  const { index } = colour;
  if (ground === 'underline') return `${code}:5:${index}`;
  if (index < 8) return `${code - 8 + index}`;
  return index < 16 ? `${code + 52 + index - 8}` : `${code};5;${index}`;
}

type Rgb = readonly [number, number, number];

const STEPS = [0, 95, 135, 175, 215, 255] as const;

/** xterm's usual palette. */
const BASE: readonly Rgb[] = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [0, 0, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
  [127, 127, 127],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [92, 92, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
];

/** What xterm shows for a colour of its palette, 0 to 255. */
export function fromIndex(index: number): Rgb {
  if (index < 16) return BASE[index] ?? [0, 0, 0];
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return [grey, grey, grey];
  }
  const n = index - 16;
  return [STEPS[Math.floor(n / 36)] ?? 0, STEPS[Math.floor(n / 6) % 6] ?? 0, STEPS[n % 6] ?? 0];
}

function nearest256(colour: Rgb): number {
  const [r, g, b] = colour.map(c =>
    nearestOf(
      [c, c, c],
      STEPS.map(s => [s, s, s] as const),
    ),
  );
  const cube: Rgb = [STEPS[r ?? 0] ?? 0, STEPS[g ?? 0] ?? 0, STEPS[b ?? 0] ?? 0];
  const mean = (colour[0] + colour[1] + colour[2]) / 3;
  const step = Math.max(0, Math.min(23, Math.round((mean - 8) / 10)));
  const grey = 8 + step * 10;
  if (distance(colour, [grey, grey, grey]) < distance(colour, cube)) return 232 + step;
  return 16 + 36 * (r ?? 0) + 6 * (g ?? 0) + (b ?? 0);
}

function nearestOf(colour: Rgb, palette: readonly Rgb[]): number {
  let best = 0;
  for (const [i, candidate] of palette.entries()) {
    if (distance(colour, candidate) < distance(colour, palette[best] ?? [0, 0, 0])) best = i;
  }
  return best;
}

function distance(a: Rgb, b: Rgb): number {
  return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2;
}
