/** Which agent's screen is in view, how large, and its rows. */
import { layoutOf } from './layout.ts';
import type { Screens } from './screens.ts';
import type { ConsoleState } from './state.ts';
import { shownAgent } from './views.ts';

interface ScreenPlace {
  /** tmux's id of the pane, '' when the agent has none. */
  readonly pane: string;
  /** Inside the frame. */
  readonly width: number;
  readonly height: number;
}

export interface ScreenView extends ScreenPlace {
  readonly rows: readonly string[] | null;
}

export const NO_VIEW: ScreenView = { pane: '', width: 0, height: 0, rows: null };

/** Where an agent's screen is drawn now; undefined when none is. */
export function screenPlace(state: ConsoleState): ScreenPlace | undefined {
  const rect = layoutOf(state).panes.find(p => p.pane === 'screen')?.rect;
  if (!rect) return undefined;
  const agent = shownAgent(state);
  return { pane: agent?.alive ? agent.pane : '', width: rect.w - 2, height: rect.h - 2 };
}

/** The view now; `last` itself when nothing differs from it. */
export function screenView(state: ConsoleState, screens: Screens | undefined, last: ScreenView): ScreenView {
  const place = screenPlace(state);
  if (!place) return last.rows === null && last.pane === '' ? last : NO_VIEW;
  const rows = place.pane && screens ? screens.rows(place.pane, place.width, place.height) : null;
  const same =
    place.pane === last.pane &&
    place.width === last.width &&
    place.height === last.height &&
    sameRows(rows, last.rows);
  return same ? last : { ...place, rows };
}

function sameRows(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === b) return true;
  return a !== null && b !== null && a.length === b.length && a.every((row, i) => row === b[i]);
}
