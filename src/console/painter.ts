/** Draws the state: React and Ink find out what there is to see, the compositor writes what differs. */
import { type Layer, mostOf } from './canvas.ts';
import { Compositor, type DrawScreen } from './compositor.ts';
import { coloursAt, type Depth } from './depth.ts';
import type { Most } from './frame.ts';
import { inkLayers } from './ink-layers.ts';
import { themeIn } from './looks.ts';
import { paperOf } from './paper.ts';
import type { ConsoleState } from './state.ts';
import { hit, type Target } from './target.ts';
import { compile, type ThemeLook } from './theme.ts';
import { mono } from './themes.ts';

export { reader } from './reader.ts';

export interface Painter {
  /** Brings the terminal to this state; returns once it is written. */
  paint(state: ConsoleState): void;
  /** Agents' screens may differ, nothing else does: no need to ask React. */
  refresh(): void;
  /** tmux's ids of the panes whose screens were painted last. */
  readonly panes: readonly string[];
  /** How far what was painted last can be scrolled. */
  readonly most: Most;
  /** What was painted last at this column and row, if a click on it is for something. */
  targetAt(column: number, row: number): Target | undefined;
  /** Forgets what is on the terminal: the next paint writes everything. */
  forget(): void;
  close(): void;
}

export function painter(write: (text: string) => void, depth: Depth, drawScreen: DrawScreen): Painter {
  const compositor = new Compositor(coloursAt(depth));
  let look = mono;
  let theme = compile(look);
  let layers: readonly Layer[] = [];
  let size: ConsoleState['size'] | undefined;
  const ink = inkLayers();

  function wear(next: ThemeLook): void {
    if (next === look) return;
    look = next;
    theme = compile(look);
    compositor.paper = paperOf(look);
  }

  function refresh(): void {
    if (!size) return;
    const changes = compositor.frame(layers, size.cols, size.rows, drawScreen);
    if (changes !== '') write(changes);
  }

  return {
    paint(state) {
      wear(depth === 'none' ? mono : themeIn(state.looks));
      size = state.size;
      layers = ink.of(state, theme);
      refresh();
    },
    refresh,
    get panes() {
      return layers.flatMap(layer => ('pane' in layer ? [layer.pane] : []));
    },
    get most() {
      return mostOf(layers);
    },
    targetAt: (column, row) => hit(layers, column, row),
    forget() {
      compositor.forget();
    },
    close: ink.close,
  };
}
