/** Box drawing as lines: fonts differ in how far theirs reach, and frames would have gaps. Sizes in pixels. */

export const CELL = { w: 8, h: 17 } as const;

/** Lines are stroked in one of these ways. */
export type Stroke = 'light' | 'heavy';

/** `d` of an SVG path, and how it is stroked. */
export interface Lines {
  readonly stroke: Stroke;
  readonly d: string;
}

/** What leaves the middle of the cell: up, right, down, left; 1 light, 2 heavy, 3 double. */
const ARMS: ReadonlyMap<string, string> = new Map(
  [
    '─0101 │1010 ┌0110 ┐0011 └1100 ┘1001 ├1110 ┤1011 ┬0111 ┴1101 ┼1111 ╭0110 ╮0011 ╰1100 ╯1001',
    '━0202 ┃2020 ┏0220 ┓0022 ┗2200 ┛2002 ┣2220 ┫2022 ┳0222 ┻2202 ╋2222',
    '═0303 ║3030 ╔0330 ╗0033 ╚3300 ╝3003 ╞1310 ╡1013 ╟3130 ╢3031 ╠3330 ╣3033',
  ].flatMap(row => row.split(' ').map(entry => [entry.slice(0, 1), entry.slice(1)] as const)),
);
const ROUND = '╭╮╰╯';
/** Between the two lines of a double one, half. */
const APART = 1.5;
const RADIUS = 4;

/** Lines for one character whose cell begins at (x, y); undefined for what is no box drawing. */
export function boxLines(char: string, x: number, y: number): Lines | undefined {
  const arms = ARMS.get(char);
  if (arms === undefined) return undefined;
  const [up = 0, right = 0, down = 0, left = 0] = Array.from(arms, Number);
  const middle = { x: x + CELL.w / 2, y: y + CELL.h / 2 };
  const stroke = arms.includes('2') ? 'heavy' : 'light';
  if (ROUND.includes(char)) {
    const toX = right ? x + CELL.w : x;
    const toY = down ? y + CELL.h : y;
    const near = middle.y + (down ? RADIUS : -RADIUS);
    return { stroke, d: `M${middle.x} ${toY}V${near}Q${middle.x} ${middle.y} ${toX} ${middle.y}` };
  }
  if (arms === '0101' || arms === '0202') return { stroke, d: `M${x} ${middle.y}H${x + CELL.w}` };
  if (arms === '1010' || arms === '2020') return { stroke, d: `M${middle.x} ${y}V${y + CELL.h}` };
  const ends = [
    { weight: up, to: y, across: false },
    { weight: down, to: y + CELL.h, across: false },
    { weight: left, to: x, across: true },
    { weight: right, to: x + CELL.w, across: true },
  ].filter(({ weight }) => weight > 0);
  // Where a double line turns, its outer line goes on past the middle and its inner one ends before it.
  const turn = { x: (right ? 1 : 0) - (left ? 1 : 0), y: (down ? 1 : 0) - (up ? 1 : 0) };
  const corner = up + down > 0 && left + right > 0 && ends.length === 2;
  const d = ends.flatMap(({ weight, to, across }) =>
    (weight === 3 ? [-APART, APART] : [0]).map(off => {
      const along = corner && weight === 3 ? off * turn.x * turn.y : 0;
      return across
        ? `M${middle.x + along} ${middle.y + off}H${to}`
        : `M${middle.x + off} ${middle.y + along}V${to}`;
    }),
  );
  return { stroke, d: d.join('') };
}
