/**
 * Which panes stand where. Three shapes: wide (three columns and the timeline), medium (the queue is a drawer over the
 * agent's screen) and narrow (one pane at a time); below that one sentence. Columns and rows count from 0.
 */
import type { ConsoleState, Focus, Overlay } from './state.ts';
import { modeOf, queue, tray } from './views.ts';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export type Shape = 'wide' | 'medium' | 'narrow' | 'small';

interface Layout {
  readonly shape: Shape;
  readonly header: Rect;
  readonly footer: Rect;
  readonly panes: readonly { readonly pane: Focus; readonly rect: Rect }[];
  /** Where the overlay lies, if one is open. */
  readonly overlay: Rect | null;
}

export const MIN_COLS = 40;
export const MIN_ROWS = 12;

/** Where each overlay lies: over the whole body, over the agent's screen, or on the lines above the footer. */
const PLACE: Readonly<Record<Overlay['kind'], 'full' | 'main' | 'bottom'>> = {
  help: 'full',
  why: 'main',
  event: 'main',
  action: 'main',
  edit: 'main',
  review: 'main',
  palette: 'bottom',
  filter: 'bottom',
  confirm: 'bottom',
  name: 'bottom',
  note: 'bottom',
  reason: 'bottom',
  message: 'bottom',
  leave: 'bottom',
};

/** Rows an overlay at the bottom takes, frame included. */
const BOTTOM_ROWS: Readonly<Partial<Record<Overlay['kind'], number>>> = {
  palette: 12,
  filter: 3,
  confirm: 5,
  name: 5,
  note: 5,
  reason: 5,
  message: 7,
  leave: 5,
};

const AGENTS_WIDE = 30;
const AGENTS_MEDIUM = 28;

export function shapeOf(cols: number, rows: number): Shape {
  if (cols < MIN_COLS || rows < MIN_ROWS) return 'small';
  if (cols >= 120 && rows >= 20) return 'wide';
  return cols >= 72 && rows >= 18 ? 'medium' : 'narrow';
}

/** In the medium shape: does the queue lie over the agent's screen? */
function drawerOpen(state: ConsoleState): boolean {
  const { focus, drawerShut } = state.ui;
  if (focus === 'screen') return false;
  const waiting = queue(state).length > 0 || state.ui.request !== '';
  return waiting && (focus === 'approvals' || !drawerShut);
}

export function layoutOf(state: ConsoleState): Layout {
  const { cols, rows } = state.size;
  const { ui } = state;
  const shape = shapeOf(cols, rows);
  const header = { x: 0, y: 0, w: cols, h: 1 };
  const footer = { x: 0, y: rows - 1, w: cols, h: 1 };
  if (shape === 'small') return { shape, header, footer, panes: [], overlay: null };

  const body = { x: 0, y: 1, w: cols, h: rows - 2 };
  const kind = ui.overlay?.kind;
  const place = kind && PLACE[kind];
  const below = bottomHeight(shape, body.h);
  const wanted = (kind && BOTTOM_ROWS[kind]) ?? 0;
  const prompt = place === 'bottom' ? Math.min(wanted, shape === 'narrow' ? 5 : below) : 0;
  const promptRect = { x: 0, y: body.y + body.h - prompt, w: cols, h: prompt };
  const overlayRect = (main: Rect): Rect | null =>
    place === undefined ? null : place === 'full' ? body : place === 'main' ? main : promptRect;

  if (ui.stage)
    return { shape, header, footer, panes: [{ pane: 'screen', rect: body }], overlay: overlayRect(body) };
  if (shape === 'narrow') {
    const rect = { ...body, h: body.h - prompt };
    return { shape, header, footer, panes: [{ pane: ui.focus, rect }], overlay: overlayRect(body) };
  }

  const top = body.h - below;
  const left = shape === 'wide' ? AGENTS_WIDE : AGENTS_MEDIUM;
  const right = shape === 'wide' ? Math.min(64, Math.max(42, Math.round(cols * 0.31))) : 0;
  const main = { x: left, y: body.y, w: cols - left - right, h: top };
  const panes = [
    { pane: 'agents', rect: { x: 0, y: body.y, w: left, h: top } },
    { pane: shape === 'medium' && drawerOpen(state) ? 'approvals' : 'screen', rect: main },
    ...(shape === 'wide'
      ? [{ pane: 'approvals', rect: { x: left + main.w, y: body.y, w: right, h: top } } as const]
      : []),
    ...bottomPanes(state, shape, { x: 0, y: body.y + top, w: cols, h: below }),
  ] as const;
  return { shape, header, footer, panes, overlay: overlayRect(main) };
}

function bottomHeight(shape: Shape, body: number): number {
  return shape === 'wide'
    ? Math.min(13, Math.max(6, Math.round(body * 0.28)))
    : Math.min(8, Math.max(6, Math.round(body * 0.27)));
}

function bottomPanes(
  state: ConsoleState,
  shape: Shape,
  rect: Rect,
): readonly { readonly pane: Focus; readonly rect: Rect }[] {
  const staging = modeOf(state) === 'prepare' || tray(state).length > 0;
  if (!staging) return [{ pane: 'timeline', rect }];
  if (shape === 'medium') return [{ pane: state.ui.focus === 'timeline' ? 'timeline' : 'tray', rect }];
  const w = Math.round(rect.w * 0.5);
  return [
    { pane: 'timeline', rect: { ...rect, w } },
    { pane: 'tray', rect: { ...rect, x: w, w: rect.w - w } },
  ];
}

/** Panes Tab can reach now. */
export function reachable(state: ConsoleState): readonly Focus[] {
  const staging = modeOf(state) === 'prepare' || tray(state).length > 0;
  return staging
    ? ['agents', 'screen', 'approvals', 'tray', 'timeline']
    : ['agents', 'screen', 'approvals', 'timeline'];
}

/**
 * Names the view of a request a person could be deciding on, when one is completely in view: `r-…` for the queue's
 * selection or the full view of an action, `r-…/review` for the review of an edit; '' when none is.
 */
export function decidableView(state: ConsoleState): string {
  const { overlay, request, stage } = state.ui;
  if (overlay?.kind === 'review') return `${overlay.request}/review`;
  if (overlay?.kind === 'action') return overlay.request;
  if (!request || stage) return '';
  const { shape, panes } = layoutOf(state);
  if (overlay) {
    const place = PLACE[overlay.kind];
    if (place === 'full' || (place === 'main' && shape !== 'wide')) return '';
  }
  return panes.some(p => p.pane === 'approvals') ? request : '';
}
