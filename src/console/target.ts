/** What of the drawn screen a click is on. Rows and hints say it where they are drawn, so that no geometry is kept twice. */
import { columns, type Row } from './cells.ts';
import type { Rect } from './rect.ts';

export type Target =
  | { readonly on: 'agent'; readonly id: string }
  | { readonly on: 'request'; readonly id: string }
  | { readonly on: 'event'; readonly seq: number }
  /** Of the tray. */
  | { readonly on: 'item'; readonly item: number }
  /** Row of a list that is chosen from, from 0. */
  | { readonly on: 'choice'; readonly index: number }
  | { readonly on: 'command'; readonly id: string }
  /** A key that a question or a page names as its answer. */
  | { readonly on: 'key'; readonly key: string };

export interface Spot {
  readonly rect: Rect;
  readonly target: Target;
}

/** The spots of one row drawn at `x`, `y` in `width` columns; `whole` is what the rest of the row is. */
export function rowSpots(row: Row, x: number, y: number, width: number, whole?: Target): readonly Spot[] {
  const spots: Spot[] = [];
  let at = 0;
  for (const span of row) {
    const w = columns(typeof span === 'string' ? span : span[0]);
    const target = typeof span === 'string' ? undefined : span[2];
    if (target && at < width)
      spots.push({ rect: { x: x + at, y, w: Math.min(w, width - at), h: 1 }, target });
    at += w;
  }
  return whole ? [...spots, { rect: { x, y, w: width, h: 1 }, target: whole }] : spots;
}

export function contains({ x, y, w, h }: Rect, column: number, line: number): boolean {
  return column >= x && column < x + w && line >= y && line < y + h;
}

interface Drawn {
  readonly rect: Rect;
  readonly spots?: readonly Spot[];
  /** A hole shows what lies in its frame: it covers nothing. */
  readonly pane?: string;
}

/** What the topmost of these layers has at a place; undefined where it has nothing to click. */
export function hit(layers: readonly Drawn[], column: number, line: number): Target | undefined {
  const top = layers.findLast(layer => layer.pane === undefined && contains(layer.rect, column, line));
  return top?.spots?.find(spot => contains(spot.rect, column, line))?.target;
}
