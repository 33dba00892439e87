/** Moving the selection of a pane by rows, and what follows from it. */

import type { Most } from './frame.ts';
import { reachable } from './layout.ts';
import type { Focus, Overlay } from './state.ts';
import { type ConsoleState, withUi } from './state.ts';
import { stepped } from './timeline.ts';
import { agents, approvalsList, tray } from './views.ts';

/**
 * The element `by` places after the one that `is` the current one; the first or last beyond the ends. Where none is,
 * moving starts at `from`.
 */
function stepIn<T>(list: readonly T[], is: (item: T) => boolean, by: number, from = 0): T | undefined {
  const found = list.findIndex(is);
  const at = found < 0 ? from : found;
  return list[Math.max(0, Math.min(list.length - 1, at + by))];
}

/** Moves the selection of the pane in focus by `by` rows; Infinity goes to an end. */
export function moveBy(state: ConsoleState, by: number): ConsoleState {
  const { ui } = state;
  switch (ui.focus) {
    case 'agents':
    case 'screen':
    case 'grid':
      return withUi(state, { agent: stepIn(agents(state), a => a.id === ui.agent, by)?.id ?? ui.agent });
    case 'approvals': {
      const request = stepIn(approvalsList(state), r => r.id === ui.request, by, by > 0 ? -1 : 0)?.id ?? '';
      return request === ui.request ? state : withUi(state, { request, scroll: 0 });
    }
    case 'timeline': {
      // Newest first; in lanes time goes down.
      const way = ui.bottom === 'lanes' ? -by : by;
      return withUi(state, { event: stepped(state, way) });
    }
    // Nothing is selected in it: its page has the rest.
    case 'chaos':
      return state;
    case 'tray':
      return withUi(state, { item: stepIn(tray(state), t => t.item === ui.item, by)?.item ?? 0 });
  }
}

export function focusBy(state: ConsoleState, by: number): ConsoleState {
  const panes = reachable(state);
  const at = panes.indexOf(state.ui.focus);
  return focusOn(state, panes[(at + by + panes.length) % panes.length] ?? 'approvals');
}

export function focusOn(state: ConsoleState, focus: Focus): ConsoleState {
  return withUi(state, { focus });
}

/** Overlays that scroll. */
type Scrolling = Extract<Overlay, { readonly scroll: number }>;

export function scrolls(overlay: Overlay | null): overlay is Scrolling {
  return overlay !== null && 'scroll' in overlay;
}

/** Nothing is scrolled further than what was painted goes: the first key upwards is seen. */
export function scrolledWithin(state: ConsoleState, most: Most): ConsoleState {
  const { overlay, scroll } = state.ui;
  const action = Math.min(scroll, most.action ?? scroll);
  if (scrolls(overlay) && overlay.scroll > (most.overlay ?? overlay.scroll))
    return withUi(state, { scroll: action, overlay: { ...overlay, scroll: most.overlay ?? 0 } });
  return action === scroll ? state : withUi(state, { scroll: action });
}

/** Scrolls what lies on top: the overlay if it scrolls, else the selected action. Drawing stops at the last line. */
export function scrollBy(state: ConsoleState, by: number): ConsoleState {
  const { overlay, scroll } = state.ui;
  if (scrolls(overlay))
    return withUi(state, { overlay: { ...overlay, scroll: Math.max(0, overlay.scroll + by) } });
  return withUi(state, { scroll: Math.max(0, scroll + by) });
}
