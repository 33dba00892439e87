/** What the console needs of agents' screens. Given by whoever starts it; without it panes say that none is there. */

export interface Screens {
  /** Rows of ANSI, each exactly `width` columns, at most `height`; null when nothing is known of this pane yet. */
  rows(pane: string, width: number, height: number): readonly string[] | null;
  /** Called when what a pane shows may have changed. Returns the function that ends it. */
  onChange(listener: (pane: string) => void): () => void;
  close(): void;
}

export type OpenScreens = (tmux: { readonly socket: string; readonly session: string }) => Promise<Screens>;
