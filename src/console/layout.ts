/**
 * Which panes stand where: the layout in use, fitted to the terminal. What found no room opens over another pane when it
 * is wanted. On a narrow terminal there is one pane at a time, below that one sentence.
 */
import { planIn } from './looks.ts';
import type { Plan } from './plan.ts';
import { intersects, type Rect } from './rect.ts';
import { type ConsoleState, FOCUSABLE, type Focus, type Overlay } from './state.ts';
import { leavesOf, type Placed, tile } from './tile.ts';
import { modeOf, queue, tray } from './views.ts';

export type { Rect } from './rect.ts';

export type Shape = 'tiled' | 'narrow' | 'small';

interface Layout {
  readonly shape: Shape;
  readonly header: Rect;
  readonly footer: Rect;
  readonly panes: readonly Placed<Focus>[];
  /** Panes that have a place of their own, also those another one lies over now. */
  readonly planned: readonly Focus[];
  /** Panes that lie over another one for now: Esc leaves them. */
  readonly drawers: readonly Focus[];
  /** Where the overlay lies, if one is open. */
  readonly overlay: Rect | null;
}

export const MIN_COLS = 40;
export const MIN_ROWS = 12;

/** Where each overlay lies: over the whole body, over the agent's screen, or on the lines above the footer. */
const PLACE: Readonly<Record<Overlay['kind'], 'full' | 'main' | 'bottom'>> = {
  help: 'full',
  resources: 'full',
  tokens: 'full',
  chaos: 'full',
  healing: 'full',
  experiment: 'bottom',
  change: 'main',
  worktree: 'full',
  choose: 'bottom',
  why: 'main',
  event: 'main',
  action: 'main',
  edit: 'main',
  review: 'main',
  paste: 'main',
  palette: 'bottom',
  seek: 'bottom',
  filter: 'bottom',
  confirm: 'bottom',
  name: 'bottom',
  note: 'bottom',
  reason: 'bottom',
  find: 'bottom',
  time: 'bottom',
  mail: 'bottom',
  message: 'bottom',
  leave: 'bottom',
};

/** Rows an overlay at the bottom takes, frame included. */
const BOTTOM_ROWS: Readonly<Partial<Record<Overlay['kind'], number>>> = {
  palette: 12,
  choose: 10,
  seek: 4,
  filter: 3,
  find: 4,
  experiment: 4,
  time: 4,
  mail: 7,
  confirm: 5,
  name: 5,
  note: 5,
  reason: 5,
  message: 7,
  leave: 5,
};

/** Below this there is one pane at a time. */
const TILED = { cols: 72, rows: 18 } as const;

export function shapeOf(cols: number, rows: number): Shape {
  if (cols < MIN_COLS || rows < MIN_ROWS) return 'small';
  return cols >= TILED.cols && rows >= TILED.rows ? 'tiled' : 'narrow';
}

export function layoutOf(state: ConsoleState): Layout {
  const { cols, rows } = state.size;
  const { ui } = state;
  const shape = shapeOf(cols, rows);
  const header = { x: 0, y: 0, w: cols, h: 1 };
  const footer = { x: 0, y: rows - 1, w: cols, h: 1 };
  if (shape === 'small') return { shape, header, footer, panes: [], planned: [], drawers: [], overlay: null };

  const body = { x: 0, y: 1, w: cols, h: rows - 2 };
  const place = ui.overlay && PLACE[ui.overlay.kind];
  const prompt = promptRect(state, shape, body);
  const overlayOver = (main: Rect): Rect | null =>
    place === null ? null : place === 'full' ? body : place === 'main' ? roomy(main, body) : prompt;

  const alone = aloneIn(state);
  if (alone) {
    const panes = [{ pane: alone, rect: body }];
    return { shape, header, footer, panes, planned: [], drawers: [alone], overlay: overlayOver(body) };
  }
  if (shape === 'narrow') {
    const panes = [{ pane: ui.focus, rect: { ...body, h: body.h - prompt.h } }];
    return { shape, header, footer, panes, planned: [], drawers: [ui.focus], overlay: overlayOver(body) };
  }

  const plan = planIn(state.looks);
  const tiled = tiledIn(plan, body, staging(state));
  const placed = tiled.length > 0 ? tiled : [{ pane: 'screen' as const, rect: body }];
  const main = placed.find(p => p.pane === plan.main) ?? largest(placed);
  const { panes, drawers } = opened(state, placed, pane => {
    const over = plan.over[pane];
    return placed.find(p => p.pane === over) ?? main;
  });
  return {
    shape,
    header,
    footer,
    panes: shortened(panes, place ? prompt : null),
    planned: placed.map(p => p.pane),
    drawers,
    overlay: overlayOver(main.rect),
  };
}

