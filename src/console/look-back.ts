/**
 * Looking back in an agent's screen: what has scrolled away, held still while the agent goes on. Moving, finding and
 * selecting lines are functions of the state; the lines come from tmux, once.
 */
import { bare } from '../screens/history.ts';
import { columns, head } from './cells.ts';
import { type Step, still } from './effects.ts';
import { layoutOf } from './layout.ts';
import { type ConsoleState, withUi } from './state.ts';
import { shownAgent } from './views.ts';

export interface LookBack {
  /** tmux's id of the pane. */
  readonly pane: string;
  /** All lines, oldest first, text with SGR sequences; null until tmux has answered. */
  readonly lines: readonly string[] | null;
  /** The line under the cursor, and the first one in view. */
  readonly at: number;
  readonly top: number;
  /** Where the selection began. */
  readonly mark: number | null;
  /** What is looked for; '' for nothing. */
  readonly query: string;
  /** Which of the finds is the current one; -1 for none. */
  readonly hit: number;
  /** Lines to move as soon as there are lines. */
  readonly move: number;
}

interface Hit {
  readonly line: number;
  /** Offsets in the bare line. */
  readonly from: number;
  readonly to: number;
}

/** Finds kept of one search. */
const MOST_HITS = 10_000;

const texts = new WeakMap<readonly string[], readonly string[]>();
const found = new WeakMap<readonly string[], { readonly query: string; readonly hits: readonly Hit[] }>();

/** The lines without colours. */
export function textsOf({ lines }: LookBack): readonly string[] {
  if (!lines) return [];
  const known = texts.get(lines) ?? lines.map(bare);
  texts.set(lines, known);
  return known;
}

/** Every place that holds the query, from the oldest. Capitals count only where the query has some. */
export function hitsOf(back: LookBack): readonly Hit[] {
  const { lines, query } = back;
  if (!lines || query === '') return [];
  const known = found.get(lines);
  if (known?.query === query) return known.hits;
  const fold = query === query.toLowerCase() ? folded : (text: string) => text;
  const hits: Hit[] = [];
  for (const [line, text] of textsOf(back).entries()) {
    const hay = fold(text);
    for (let from = hay.indexOf(query); from >= 0 && hits.length < MOST_HITS; ) {
      hits.push({ line, from, to: from + query.length });
      from = hay.indexOf(query, from + query.length);
    }
  }
  found.set(lines, { query, hits });
  return hits;
}

/** In small letters, each where it was: a few letters have small ones of another length. */
function folded(text: string): string {
  const small = text.toLowerCase();
  if (small.length === text.length) return small;
  return [...text].map(c => (c.toLowerCase().length === c.length ? c.toLowerCase() : c)).join('');
}

