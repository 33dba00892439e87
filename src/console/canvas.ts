/**
 * What panes give to be drawn: blocks of finished rows, and holes that agents' own screens show through. Ink lays the
 * panes out and decides which there are; nothing that is seen passes through Ink, whose cost is per cell and frame.
 */
import { createContext } from 'react';
import type { Most } from './frame.ts';
import type { Rect } from './layout.ts';
import type { Spot } from './target.ts';

export interface Block {
  readonly rect: Rect;
  /** Text with SGR sequences, each row cut or filled to `rect.w` columns. */
  readonly rows: readonly string[];
  /** Where a click does something. */
  readonly spots?: readonly Spot[];
  /** Told back to the state once it is painted, which does not know how much there is. */
  readonly most?: Most | undefined;
}

/** Where the screen of a tmux pane shows; what lies below shows while nothing is known of it. */
export interface Hole {
  readonly rect: Rect;
  readonly pane: string;
}

/** What lies there stands out, without a colour of its own: `found` and the find one is at, the cursor's line, `chosen`. */
export interface Mark {
  readonly rect: Rect;
  readonly as: 'found' | 'current' | 'line' | 'chosen';
}

/** In the order they were put: a later one lies over earlier ones. */
export type Layer = Block | Hole | Mark;

export function mostOf(layers: readonly Layer[]): Most {
  return Object.assign({}, ...layers.map(layer => ('rows' in layer ? layer.most : undefined)));
}

/** Where panes put their layers. Without one (tests, screen readers) blocks are Ink's own text. */
export interface Canvas {
  put(layer: Layer): void;
}

export const CanvasContext = createContext<Canvas | null>(null);
