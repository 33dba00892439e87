/**
 * The screen of one pane, kept up to date while somebody looks. It is filled from what tmux has, then follows the
 * pane's output; whenever following is impossible (too slow, another size, the program ended) it is filled again. A
 * pane that floods is not followed, which would slow its program down, but looked at ten times a second; whether it
 * has calmed down is tried less and less often.
 */
import { INVERSE } from './cell.ts';
import { FloodMeter, Patience } from './flood.ts';
import { cornerFor, drawScreen } from './picture.ts';
import { readSeed, type Seed, seedCommands } from './seed.ts';
import type { PaneStream } from './stream.ts';
import type { Area, Surface } from './surface.ts';
import { type ScreenTerminal, screenTerminal } from './terminal.ts';

/** How long tmux may take to tell what a screen looks like, ms. */
const FILL_MS = 2000;
/** How often a flood is looked at, ms. */
const LOOK_MS = 100;
/** Quiet time after which what is shown is compared with tmux's screen once more, ms. */
const QUIET_MS = 400;

export interface ViewOptions {
  /** Show where the cursor is, as a reversed cell. Default true. */
  readonly cursor?: boolean;
}

export class AgentScreen {
  readonly pane: string;
  readonly #changed: (pane: string) => void;
  #stream: PaneStream | undefined;
  /** What is looked at. */
  #shown: ScreenTerminal | undefined;
  /** What output goes to; becomes what is looked at once its seed has been read. */
  #fed: ScreenTerminal | undefined;
  /** Number of the filling that counts; answers of earlier ones are nobody's. */
  #fill = 0;
  /** What tmux said last. */
  #seeded = '';
  #quiet: NodeJS.Timeout | undefined;
  readonly #meter = new FloodMeter();
  readonly #patience = new Patience();
  /** It floods: it is looked at now and then, not followed. */
  #flooding = false;

  /** @param changed called when it may look different, many times a second in a flood */
  constructor(pane: string, changed: (pane: string) => void) {
    this.pane = pane;
    this.#changed = changed;
  }

  /** Columns and rows of the pane; undefined while nothing is known. */
  get size(): { readonly cols: number; readonly rows: number } | undefined {
    const terminal = this.#shown?.terminal;
    return terminal && { cols: terminal.cols, rows: terminal.rows };
  }

  get live(): boolean {
    return this.#stream !== undefined;
  }

  /** Draws the part of the screen around the cursor, blank beyond the pane's edges. False while nothing is known. */
  draw(surface: Surface, area: Area, { cursor = true }: ViewOptions = {}): boolean {
    if (!this.#shown) return false;
    const { terminal, cursorShown } = this.#shown;
    const buffer = terminal.buffer.active;
    // Behind the last column the cursor is shown on it.
    const at = { x: Math.min(buffer.cursorX, terminal.cols - 1), y: buffer.cursorY };
    const corner = cornerFor(
      { cols: terminal.cols, rows: terminal.rows, cursorX: at.x, cursorY: at.y },
      area.w,
      area.h,
    );
    drawScreen(surface, area, buffer, corner);
    if (cursor && cursorShown()) {
      surface.turn(area.x + at.x - corner.x, area.y + at.y - corner.y, 1, INVERSE);
    }
    return true;
  }

  /** Follows the pane on this connection from now on. */
  follow(stream: PaneStream): void {
    if (this.#stream === stream) return;
    this.#stream = stream;
    this.refill();
  }

  /** Stops following; what is shown stays as it is. */
  rest(): void {
    this.#stream = undefined;
    this.#flooding = false;
    clearTimeout(this.#quiet);
    this.#fill += 1;
    this.#drop();
  }

  /** Nothing is known any more. */
  forget(): void {
    this.rest();
    this.#shown?.terminal.dispose();
    this.#shown = undefined;
    this.#changed(this.pane);
  }

  /**
   * Once a pane is quiet, tmux is asked whether this is all: after a flood tmux 3.3a may keep its last words until it
   * is asked for something, and what it answers to a reader that stalled is old. Goes on until an answer is what the
   * one before was.
   */
  #checkWhenQuiet(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.refill(), QUIET_MS);
    this.#quiet.unref();
  }

  /** Asks tmux what the screen looks like now and goes on from there. */
  refill(): void {
    this.#flooding = false;
    this.#ask('continue', (seed, late) => {
      if (late || (seed && seed.data !== this.#seeded)) this.#checkWhenQuiet();
      // No such pane: what was seen last stays.
      if (!seed) return;
      this.#seeded = seed.data;
      this.#start(seed);
    });
  }

  /** tmux has stopped sending, by our wish or because we were too slow. */
  paused(): void {
    if (!this.#flooding) this.refill();
  }

  /** Output of the pane, in the order it came. */
  feed(bytes: Uint8Array): void {
    const fed = this.#fed;
    if (!fed || this.#flooding) return;
    const now = performance.now();
    if (this.#meter.floods(bytes.length, now)) {
      this.#flooding = true;
      this.#patience.begin(now);
      // What was followed since has changed what is shown.
      this.#seeded = '';
      this.#look();
      return;
    }
    fed.terminal.write(bytes, () => {
      if (this.#fed === fed) this.#changed(this.pane);
    });
    this.#checkWhenQuiet();
  }

  /** tmux says the pane has this size. */
  resized(cols: number, rows: number): void {
    const terminal = this.#fed?.terminal;
    if (!this.#flooding && terminal && (terminal.cols !== cols || terminal.rows !== rows)) this.refill();
  }

  #look(): void {
    this.#ask('pause', seed => {
      const same = seed?.data === this.#seeded;
      if (seed && !same) {
        this.#seeded = seed.data;
        this.#start(seed);
      }
      const over = this.#patience.ends(same, performance.now());
      this.#quiet = setTimeout(() => (over ? this.refill() : this.#look()), LOOK_MS);
      this.#quiet.unref();
    });
  }

  /** The answer, unless another question came after it; `late` when tmux did not answer in time. */
  #ask(then: 'continue' | 'pause', answered: (seed: Seed | undefined, late: boolean) => void): void {
    const stream = this.#stream;
    if (!stream) return;
    clearTimeout(this.#quiet);
    this.#fill += 1;
    const fill = this.#fill;
    this.#drop();
    stream.request(seedCommands(this.pane, then), { deadlineMs: FILL_MS }, answer => {
      if (fill !== this.#fill) return;
      const late = !answer.ok && 'code' in answer.error && answer.error.code === 'tmux-timeout';
      answered(answer.ok ? readSeed(this.pane, answer.blocks) : undefined, late);
    });
  }

  #start({ cols, rows, data }: Seed): void {
    const next = screenTerminal(Math.max(1, cols), Math.max(1, rows));
    this.#fed = next;
    next.terminal.write(data, () => {
      if (this.#fed !== next) return;
      const before = this.#shown;
      this.#shown = next;
      if (before !== next) before?.terminal.dispose();
      this.#changed(this.pane);
    });
  }

  /** Output that comes now belongs to no terminal: it is in the next seed. */
  #drop(): void {
    if (this.#fed && this.#fed !== this.#shown) this.#fed.terminal.dispose();
    this.#fed = undefined;
  }
}