/** A line without its first columns, in the colours it has after them. */
export function without(line: string, left: number): string {
  if (left === 0) return line;
  let skip = left;
  return line
    .split(/(\x1b\[[\d;:]*m)/)
    .map((piece, i) => {
      if (i % 2 === 1 || skip === 0) return piece;
      const gone = head(piece, skip);
      skip -= columns(gone);
      const rest = piece.slice(gone.length);
      if (rest === '') return '';
      // Half of a wide character stays: a blank.
      const half = skip > 0 ? head(rest, 2) : '';
      skip = 0;
      return half === '' ? rest : ` ${rest.slice(half.length)}`;
    })
    .join('');
}

/** Rows of the screen pane inside its frame, above the line in which one types what to find. */
function heightOf(state: ConsoleState): number {
  const { panes, overlay } = layoutOf(state);
  const rect = panes.find(p => p.pane === 'screen')?.rect ?? { y: 0, h: 3 };
  const end = rect.y + rect.h - 1;
  const free = state.ui.overlay?.kind === 'seek' && overlay ? Math.min(end, overlay.y) : end;
  return Math.max(1, free - rect.y - 1);
}

function withBack(state: ConsoleState, change: Partial<LookBack>): ConsoleState {
  const { back } = state.ui;
  return back ? withUi(state, { back: { ...back, ...change } }) : state;
}

/** Starts to look back in the agent in view, moved by so many lines once they are there. */
export function lookBack(state: ConsoleState, move: number): Step {
  const pane = shownAgent(state)?.pane ?? '';
  const back: LookBack = { pane, lines: null, at: 0, top: 0, mark: null, query: '', hit: -1, move };
  return { state: withUi(state, { back }), effects: [{ do: 'recall', pane }] };
}

/** tmux's answer. */
export function recalled(state: ConsoleState, pane: string, lines: readonly string[]): ConsoleState {
  const { back } = state.ui;
  if (back?.pane !== pane || back.lines) return state;
  if (lines.length === 0) return withUi(state, { back: null });
  const last = Math.max(0, lines.length - 1);
  const start = withBack(state, { lines, at: last, top: Math.max(0, lines.length - heightOf(state)) });
  const moved = back.move === 0 ? start : scrollBack(start, back.move);
  return back.query === '' ? moved : seek(moved, back.query, last);
}

/** Moves the cursor; the view follows it, by as little as it can. */
export function moveBack(state: ConsoleState, by: number): ConsoleState {
  const { back } = state.ui;
  if (!back?.lines) return withBack(state, { move: (back?.move ?? 0) + by });
  return goTo(state, back.at + by);
}

/** Moves the view by so many lines, and the cursor with it. Down from the end, it is live again. */
export function scrollBack(state: ConsoleState, by: number): ConsoleState {
  const { back } = state.ui;
  if (!back?.lines) return withBack(state, { move: (back?.move ?? 0) + by });
  const most = Math.max(0, back.lines.length - heightOf(state));
  if (by > 0 && back.top >= most && back.mark === null) return withUi(state, { back: null });
  const top = Math.max(0, Math.min(most, back.top + by));
  return goTo(withBack(state, { top }), back.at + by);
}

function goTo(state: ConsoleState, line: number): ConsoleState {
  const { back } = state.ui;
  if (!back?.lines) return state;
  const height = heightOf(state);
  const at = Math.max(0, Math.min(back.lines.length - 1, line));
  const top = Math.max(Math.min(back.top, at), at - height + 1);
  return withBack(state, { at, top });
}

/** Looks for `query` from `from` upwards, then from the end. */
export function seek(state: ConsoleState, query: string, from: number): ConsoleState {
  const next = withBack(state, { query, hit: -1 });
  const { back } = next.ui;
  if (!back) return state;
  const hits = hitsOf(back);
  const above = hits.findLastIndex(hit => hit.line <= from);
  return toHit(next, above >= 0 ? above : hits.length - 1);
}

/** The find `by` places further: up is older. Goes round. */
export function seekOn(state: ConsoleState, by: number): ConsoleState {
  const { back } = state.ui;
  const count = back ? hitsOf(back).length : 0;
  return back && count > 0 ? toHit(state, (back.hit + by + count) % count) : state;
}

function toHit(state: ConsoleState, index: number): ConsoleState {
  const { back } = state.ui;
  const hit = back && hitsOf(back)[index];
  if (!back?.lines || !hit) return state;
  const height = heightOf(state);
  const seen = hit.line >= back.top && hit.line < back.top + height;
  // With what stands around it.
  const top = Math.max(0, Math.min(back.lines.length - height, hit.line - Math.floor(height / 2)));
  return goTo(withBack(state, { hit: index, ...(seen ? {} : { top }) }), hit.line);
}

/** First and last line of the selection; the line under the cursor where nothing is selected. */
export function selection({ at, mark }: LookBack): readonly [first: number, last: number] {
  return mark === null ? [at, at] : [Math.min(at, mark), Math.max(at, mark)];
}

export function mark(state: ConsoleState): ConsoleState {
  const { back } = state.ui;
  return back ? withBack(state, { mark: back.mark === null ? back.at : null }) : state;
}

/** The selected lines to the clipboard; the selection ends. */
export function copy(state: ConsoleState): Step {
  const { back } = state.ui;
  if (!back?.lines) return still(state);
  const [first, last] = selection(back);
  const text = textsOf(back)
    .slice(first, last + 1)
    .join('\n');
  return { state: withBack(state, { mark: null }), effects: [{ do: 'copy', text, lines: last - first + 1 }] };
}

/** One step back: the selection, what is looked for, then the present. */
export function stepOut(state: ConsoleState): ConsoleState {
  const { back } = state.ui;
  if (!back) return state;
  if (back.mark !== null) return withBack(state, { mark: null });
  return back.query === '' ? withUi(state, { back: null }) : withBack(state, { query: '', hit: -1 });
}

/** Whoever looks elsewhere looks at the present. */
export function stillLooking(state: ConsoleState): boolean {
  const { back, stage, focus } = state.ui;
  return back !== null && stage === '' && focus === 'screen' && shownAgent(state)?.pane === back.pane;
}
