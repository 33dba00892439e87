/** Renders a desk's state as people see it, through Ink, without colours. */
import type { Layer } from '../../src/console/canvas.ts';
import { Compositor, type DrawScreen } from '../../src/console/compositor.ts';
import { coloursAt } from '../../src/console/depth.ts';
import { inkLayers } from '../../src/console/ink-layers.ts';
import { painter } from '../../src/console/painter.ts';
import type { ConsoleState } from '../../src/console/state.ts';
import { hit, type Target } from '../../src/console/target.ts';
import { compile, type Theme } from '../../src/console/theme.ts';
import { dark, mono } from '../../src/console/themes.ts';
import type { Surface } from '../../src/screens/surface.ts';
import { textRows } from '../support/rows.ts';

export const plain = (ansi: string): string => ansi.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '');

let layers: readonly Layer[] = [];
const ink = inkLayers();

/** The frame as composed for a terminal of the state's size. */
export function composed(
  state: ConsoleState,
  drawScreen: DrawScreen = () => {},
  theme: Theme = compile(dark),
): Surface {
  layers = ink.of(state, theme);
  const { cols, rows } = state.size;
  return new Compositor(coloursAt('true')).compose(layers, cols, rows, drawScreen);
}

/** Its rows, without colours. */
export function rowsOf(state: ConsoleState, drawScreen: DrawScreen = () => {}): string[] {
  return textRows(composed(state, drawScreen, compile(mono)));
}

/** What a click at this place of what was rendered last is for. */
export const targetAt = (column: number, row: number): Target | undefined => hit(layers, column, row);

export function textOf(state: ConsoleState): string {
  return rowsOf(state).join('\n');
}

/** Everything the painter writes for these states, one after the other. */
export function writesOf(...states: readonly ConsoleState[]): string[] {
  const writes: string[] = [];
  let current = '';
  const painting = painter(
    text => {
      current += text;
    },
    'true',
    () => {},
  );
  for (const state of states) {
    current = '';
    painting.paint(state);
    writes.push(current);
  }
  painting.close();
  return writes;
}
