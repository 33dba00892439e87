/** What the console needs of agents' screens. Given by whoever starts it; without it panes say that none is there. */
import type { Area, Surface } from '../screens/surface.ts';

export interface Screens {
  /** Draws the part of a pane's screen around its cursor; nothing while nothing is known of it. */
  draw(pane: string, surface: Surface, area: Area): void;
  /** Exactly these are seen, and kept up to date. */
  setVisible(panes: readonly string[]): void;
  /** Called when what a visible pane shows may have changed. Returns the function that ends it. */
  onChange(listener: (pane: string) => void): () => void;
  /** Every line a pane has, oldest first, each with its own SGR sequences. Rejects when there is no such pane. */
  recall(pane: string): Promise<readonly string[]>;
  /** Puts text where tmux pastes from. */
  keep(text: string): void;
  close(): void;
}

export type OpenScreens = (tmux: { readonly socket: string; readonly session: string }) => Promise<Screens>;
