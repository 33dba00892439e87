/** Renders a desk's state as people see it, through Ink, without colours. */
import { Readable } from 'node:stream';
import { render } from 'ink';
import { app } from '../../src/console/app.tsx';
import { type Block, compose } from '../../src/console/canvas.ts';
import { painter } from '../../src/console/painter.ts';
import type { ConsoleState } from '../../src/console/state.ts';
import { Nowhere } from '../../src/console/terminal.ts';
import { compile } from '../../src/console/theme.ts';
import { dark, mono } from '../../src/console/themes.ts';

export const plain = (ansi: string): string => ansi.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '');

let blocks: Block[] = [];
const canvas = { put: (block: Block) => void blocks.push(block) };
let ink: ReturnType<typeof render> | undefined;

/** Rows as composed for the terminal, without colours. */
export function rowsOf(state: ConsoleState, screen: readonly string[] | null = null): string[] {
  blocks = [];
  const tree = app({ state, theme: compile(mono), screen }, canvas);
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
  return compose(blocks, cols, rows).map(line =>
    plain(
      [...line.entries()]
        .sort(([a], [b]) => a - b)
        .map(([, text]) => text)
        .join(''),
    ),
  );
}

export function textOf(state: ConsoleState, screen: readonly string[] | null = null): string {
  return rowsOf(state, screen).join('\n');
}

/** Everything the painter writes for these states, one after the other. */
export function writesOf(...states: readonly ConsoleState[]): string[] {
  const writes: string[] = [];
  let current = '';
  const painting = painter(
    text => {
      current += text;
    },
    compile(dark),
    'true',
  );
  for (const state of states) {
    current = '';
    painting.paint(state, null);
    writes.push(current);
  }
  painting.close();
  return writes;
}
