/** Tells the engine how large agents are seen here, once a size has stayed, so that their panes are made to fit. */
import type { OperatorInput } from '../protocol/messages.ts';
import type { Send } from './effects.ts';
import { screenPlace } from './screen-view.ts';
import type { ConsoleState } from './state.ts';
import { modeOf } from './views.ts';

/** How long a size stays before it is told, ms. */
const SETTLED_MS = 150;

/** What the engine is to know: the real pane has the whole terminal but tmux's line, and concerns one agent alone. */
function wantedSize(state: ConsoleState): OperatorInput<'view.size'> | undefined {
  const { size, ui, fleet, realStage } = state;
  if (realStage && ui.stage !== '') {
    const alive = fleet.agents[ui.stage]?.alive;
    return alive ? { cols: size.cols, rows: size.rows - 1, agent: ui.stage } : undefined;
  }
  const place = screenPlace(state);
  return place && { cols: place.width, rows: place.height };
}

/** A size that tmux did not take in time. */
export function isLateSize({ request }: Send, code: string): boolean {
  return request === 'view.size' && code === 'tmux-timeout';
}

export function viewSize(after: (ms: number, run: () => void) => () => void, send: (send: Send) => void) {
  let planned = '';
  let cancel: (() => void) | undefined;
  return {
    /** Those who only observe change nothing, sizes included. */
    follow(state: ConsoleState): void {
      const wanted = wantedSize(state);
      if (
        !wanted ||
        wanted.cols < 1 ||
        wanted.rows < 1 ||
        state.link.is !== 'up' ||
        modeOf(state) === 'observe'
      )
        return;
      // A new incarnation begins with everybody's size.
      const { agent = '', cols, rows } = wanted;
      const key = `${state.me?.session} ${cols}x${rows} ${agent} ${state.fleet.agents[agent]?.incarnation}`;
      if (key === planned) return;
      planned = key;
      cancel?.();
      cancel = after(SETTLED_MS, () => send({ request: 'view.size', with: wanted }));
    },
    /** It could not be told: as if it had not been. */
    again(): void {
      planned = '';
    },
    stop(): void {
      cancel?.();
    },
  };
}
