/** Draws the state: React and Ink find out what there is to see, the compositor writes what differs. */
import { Readable } from 'node:stream';
import { render } from 'ink';
import { app } from './app.tsx';
import type { Layer } from './canvas.ts';
import { Compositor, type DrawScreen } from './compositor.ts';
import { coloursAt, type Depth } from './depth.ts';
import type { ConsoleState } from './state.ts';
import { Nowhere } from './terminal.ts';
import type { Theme } from './theme.ts';

export interface Painter {
  /** Brings the terminal to this state; returns once it is written. */
  paint(state: ConsoleState): void;
  /** Agents' screens may differ, nothing else does: no need to ask React. */
  refresh(): void;
  /** tmux's ids of the panes whose screens were painted last. */
  readonly panes: readonly string[];
  /** Forgets what is on the terminal: the next paint writes everything. */
  forget(): void;
  close(): void;
}

export function painter(
  write: (text: string) => void,
  theme: Theme,
  depth: Depth,
  drawScreen: DrawScreen,
): Painter {
  const compositor = new Compositor(coloursAt(depth));
  let layers: Layer[] = [];
  let size: ConsoleState['size'] | undefined;
  let ink: ReturnType<typeof render> | undefined;
  const canvas = { put: (layer: Layer) => void layers.push(layer) };

  function refresh(): void {
    if (!size) return;
    const changes = compositor.frame(layers, size.cols, size.rows, drawScreen);
    if (changes !== '') write(changes);
  }

  return {
    paint(state) {
      layers = [];
      size = state.size;
      const tree = app({ state, theme }, canvas);
      if (ink) ink.rerender(tree);
      else {
        ink = render(tree, {
          stdout: new Nowhere(),
          // Keys are read by the shell: Ink hears nothing.
          stdin: new Readable({ read() {} }),
          interactive: true,
          exitOnCtrlC: false,
          patchConsole: false,
        });
      }
      refresh();
    },
    refresh,
    get panes() {
      return layers.flatMap(layer => ('pane' in layer ? [layer.pane] : []));
    },
    forget() {
      compositor.forget();
    },
    close() {
      ink?.unmount();
    },
  };
}
