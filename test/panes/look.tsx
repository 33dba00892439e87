/** Renders a desk's state as people see it, through Ink, without colours. */
import { Readable } from 'node:stream';
import { render } from 'ink';
import { app } from '../../src/console/app.tsx';
import type { Layer } from '../../src/console/canvas.ts';
import { Compositor, type DrawScreen } from '../../src/console/compositor.ts';
import { coloursAt } from '../../src/console/depth.ts';
import { painter } from '../../src/console/painter.ts';
import type { ConsoleState } from '../../src/console/state.ts';
import { hit, type Target } from '../../src/console/target.ts';
import { Nowhere } from '../../src/console/terminal.ts';
import { compile } from '../../src/console/theme.ts';
import { mono } from '../../src/console/themes.ts';
import { textRows } from '../support/rows.ts';

export const plain = (ansi: string): string => ansi.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '');

let layers: Layer[] = [];
const canvas = { put: (layer: Layer) => void layers.push(layer) };
let ink: ReturnType<typeof render> | undefined;

/** Rows as composed for the terminal, without colours. */
export function rowsOf(state: ConsoleState, drawScreen: DrawScreen = () => {}): string[] {
  layers = [];
  const tree = app({ state, theme: compile(mono) }, canvas);
  if (ink) ink.rerender(tree);
  else {
    ink = render(tree, {
      stdout: new Nowhere(),
      stdin: new Readable({ read() {} }),
      exitOnCtrlC: false,
      patchConsole: false,
      interactive: true,
    });
  }
  const { cols, rows } = state.size;
  return textRows(new Compositor(coloursAt('true')).compose(layers, cols, rows, drawScreen));
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
