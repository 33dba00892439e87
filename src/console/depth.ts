/**
 * Fits colours to the terminal, on the way out: panes and themes speak true colour, the terminal gets what it can show.
 * NO_COLOR (no-color.org) keeps weight, underline and reverse.
 */

export type Depth = 'none' | '16' | '256' | 'true';

/** From the environment, as Node's `getColorDepth` sees it: bits per pixel 1, 4, 8 or 24. */
export function depthOf(env: NodeJS.ProcessEnv, bits: number): Depth {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return 'none';
  return bits >= 24 ? 'true' : bits >= 8 ? '256' : bits >= 4 ? '16' : 'none';
}

const SGR = /\x1b\[([\d;:]*)m/g;

/** `ansi` with every colour brought down to `depth`. Other sequences pass unchanged. */
export function atDepth(ansi: string, depth: Depth): string {
  if (depth === 'true' || !ansi.includes('\x1b[')) return ansi;
  return ansi.replace(SGR, (whole, parameters: string) => {
    if (parameters === '' || parameters === '0') return whole;
    const codes = convert(parameters.split(/[;:]/).map(Number), depth);
    return codes.length === 0 ? '' : `\x1b[${codes.join(';')}m`;
  });
}

function convert(codes: readonly number[], depth: Depth): readonly number[] {
  const out: number[] = [];
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48 || code === 58) {
      const direct = codes[i + 1] === 2;
      const colour = direct ? toRgb(codes.slice(i + 2, i + 5)) : fromIndex(codes[i + 2] ?? 0);
      i += direct ? 4 : 2;
      if (depth !== 'none' && code !== 58) out.push(...reduce(code, colour, depth));
      continue;
    }
    const colour = (code >= 30 && code <= 39) || (code >= 40 && code <= 49) || (code >= 90 && code <= 107);
    if (!(colour && depth === 'none')) out.push(code);
  }
  return out;
}

type Rgb = readonly [number, number, number];

function toRgb([r = 0, g = 0, b = 0]: readonly number[]): Rgb {
  return [r, g, b];
}

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

function fromIndex(index: number): Rgb {
  if (index < 16) return BASE[index] ?? [0, 0, 0];
  if (index >= 232) return toRgb(Array(3).fill(8 + (index - 232) * 10));
  const n = index - 16;
  return [STEPS[Math.floor(n / 36)] ?? 0, STEPS[Math.floor(n / 6) % 6] ?? 0, STEPS[n % 6] ?? 0];
}

function reduce(kind: number, colour: Rgb, depth: Depth): readonly number[] {
  if (depth === '256') return [kind, 5, nearest256(colour)];
  const index = nearestOf(colour, BASE);
  const base = kind === 38 ? 30 : 40;
  return [index < 8 ? base + index : base + 52 + index];
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
