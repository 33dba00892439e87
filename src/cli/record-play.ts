/**
 * Plays a recording in the terminal. What was recorded never reaches it as it is: a headless terminal reads it, and its
 * cells are drawn as the console draws agents' screens.
 */
import { cut, pad } from '../console/cells.ts';
import { coloursAt, depthOf } from '../console/depth.ts';
import { decode, NEW_DECODER } from '../console/keys.ts';
import { openTerminal } from '../console/terminal.ts';
import { HmsError } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';
import { Playback, type Step } from '../recording/playback.ts';
import type { Recording } from '../recording/read.ts';
import { atOnce, changes } from '../screens/changes.ts';
import { Glyphs } from '../screens/glyphs.ts';
import { cornerFor, drawScreen } from '../screens/picture.ts';
import { Surface } from '../screens/surface.ts';
import { type ScreenTerminal, screenTerminal } from '../screens/terminal.ts';

/** Between two frames, ms. */
const FRAME_MS = 33;
/** A jump by the arrow keys, ms. */
const JUMP_MS = 5000;
/** Output is given to the headless terminal in pieces of about this length. */
const PIECE = 1 << 20;
/** Larger screens than this are not believed. */
const MOST = 1000;
const KEYS = 'space pause  ←→ 5 s  [ ] markers  - + speed  q quit';

export interface PlayOptions {
  readonly speed: number;
  /** ms of recorded time. */
  readonly from: number;
  /** ms. */
  readonly idle: number;
}

/** Resolves when the person has left. Throws HmsError `no-terminal`. */
export async function play(recording: Recording, { speed, from, idle }: PlayOptions): Promise<void> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new HmsError('no-terminal', 'playing needs a terminal', 'without one: hms record export');
  }
  const playback = new Playback([...recording.events()], { speed, idle });
  const screen = new PlayedScreen(recording);
  const view = new View(recording.name, coloursAt(depthOf(process.env, stdout.getColorDepth())));
  let work = screen.show(playback, playback.seek(playback.timeOf(from)));
  const steps = (step: Step): void => {
    work = work.then(() => screen.show(playback, step));
  };
  let leave = (): void => {};
  const left = new Promise<void>(resolve => {
    leave = resolve;
  });
  const press: Readonly<Record<string, () => void>> = {
    q: leave,
    esc: leave,
    'ctrl-c': leave,
    space: () => {
      if (playback.ended) steps(playback.seek(0));
      else playback.paused = !playback.paused;
    },
    right: () => steps(playback.seek(playback.at + JUMP_MS)),
    left: () => steps(playback.seek(playback.at - JUMP_MS)),
    home: () => steps(playback.seek(0)),
    end: () => steps(playback.seek(playback.length)),
    ']': () => steps(playback.seekMarker(1)),
    '[': () => steps(playback.seekMarker(-1)),
    '+': () => playback.faster(1),
    '-': () => playback.faster(-1),
  };
  let decoder = NEW_DECODER;
  const terminal = openTerminal(
    stdin,
    stdout,
    bytes => {
      const decoded = decode(decoder, Buffer.from(bytes).toString('utf8'));
      // An Escape key is one when nothing comes behind it in the same read.
      decoder = NEW_DECODER;
      if (decoded.decoder.pending === '\u001b') leave();
      for (const input of decoded.inputs) {
        if (input.type === 'key') press[input.key === ' ' ? 'space' : input.key]?.();
      }
    },
    leave,
  );
  process.once('SIGTERM', leave);
  process.once('SIGHUP', leave);
  let last = performance.now();
  let drawing = false;
  const ticking = setInterval(() => {
    const now = performance.now();
    if (!drawing) {
      steps(playback.advance(now - last));
      last = now;
      drawing = true;
      work = work.then(() => {
        stdout.write(view.frame(screen, playback, stdout.columns, stdout.rows));
        drawing = false;
      });
    }
  }, FRAME_MS);
  try {
    await left;
  } finally {
    clearInterval(ticking);
    terminal.close();
  }
}

/** The screen as the recorded program had it. */
class PlayedScreen {
  readonly #recording: Recording;
  #screen: ScreenTerminal;
  marker = '';

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#screen = this.#fresh();
  }

  get terminal(): ScreenTerminal['terminal'] {
    return this.#screen.terminal;
  }

  get cursorShown(): boolean {
    return this.#screen.cursorShown();
  }

  async show({ events }: Playback, { fresh, from, to }: Step): Promise<void> {
    if (fresh) {
      this.#screen.terminal.dispose();
      this.#screen = this.#fresh();
      this.marker = '';
    }
    let text = '';
    const write = async (): Promise<void> => {
      const piece = text;
      text = '';
      await new Promise<void>(resolve => this.terminal.write(piece, resolve));
    };
    for (const { code, data } of events.slice(from, to)) {
      if (code === 'o') text += data;
      else if (code === 'm' || code === 'x') this.marker = code === 'x' ? `exit ${data}` : data;
      if (text.length > PIECE || code === 'r') await write();
      if (code === 'r') this.#resize(data);
    }
    if (text !== '') await write();
  }

  #fresh(): ScreenTerminal {
    const { cols, rows } = this.#recording.header.term;
    return screenTerminal(Math.min(cols, MOST), Math.min(rows, MOST));
  }

  #resize(size: string): void {
    const [, cols, rows] = /^(\d{1,4})x(\d{1,4})$/.exec(size) ?? [];
    if (cols && rows) this.terminal.resize(clamp(Number(cols)), clamp(Number(rows)));
  }
}

function clamp(n: number): number {
  return Math.max(1, Math.min(MOST, n));
}

/** Frames for the person's terminal: the screen, and one line about it. */
class View {
  readonly #name: string;
  readonly #colours: ReturnType<typeof coloursAt>;
  #glyphs = new Glyphs();
  #shown: Surface | undefined;

  constructor(name: string, colours: ReturnType<typeof coloursAt>) {
    this.#name = oneLine(name, 60);
    this.#colours = colours;
  }

  frame(screen: PlayedScreen, playback: Playback, cols: number, rows: number): string {
    if (this.#glyphs.full) {
      this.#glyphs = new Glyphs();
      this.#shown = undefined;
    }
    const height = Math.max(1, rows - 1);
    const old = this.#shown?.cols === cols && this.#shown.rows === height ? this.#shown : undefined;
    const surface = new Surface(cols, height, this.#glyphs);
    const { terminal } = screen;
    const { active } = terminal.buffer;
    const extent = {
      cols: terminal.cols,
      rows: terminal.rows,
      cursorX: active.cursorX,
      cursorY: active.cursorY,
    };
    drawScreen(surface, { x: 0, y: 0, w: cols, h: height }, active, cornerFor(extent, cols, height));
    this.#shown = surface;
    const clear = old ? '' : '\u001b[0m\u001b[2J';
    const drawn = changes(old ?? new Surface(cols, height, this.#glyphs), surface, this.#colours);
    const line = pad(this.#line(screen, playback, cols), cols);
    return atOnce(`${clear}${drawn}\u001b[${rows};1H\u001b[7m${line}\u001b[0m`);
  }

  #line({ marker }: PlayedScreen, playback: Playback, cols: number): string {
    const state = playback.ended ? 'end' : playback.paused ? 'paused' : `${playback.speed}x`;
    const head = ` ${this.#name}  ${clockOf(playback.at)}/${clockOf(playback.length)}  ${state}  `;
    const mark = marker === '' ? '' : `◆ ${oneLine(marker, 80)}  `;
    return cut(`${head}${mark}${KEYS}`, cols);
  }
}

/** `1:02`, `1:00:02`. */
function clockOf(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
