/** What React and Ink find out there is to see: the layers that panes put on the canvas. */
import { Readable } from 'node:stream';
import { render } from 'ink';
import { app } from './app.tsx';
import type { Layer } from './canvas.ts';
import type { ConsoleState } from './state.ts';
import { Nowhere } from './terminal.ts';
import type { Theme } from './theme.ts';

interface InkLayers {
  of(state: ConsoleState, theme: Theme): readonly Layer[];
  close(): void;
}

export function inkLayers(): InkLayers {
  let layers: Layer[] = [];
  let ink: ReturnType<typeof render> | undefined;
  const canvas = { put: (layer: Layer) => void layers.push(layer) };
  return {
    of(state, theme) {
      layers = [];
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
      return layers;
    },
    close: () => ink?.unmount(),
  };
}