/** The pane that has the whole body for now, whatever the layout: an agent's screen, or the grid where none is planned. */
function aloneIn({ ui, looks }: ConsoleState): Focus | undefined {
  if (ui.stage || ui.zoom !== null) return 'screen';
  if (ui.focus === 'timeline' && ui.bottom === 'lanes') return 'timeline';
  return ui.focus === 'grid' && !plansGrid(looks) ? 'grid' : undefined;
}

function plansGrid(looks: ConsoleState['looks']): boolean {
  return leavesOf(planIn(looks).tree).some(leaf => leaf.pane === 'grid');
}

/** The last one of each layout is kept: it is asked for several times a key, and the terminal seldom changes. */
const kept = new WeakMap<Plan, { readonly key: string; readonly tiled: readonly Placed<Focus>[] }>();

function tiledIn(plan: Plan, body: Rect, staged: boolean): readonly Placed<Focus>[] {
  const key = `${body.w}x${body.h} ${staged}`;
  const last = kept.get(plan);
  if (last?.key === key) return last.tiled;
  const tiled = tile(plan.tree, body, pane => pane !== 'tray' || staged);
  kept.set(plan, { key, tiled });
  return tiled;
}

function largest(placed: readonly Placed<Focus>[]): Placed<Focus> {
  const area = ({ rect }: Placed<Focus>): number => rect.w * rect.h;
  return placed.reduce((a, b) => (area(b) > area(a) ? b : a));
}

/** A page needs some room: over the whole body where its place is smaller. */
function roomy(main: Rect, body: Rect): Rect {
  return main.w >= 48 && main.h >= 10 ? main : body;
}

/** The lines above the footer that the prompt takes; none when no prompt is open. */
function promptRect(state: ConsoleState, shape: Shape, body: Rect): Rect {
  const kind = state.ui.overlay?.kind;
  const filtersTimeline = state.ui.overlay?.kind === 'filter' && state.ui.overlay.pane === 'timeline';
  const wanted = filtersTimeline ? 4 : ((kind && BOTTOM_ROWS[kind]) ?? 0);
  const most = shape === 'narrow' ? 5 : Math.min(13, Math.max(6, Math.round(body.h * 0.28)));
  const h = Math.min(wanted, most);
  return { ...body, y: body.y + body.h - h, h };
}

/**
 * The panes that found no room, over others: the one with the focus; the queue when something waits, unless it was shut
 * or the person looks at what it would hide; the tray as long as something is staged.
 */
function opened(
  state: ConsoleState,
  placed: readonly Placed<Focus>[],
  placeOf: (pane: Focus) => Placed<Focus>,
): Pick<Layout, 'panes' | 'drawers'> {
  const { focus, drawerShut } = state.ui;
  const drawers = new Map<Focus, Focus>();
  const open = (pane: Focus): void => {
    const { pane: under } = placeOf(pane);
    if (placed.some(p => p.pane === pane) || drawers.has(under)) return;
    if (pane === focus || under !== focus) drawers.set(under, pane);
  };
  const waits = queue(state).length > 0 || state.ui.request !== '';
  if (focus !== 'approvals' || waits) open(focus);
  if (waits && !drawerShut) open('approvals');
  if (staging(state)) open('tray');
  const panes = placed.map(({ pane, rect }) => ({ pane: drawers.get(pane) ?? pane, rect }));
  return { panes, drawers: [...drawers.values()] };
}

/** The queue stays whole above a prompt: what is decided on is not hidden by the question. */
function shortened(panes: readonly Placed<Focus>[], prompt: Rect | null): readonly Placed<Focus>[] {
  return panes.map(({ pane, rect }) => {
    const h = prompt && intersects(rect, prompt) ? prompt.y - rect.y : rect.h;
    return pane === 'approvals' && h >= 5 ? { pane, rect: { ...rect, h } } : { pane, rect };
  });
}

function staging(state: ConsoleState): boolean {
  return modeOf(state) === 'prepare' || tray(state).length > 0;
}

/** Panes Tab can reach now. */
export function reachable(state: ConsoleState): readonly Focus[] {
  return FOCUSABLE.filter(
    pane =>
      (pane !== 'tray' || staging(state)) &&
      (pane !== 'grid' || state.ui.focus === 'grid' || plansGrid(state.looks)),
  );
}

/** Where the focus goes when an agent is chosen, or a drawer is left: what shows agents in this layout. */
export function agentsPane(state: ConsoleState): Focus {
  const { planned } = layoutOf(state);
  return (
    (['agents', 'grid', 'screen'] as const).find(pane => planned.includes(pane)) ?? planned[0] ?? 'agents'
  );
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
  const { panes, overlay: over } = layoutOf(state);
  const shown = panes.find(p => p.pane === 'approvals');
  if (!shown) return '';
  // A prompt asks about what is shown above it; a page hides what it lies over.
  if (overlay && over && PLACE[overlay.kind] !== 'bottom' && intersects(over, shown.rect)) return '';
  return request;
}
