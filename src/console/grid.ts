/** The grid of all agents: how many tiles fit, which page is in view, and where each stands. */
import type { AgentState } from '../model/state.ts';
import { layoutOf } from './layout.ts';
import type { Rect } from './rect.ts';
import { type ConsoleState, withUi } from './state.ts';
import { agents } from './views.ts';

/** Least size of a tile in which a screen can still be read, frame included. */
const LEAST = { w: 32, h: 7 } as const;
/** What agents' programs are made for: more room than that shows nothing more. */
const WHOLE = { w: 82, h: 26 } as const;

interface Shape {
  readonly cols: number;
  readonly rows: number;
}

interface Tile {
  readonly agent: AgentState;
  readonly rect: Rect;
}

export interface Grid {
  readonly shape: Shape;
  readonly tiles: readonly Tile[];
  /** From 0. */
  readonly page: number;
  readonly pages: number;
}

/** The columns and rows of tiles that show most of `count` screens in this room, and most of each. */
export function gridShape(count: number, w: number, h: number): Shape {
  const most = { cols: Math.max(1, Math.floor(w / LEAST.w)), rows: Math.max(1, Math.floor(h / LEAST.h)) };
  let best: Shape = { cols: 1, rows: 1 };
  let shown = 0;
  let seen = 0;
  for (let cols = 1; cols <= most.cols; cols++) {
    const rows = Math.min(most.rows, Math.ceil(count / cols));
    const each = Math.min(w / cols, WHOLE.w) * Math.min(h / rows, WHOLE.h);
    const many = Math.min(count, cols * rows);
    if (many > shown || (many === shown && each > seen)) [best, shown, seen] = [{ cols, rows }, many, each];
  }
  return best;
}

/** The page of the grid that has the selected agent, laid out in `rect`: tiles fill it without gaps. */
export function gridOf(state: ConsoleState, rect: Rect): Grid {
  const list = agents(state);
  const shape = gridShape(list.length, rect.w, rect.h);
  const size = shape.cols * shape.rows;
  const page = Math.floor(Math.max(0, at(list, state)) / size);
  const edge = (from: number, room: number, n: number, of: number): number =>
    from + Math.round((room * n) / of);
  const shown = list.slice(page * size, (page + 1) * size);
  const rows = Math.min(shape.rows, Math.ceil(shown.length / shape.cols));
  const tiles = shown.map((agent, i): Tile => {
    const [row, column] = [Math.floor(i / shape.cols), i % shape.cols];
    const inRow = Math.min(shape.cols, shown.length - row * shape.cols);
    const x = edge(rect.x, rect.w, column, inRow);
    const y = edge(rect.y, rect.h, row, rows);
    return {
      agent,
      rect: {
        x,
        y,
        w: edge(rect.x, rect.w, column + 1, inRow) - x,
        h: edge(rect.y, rect.h, row + 1, rows) - y,
      },
    };
  });
  return { shape, tiles, page, pages: Math.max(1, Math.ceil(list.length / size)) };
}

function at(list: readonly AgentState[], state: ConsoleState): number {
  return list.findIndex(agent => agent.id === state.ui.agent);
}

/** Moves the selection by rows and columns of tiles; stays at the edges. Infinity of rows goes to an end. */
export function moveInGrid(state: ConsoleState, columns: number, rows: number): ConsoleState {
  const list = agents(state);
  const { cols } = shapeNow(state, list.length);
  const from = Math.max(0, at(list, state));
  const wanted = from + columns + rows * cols;
  const to = Math.max(0, Math.min(list.length - 1, wanted));
  // A row down from the last but one, where the last is shorter, is its last tile; beyond the last there is nothing.
  const sameRow = Math.floor(to / cols) === Math.floor(from / cols);
  if (columns === 0 && Number.isFinite(rows) && sameRow) return state;
  const agent = list[to]?.id ?? state.ui.agent;
  return agent === state.ui.agent ? state : withUi(state, { agent });
}

/** Moves by whole pages: the selection goes to the first tile of the page. */
export function turnPage(state: ConsoleState, by: number): ConsoleState {
  const list = agents(state);
  const { cols, rows } = shapeNow(state, list.length);
  const page = Math.floor(Math.max(0, at(list, state)) / (cols * rows)) + by;
  const agent = list[page * cols * rows]?.id;
  return agent === undefined || page < 0 ? state : withUi(state, { agent });
}

function shapeNow(state: ConsoleState, count: number): Shape {
  const rect = layoutOf(state).panes.find(p => p.pane === 'grid')?.rect;
  return rect ? gridShape(count, rect.w, rect.h) : { cols: 1, rows: 1 };
}
