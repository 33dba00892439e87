/** The border of a pane: title in the top line, what is cut in the bottom line, and the mode in its strokes. */
import type { Mode } from '../model/mode.ts';
import { clip, paint, type Row, rowWidth, type Span } from './cells.ts';
import type { Rect } from './rect.ts';
import { rowSpots, type Spot, type Target } from './target.ts';
import type { Theme, Token } from './theme.ts';

export interface Framed {
  readonly title: Row;
  /** At the right end of the top line. */
  readonly corner?: Row;
  /** In the bottom line: what lies outside the pane. */
  readonly foot?: Row;
  readonly body: readonly Row[];
  readonly most?: Most;
  /** Index in `body` of the row under the cursor. */
  readonly cursor?: number;
  /** What a click on each row of `body` is for. */
  readonly targets?: readonly (Target | undefined)[];
}

/** How far down what is shown can be scrolled, in rows: what lies over the panes, and the selected action. */
export interface Most {
  readonly overlay?: number;
  readonly action?: number;
}

interface FrameLook {
  readonly mode: Mode;
  readonly focused: boolean;
  /** The operator's own colour, for collaborate. */
  readonly operator: Token;
  /** Somebody has to do something about what is in it. */
  readonly urgent?: boolean;
}

interface Strokes {
  readonly corners: readonly [string, string, string, string];
  readonly across: string;
  readonly down: string;
}

const SOLID: Strokes = { corners: ['╭', '╮', '╰', '╯'], across: '─', down: '│' };
const DOTTED: Strokes = { corners: ['┌', '┐', '└', '┘'], across: '┄', down: '┆' };
const HEAVY: Strokes = { corners: ['┏', '┓', '┗', '┛'], across: '━', down: '┃' };
const DOUBLE: Strokes = { corners: ['╔', '╗', '╚', '╝'], across: '═', down: '║' };
const HEAVY_DOTTED: Strokes = { ...HEAVY, across: '┅', down: '┇' };

/**
 * observe: grey · prepare: dotted · watch: plain · collaborate: the operator's colour. Focus: heavier strokes. What needs
 * somebody: double ones.
 */
function look({ mode, focused, operator, urgent }: FrameLook): {
  readonly strokes: Strokes;
  readonly token: Token;
} {
  if (urgent) return { strokes: DOUBLE, token: focused ? 'frame-focus' : 'warn' };
  const dotted = mode === 'prepare';
  const strokes = focused ? (dotted ? HEAVY_DOTTED : HEAVY) : dotted ? DOTTED : SOLID;
  if (mode === 'collaborate') return { strokes, token: operator };
  if (focused) return { strokes, token: 'frame-focus' };
  return { strokes, token: mode === 'observe' ? 'frame-observe' : dotted ? 'frame-prepare' : 'frame' };
}

/** Rows of ANSI, exactly `w` columns by `h` rows. */
export function frame(framed: Framed, w: number, h: number, theme: Theme, as: FrameLook): readonly string[] {
  const { strokes, token } = look(as);
  const [tl, tr, bl, br] = strokes.corners;
  const side = paint([[strokes.down, token]], 1, theme);
  const inner = w - 2;
  const rows: string[] = [
    paint(edge(tl, tr, strokes.across, token, framed.title, framed.corner ?? [], inner), w, theme),
  ];
  for (let y = 0; y < h - 2; y++) {
    const row = framed.body[y] ?? [];
    rows.push(side + paint(row, inner, theme, y === framed.cursor ? 'selected' : undefined) + side);
  }
  if (h > 1) rows.push(paint(edge(bl, br, strokes.across, token, [], framed.foot ?? [], inner), w, theme));
  return rows.slice(0, h);
}

/** Where a click on what is framed in this rectangle does something. */
export function spotsOf(framed: Framed, { x, y, w, h }: Rect): readonly Spot[] {
  const edges = (title: Row, corner: Row): Row => edge(' ', ' ', ' ', 'frame', title, corner, w - 2);
  return [
    ...rowSpots(edges(framed.title, framed.corner ?? []), x, y, w),
    ...Array.from({ length: Math.max(0, h - 2) }, (_, i) =>
      rowSpots(framed.body[i] ?? [], x + 1, y + 1 + i, w - 2, framed.targets?.[i]),
    ).flat(),
    ...(h > 1 ? rowSpots(edges([], framed.foot ?? []), x, y + h - 1, w) : []),
  ];
}

function edge(
  left: string,
  right: string,
  across: string,
  token: Token,
  title: Row,
  corner: Row,
  inner: number,
): Row {
  const room = inner - 2;
  const shownCorner = rowWidth(corner) > 0 && rowWidth(corner) + 2 <= room ? corner : [];
  const cornerWidth = rowWidth(shownCorner) > 0 ? rowWidth(shownCorner) + 2 : 0;
  const titleRoom = Math.max(0, room - cornerWidth - 2);
  const shown =
    rowWidth(title) === 0 || titleRoom < 1
      ? []
      : rowWidth(title) > titleRoom
        ? clip(title, titleRoom)
        : title;
  const titleWidth = shown.length > 0 ? rowWidth(shown) + 2 : 0;
  const line = (n: number): Span => [across.repeat(Math.max(0, n)), token];
  return [
    [left, token],
    line(1),
    ...(titleWidth > 0 ? [' ', ...shown, ' '] : []),
    line(room - titleWidth - cornerWidth),
    ...(cornerWidth > 0 ? [' ', ...shownCorner, ' '] : []),
    line(1),
    [right, token],
  ];
}
