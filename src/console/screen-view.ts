/** Which agent's screen is in view, and how large. */
import { layoutOf } from './layout.ts';
import type { ConsoleState } from './state.ts';
import { shownAgent } from './views.ts';

interface ScreenPlace {
  /** tmux's id of the pane, '' when the agent has none. */
  readonly pane: string;
  /** Inside the frame. */
  readonly width: number;
  readonly height: number;
}

/** Where an agent's screen is drawn now; undefined when none is. */
export function screenPlace(state: ConsoleState): ScreenPlace | undefined {
  const rect = layoutOf(state).panes.find(p => p.pane === 'screen')?.rect;
  if (!rect) return undefined;
  const agent = shownAgent(state);
  return { pane: agent?.alive ? agent.pane : '', width: rect.w - 2, height: rect.h - 2 };
}
