/** Tells the engine how large agents are seen here, once a size has stayed, so that their panes are made to fit. */
import type { Send } from './effects.ts';
import { screenPlace } from './screen-view.ts';
import type { ConsoleState } from './state.ts';
import { modeOf } from './views.ts';

/** How long a size stays before it is told, ms. */
const SETTLED_MS = 150;

/** The real pane has the whole terminal but tmux's status line. */
function agentPlace(state: ConsoleState): { readonly width: number; readonly height: number } | undefined {
  const { cols, rows } = state.size;
  return state.realStage && state.ui.stage !== '' ? { width: cols, height: rows - 1 } : screenPlace(state);
}

export function viewSize(after: (ms: number, run: () => void) => () => void, send: (send: Send) => void) {
  let planned = '';
  let cancel: (() => void) | undefined;
  return {
    /** Those who only observe change nothing, sizes included. */
    follow(state: ConsoleState): void {
      const place = agentPlace(state);
      if (
        !place ||
        place.width < 1 ||
        place.height < 1 ||
        state.link.is !== 'up' ||
        modeOf(state) === 'observe'
      )
        return;
      const key = `${state.me?.session} ${place.width}x${place.height}`;
      if (key === planned) return;
      planned = key;
      cancel?.();
      cancel = after(SETTLED_MS, () =>
        send({ request: 'view.size', with: { cols: place.width, rows: place.height } }),
      );
    },
    stop(): void {
      cancel?.();
    },
  };
}
