/** Draws the state: React and Ink find out what there is to see, the canvas writes what differs. */
import { Readable } from 'node:stream';
import { render } from 'ink';
import { app } from './app.tsx';
import { atOnce, type Block, compose, difference, type Frame } from './canvas.ts';
import { atDepth, type Depth } from './depth.ts';
import type { ConsoleState } from './state.ts';
import { Nowhere } from './terminal.ts';
import type { Theme } from './theme.ts';

interface Painter {
  /** Brings the terminal to this state; returns once it is written. */
  paint(state: ConsoleState, screen: readonly string[] | null): void;
  /** Forgets what is on the terminal: the next paint writes everything. */
  forget(): void;
  close(): void;
}

export function painter(write: (text: string) => void, theme: Theme, depth: Depth): Painter {
  let blocks: Block[] = [];
  let shown: Frame | null = null;
  let size = '';
  let ink: ReturnType<typeof render> | undefined;
  const canvas = { put: (block: Block) => void blocks.push(block) };

  return {
    paint(state, screen) {
      blocks = [];
      const tree = app({ state, theme, screen }, canvas);
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
      const { cols, rows } = state.size;
      const frame = compose(blocks, cols, rows);
      const before = size === `${cols}x${rows}` ? shown : null;
      const changes = difference(before, frame);
      if (changes !== '')
        write(atDepth(atOnce(before === null ? `\x1b[0m\x1b[2J${changes}` : changes), depth));
      shown = frame;
      size = `${cols}x${rows}`;
    },
    forget() {
      shown = null;
    },
    close() {
      ink?.unmount();
    },
  };
}
