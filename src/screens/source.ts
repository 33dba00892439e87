/** The screens of a fleet's panes for one console: live where somebody looks, free of cost where nobody does. */
import { AgentScreen, type ViewOptions } from './agent-screen.ts';
import { historyCommand, readHistory } from './history.ts';
import { layoutSizes } from './seed.ts';
import type { PaneStream } from './stream.ts';
import type { Area, Surface } from './surface.ts';

/** How long tmux may take to print all it has of a pane, ms. */
const RECALL_MS = 5000;
/** Pauses between tries to get a lost connection back, ms; the last one goes on. */
const RETRY_MS = [50, 100, 250, 500, 1000] as const;

export interface ScreenSource {
  /** Exactly these are live from now on; the others cost nothing. */
  setVisible(panes: Iterable<string>): void;
  /** As AgentScreen.draw. What is not visible is drawn as it was last; false while nothing is known. */
  draw(pane: string, surface: Surface, area: Area, options?: ViewOptions): boolean;
  /** Columns and rows of a pane; undefined while nothing is known. */
  size(pane: string): { readonly cols: number; readonly rows: number } | undefined;
  /**
   * Every line of a pane, history and screen, oldest first, each with its own SGR sequences.
   *
   * @throws Error when there is no connection or no such pane
   */
  recall(pane: string): Promise<readonly string[]>;
  /** Puts text into tmux's newest buffer; nothing while there is no connection. */
  keep(text: string): void;
  /** A pane may look different now. */
  onChange(listener: (pane: string) => void): () => void;
  /** The connection is gone; it is tried again until `close`. Nothing is known of any pane until it is back. */
  onGone(listener: (detail: string) => void): () => void;
  onBack(listener: () => void): () => void;
  close(): Promise<void>;
}

/**
 * Opens the screens on a connection of their own. `connect` makes one and is called again when it is lost: the tmux
 * server may have been rebuilt meanwhile, and its pane ids mean other panes then.
 *
 * @throws whatever `connect` throws the first time
 */
export async function openScreens(connect: () => Promise<PaneStream>): Promise<ScreenSource> {
  const source = new Source(connect);
  source.use(await connect());
  return source;
}

class Source implements ScreenSource {
  readonly #connect: () => Promise<PaneStream>;
  readonly #screens = new Map<string, AgentScreen>();
  readonly #changed = new Set<(pane: string) => void>();
  readonly #gone = new Set<(detail: string) => void>();
  readonly #back = new Set<() => void>();
  /** Panes that tmux was told not to send on this connection. */
  readonly #silent = new Set<string>();
  #visible: ReadonlySet<string> = new Set();
  #stream: PaneStream | undefined;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(connect: () => Promise<PaneStream>) {
    this.#connect = connect;
  }

  setVisible(panes: Iterable<string>): void {
    this.#visible = new Set(panes);
    this.#settle();
  }

  draw(pane: string, surface: Surface, area: Area, options?: ViewOptions): boolean {
    return this.#screens.get(pane)?.draw(surface, area, options) ?? false;
  }

  size(pane: string): { readonly cols: number; readonly rows: number } | undefined {
    return this.#screens.get(pane)?.size;
  }

  async recall(pane: string): Promise<readonly string[]> {
    const [lines = []] = await this.#ask([historyCommand(pane)]);
    return readHistory(lines);
  }

  keep(text: string): void {
    this.#stream?.request([['set-buffer', '--', text]], {}, () => {});
  }

  #ask(commands: readonly (readonly string[])[]): Promise<readonly (readonly string[])[]> {
    return new Promise((resolve, reject) => {
      if (!this.#stream) return reject(new Error('tmux is not connected'));
      this.#stream.request(commands, { deadlineMs: RECALL_MS }, answer =>
        answer.ok ? resolve(answer.blocks) : reject(answer.error),
      );
    });
  }

  onChange(listener: (pane: string) => void): () => void {
    this.#changed.add(listener);
    return () => void this.#changed.delete(listener);
  }

  onGone(listener: (detail: string) => void): () => void {
    this.#gone.add(listener);
    return () => void this.#gone.delete(listener);
  }

  onBack(listener: () => void): () => void {
    this.#back.add(listener);
    return () => void this.#back.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const stream = this.#stream;
    this.#stream = undefined;
    for (const screen of this.#screens.values()) screen.rest();
    await stream?.close();
  }

  use(stream: PaneStream): void {
    this.#stream = stream;
    this.#silent.clear();
    stream.onOutput((pane, bytes) => {
      const screen = this.#screens.get(pane);
      if (screen?.live) screen.feed(bytes);
      else this.#silence(pane);
    });
    stream.onPaused(pane => this.#screens.get(pane)?.paused());
    stream.onNotice((name, text) => this.#onNotice(name, text));
    stream.onGone(detail => this.#lost(stream, detail));
    // Once a second tmux looks whether a program has ended: its last words are not always sent as output. (Asked for
    // all panes: for a single one tmux 3.3a stops looking when it is dead.)
    stream.request([['refresh-client', '-B', 'hms-dead:%*:#{pane_dead}|#{pane_dead_time}']], {}, () => {});
    this.#settle();
  }

  #screen(pane: string): AgentScreen {
    const known = this.#screens.get(pane);
    if (known) return known;
    const screen = new AgentScreen(pane, changed => {
      for (const listener of [...this.#changed]) listener(changed);
    });
    this.#screens.set(pane, screen);
    return screen;
  }

  /** Makes what is live what is wanted. */
  #settle(): void {
    const stream = this.#stream;
    if (!stream) return;
    for (const pane of this.#visible) this.#screen(pane);
    for (const screen of this.#screens.values()) {
      const wanted = this.#visible.has(screen.pane);
      if (wanted && !screen.live) {
        this.#silent.delete(screen.pane);
        screen.follow(stream);
      } else if (!wanted && screen.live) {
        screen.rest();
        this.#silence(screen.pane);
      }
    }
  }

  #silence(pane: string): void {
    if (this.#silent.has(pane)) return;
    this.#silent.add(pane);
    // Paused, not off: tmux before 3.7 may die of a pane that is turned off with output on its way.
    this.#stream?.request([['refresh-client', '-A', `${pane}:pause`]], {}, () => {});
  }

  #onNotice(name: string, text: string): void {
    if (name === 'layout-change') {
      for (const [pane, { cols, rows }] of layoutSizes(text.split(' ')[1] ?? '')) {
        this.#screens.get(pane)?.resized(cols, rows);
      }
    } else if (name === 'subscription-changed') {
      const dead = /^hms-dead .* (%\d+) : 1/.exec(text);
      if (dead?.[1]) this.#screens.get(dead[1])?.refill();
    }
  }

  #lost(stream: PaneStream, detail: string): void {
    if (this.#closed || this.#stream !== stream) return;
    this.#stream = undefined;
    for (const screen of this.#screens.values()) screen.forget();
    for (const listener of [...this.#gone]) listener(detail);
    this.#reconnect(0);
  }

  #reconnect(attempt: number): void {
    const pause = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
    this.#retry = setTimeout(async () => {
      try {
        const stream = await this.#connect();
        if (this.#closed) {
          await stream.close();
          return;
        }
        this.use(stream);
        for (const listener of [...this.#back]) listener();
      } catch {
        // Not there yet.
        if (!this.#closed) this.#reconnect(attempt + 1);
      }
    }, pause);
  }
}
