/** The thin shell: terminal, clock, engine and screens around the pure core. */
import { wordsOf } from '../model/errors.ts';
import type { Mode } from '../model/mode.ts';
import { neutralise, plural } from '../model/text.ts';
import { type Client, connectOperator, type OperatorTable } from '../protocol/client.ts';
import { bellOf } from './bell.ts';
import { toClipboard } from './clipboard.ts';
import { depthOf } from './depth.ts';
import type { Effect, Happening } from './effects.ts';
import { onWaysOut } from './exits.ts';
import { frames } from './frames.ts';
import { askGround, canAsk, groundFrom } from './ground.ts';
import { firstLooks, keepLooks, type LooksFrom, ownLooks } from './kept-looks.ts';
import { keyboard } from './keyboard.ts';
import type { Keymap } from './keymap.ts';
import { decidableView } from './layout.ts';
import { keepLinked } from './link.ts';
import { loadPainter } from './load-painter.ts';
import { type Choice, type Looks, themeIn } from './looks.ts';
import { wantsMouse } from './mouse.ts';
import type { OpenScreens, Screens } from './screens.ts';
import type { OpenStagePane, OpenStageRecording } from './stage/parts.ts';
import { openStage } from './stage/stage.ts';
import { type ConsoleState, initialState } from './state.ts';
import { canWait, consoleStore, showsDifference } from './store.ts';
import { openTerminal, type Terminal, type TtyIn, type TtyOut } from './terminal.ts';
import { mono } from './themes.ts';
import { isLateSize, viewSize } from './view-size.ts';

/** Least time between frames for what engine and person do, ms. */
const CHANGE_GAP_MS = 16;
/** Frames a second for agents' screens. */
const FPS = 30;

export interface ConsoleOptions {
  /** Path of the engine's operator socket. */
  readonly socket: string;
  readonly as?: string | undefined;
  readonly mode?: Mode | undefined;
  /** How to reach the engine, instead of `socket`. */
  connect?(): Promise<Client<OperatorTable>>;
  readonly openScreens?: OpenScreens | undefined;
  /** Opens an agent's real pane; without it agents on stage are drawn. */
  readonly openPane?: OpenStagePane | undefined;
  readonly openRecording?: OpenStageRecording | undefined;
  /** Shows the dash window on this terminal; resolves when the person has left it, or it is gone. */
  dash?(over: AbortSignal): Promise<void>;
  /** Freezes the fleet without an engine; resolves with what came of it, in words. */
  brake?(): Promise<string>;
  /** The kill switch of chaos without an engine; what came of it, in words. */
  halt?(): Promise<string>;
  /** Begins an experiment in a process of its own; resolves when it asks at the gate, with words. */
  experiment?(file: string): Promise<string>;
  /** Said when the person has left, instead of where the fleet goes on. */
  readonly farewell?: string | undefined;
  /** Keys of this person that differ from the built-in ones. */
  readonly keymap?: Keymap | undefined;
  /** Lines instead of frames, for screen readers; so does INK_SCREEN_READER=true. */
  readonly screenReader?: boolean | undefined;
  /** Leave the mouse to the terminal; so does HMS_MOUSE=0. */
  readonly noMouse?: boolean | undefined;
  /** Said on the first frame. */
  readonly notice?: string | undefined;
  /** Where this person's looks come from and are kept. */
  readonly looks?: LooksFrom | undefined;
  readonly stdin?: TtyIn;
  readonly stdout?: TtyOut;
  readonly env?: NodeJS.ProcessEnv;
}

/** Room for everything that is read aloud. */
const LEAST_SPOKEN = { cols: 80, rows: 24 };

/** How often the engine is told that somebody presses keys, ms. */
const PRESENT_MS = 10_000;

// Monotonic, so that a clock that is set neither ages nor arms anything.
const now = (): number => performance.timeOrigin + performance.now();

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/**
 * Opens a console on a running engine; resolves when the person has left it. Rejects, before anything is drawn, with the
 * engine's HmsError when it refuses this operator.
 */
export async function runConsole(options: ConsoleOptions): Promise<void> {
  const { stdin = process.stdin, stdout = process.stdout, env = process.env } = options;
  const spoken = options.screenReader || /^(?:1|true)$/.test(env.INK_SCREEN_READER ?? '');
  // What is read aloud needs no room: panes are laid out as on a terminal that has it.
  const least = spoken ? LEAST_SPOKEN : { cols: 1, rows: 1 };
  const size = () => ({
    cols: Math.max(least.cols, stdout.columns || 80),
    rows: Math.max(least.rows, stdout.rows || 24),
  });
  const quit = Promise.withResolvers<void>();
  const met = Promise.withResolvers<void>();

  const telling = async (
    work: Promise<string> | undefined,
    failed: string,
    without = `${failed}: not from this console`,
  ): Promise<void> => {
    const say = (tone: 'info' | 'warn', words: string) => act({ type: 'noted', tone, words, at: now() });
    if (!work) return say('warn', without);
    await work.then(
      words => say('info', words),
      error => say('warn', `${failed}: ${wordsOf(error)}`),
    );
  };
  const brake = (): Promise<void> =>
    telling(
      options.brake?.(),
      'the agents could not be frozen',
      'the engine is not connected: hms freeze in another terminal',
    );
  const halt = (): Promise<void> => telling(options.halt?.(), 'chaos could not be halted');
  const begin = (file: string): Promise<void> => telling(options.experiment?.(file), 'no experiment');
  const perform = (effect: Effect): void => {
    if (effect.do === 'quit') quit.resolve();
    else if (effect.do === 'send') link.send(effect.send);
    else if (effect.do === 'paste') stage.paste(effect.text, effect.fence);
    else if (effect.do === 'remember') keeping(effect.choice);
    else if (effect.do === 'recall') void recall(effect.pane);
    else if (effect.do === 'copy') copy(effect.text, effect.lines);
    else if (effect.do === 'brake') void brake();
    else if (effect.do === 'halt') void halt();
    else if (effect.do === 'experiment') void begin(effect.file);
    else if (effect.do === 'ring') bell(effect.ringing, store.api.getState().fleet.fleet);
    else if (effect.do === 'dash') void dash();
    else {
      painting.forget();
      drawn = undefined;
      drawing.request(0);
    }
  };
  const store = consoleStore(
    initialState({
      now: now(),
      ...size(),
      wanted: options.mode,
      armMs: armMs(env),
      keymap: options.keymap,
      realStage: options.openPane !== undefined,
    }),
    perform,
  );
  const bell = bellOf({
    // A stage has the terminal to itself: nothing is written into the middle of what it writes.
    write: text => void (stage.live || left || stdout.write(text)),
    passing: async () => {
      if (!env.TMUX) return 'bare';
      const { passesThrough } = await import('../tmux/passthrough.ts');
      return (await passesThrough(env)) ? 'wrap' : 'none';
    },
  });
  let present = 0;
  const act = (happening: Happening): void => {
    if (happening.type === 'input' && happening.at - present > PRESENT_MS) {
      present = happening.at;
      link.send({ request: 'present', with: {} });
    }
    if (happening.type === 'refused' && isLateSize(happening.send, happening.code)) fitting.again();
    store.act(happening);
    if (happening.type === 'welcomed' || happening.type === 'lost') met.resolve();
  };
  const link = keepLinked({
    connect: options.connect ?? (() => connectOperator(options.socket)),
    as: options.as,
    wanted: () => store.api.getState().wanted ?? undefined,
    now,
    after,
    soon: run => void setImmediate(run),
    act,
  });
  link.refused.catch(met.reject);

  // The engine answers while Ink loads.
  const loading = loadPainter();
  try {
    await met.promise;
  } catch (error) {
    link.close();
    throw error;
  }
  const depth = depthOf(env, stdout.getColorDepth?.(env) ?? 24);
  const told = options.looks?.theme ?? (env.HMS_THEME || undefined);
  const operator = (): string => store.api.getState().me?.operator ?? options.as ?? '';
  const note = (words: string): void => act({ type: 'noted', tone: 'warn', words, at: now() });
  const look = (looks: Partial<Looks>): void => act({ type: 'looked', looks, at: now() });
  look({ ground: groundFrom(env) ?? 'dark' });
  const lookingUp = options.looks && firstLooks({ ...options.looks, theme: told }, operator());
  // The terminal answers while Ink loads.
  const asking =
    told === undefined && !spoken && depth !== 'none' && canAsk(env)
      ? askGround(stdin, stdout, after, ground => look({ ground }))
      : undefined;
  const { painter, reader } = await loading;
  const found = await lookingUp;
  if (found) look(found.looks);
  else if (told) look({ theme: told });
  for (const words of found?.problems ?? []) note(words);
  if (spoken || options.noMouse || env.HMS_MOUSE === '0') look({ mouse: false });
  if (options.notice) act({ type: 'noted', tone: 'warn', words: options.notice, at: now() });

  let screens: Screens | undefined;
  const attached = Promise.withResolvers<Screens>();
  const write = (text: string): void => void stdout.write(text);
  const painting = spoken
    ? reader(write)
    : painter(write, depth, (pane, surface, area) => screens?.draw(pane, surface, area));
  let drawn: ConsoleState | undefined;
  const draw = (): void => {
    const state = store.api.getState();
    if (stage.live || away) return;
    if (drawn && !showsDifference(drawn, state)) {
      painting.refresh();
      return;
    }
    drawn = state;
    painting.paint(state);
    screens?.setVisible(painting.panes);
    act({ type: 'painted', view: decidableView(state), most: painting.most, at: now() });
  };
  const drawing = frames({ now, after }, draw);
  const recall = async (pane: string): Promise<void> => {
    try {
      const lines = await (await attached.promise).recall(pane);
      act({ type: 'recalled', pane, lines, at: now() });
    } catch (error) {
      act({ type: 'recalled', pane, lines: [], at: now() });
      note(`what has scrolled away cannot be shown: ${wordsOf(error)}`);
    }
  };
  const copy = (text: string, lines: number): void => {
    const clip = toClipboard(text);
    if (clip) stdout.write(clip);
    screens?.keep(neutralise(text));
    const words = `${plural(lines, 'line')} copied${clip ? '' : ' to tmux alone: too long for a terminal'}`;
    act({ type: 'noted', tone: clip ? 'info' : 'warn', words, at: now() });
  };
  // One after the other: each keeps what the one before has written.
  let kept = Promise.resolve();
  const keeping = (choice: Choice): void => {
    kept = kept.then(() => keepNow(choice));
  };
  const keepNow = async (choice: Choice): Promise<void> => {
    const problem = options.looks && (await keepLooks(options.looks, operator(), choice));
    if (problem) note(problem);
  };
  const lookAround = async (): Promise<void> => {
    if (!options.looks || left) return;
    const own = await ownLooks(options.looks);
    look(own.looks);
    for (const words of own.problems) note(words);
  };
  const fitting = viewSize(after, link.send);
  const screenGapMs = 1000 / fpsOf(env);
  const stage = openStage({
    now,
    after,
    act,
    state: store.api.getState,
    send: link.send,
    keys: keyboard({ now, after, act, targetAt: painting.targetAt }),
    open: options.openPane,
    record: options.openRecording,
    write: bytes => void stdout.write(bytes),
    look: ({ looks }) => (depth === 'none' ? mono : themeIn(looks)),
    coloured: depth !== 'none',
    features: depth === 'true' ? ['RGB'] : depth === '256' ? ['256'] : [],
    onLive(live) {
      if (live) return void screens?.setVisible([]);
      // The stage has left the terminal without the mouse.
      terminal?.mouse(false);
      terminal?.focus();
      pointing();
      perform({ do: 'redraw' });
    },
  });

  let left = false;
  let away = false;
  let opening = false;
  let terminal: Terminal | undefined;
  const pointing = (): void => terminal?.mouse(!spoken && wantsMouse(store.api.getState()) && !stage.live);
  const attachScreens = async (): Promise<void> => {
    const { tmux } = store.api.getState();
    // Once open they look after themselves; a first try that failed is made again when the engine or tmux is back.
    if (!options.openScreens || !tmux || screens || opening) return;
    opening = true;
    try {
      const opened = await options.openScreens(tmux);
      if (left) return opened.close();
      screens = opened;
      attached.resolve(opened);
      opened.setVisible(painting.panes);
      opened.onChange(() => drawing.request(screenGapMs));
      drawing.request(CHANGE_GAP_MS);
    } catch (error) {
      act({
        type: 'noted',
        tone: 'warn',
        words: `agents' screens cannot be shown: ${wordsOf(error)}`,
        at: now(),
      });
    } finally {
      opening = false;
    }
  };
  store.api.subscribe((state, before) => {
    // What is selected or open follows keys and new requests: it is drawn at once, however lately something was.
    if (showsDifference(before, state) && !canWait(before, state))
      drawing.request(state.ui === before.ui ? CHANGE_GAP_MS : 0);
    if (state.tmux !== before.tmux) void attachScreens();
    fitting.follow(state);
    stage.follow(state, before);
    pointing();
  });

  const resized = (): void => {
    act({ type: 'resized', ...size(), at: now() });
    draw();
  };
  stdout.on('resize', resized);
  const ticking = setInterval(() => act({ type: 'ticked', at: now() }), 1000);

  const over = new AbortController();
  /** Another program has the terminal meanwhile. */
  async function dash(): Promise<void> {
    if (!options.dash || away || stage.live) return;
    away = true;
    terminal?.close();
    try {
      await options.dash(over.signal);
    } catch (error) {
      act({ type: 'noted', tone: 'warn', words: wordsOf(error), at: now() });
    }
    away = false;
    if (left) return;
    terminal = take(stage.read);
    pointing();
    perform({ do: 'redraw' });
  }

  const leave = (): void => {
    if (left) return;
    left = true;
    over.abort();
    clearInterval(ticking);
    fitting.stop();
    drawing.stop();
    stdout.removeListener('resize', resized);
    stage.end();
    screens?.close();
    link.close();
    painting.close();
    terminal?.close();
  };
  const stopWatching = onWaysOut(leave);
  const take = (read: typeof stage.read) => openTerminal(stdin, stdout, read, quit.resolve, spoken);
  terminal = take(asking?.handOver(stage.read) ?? stage.read);
  pointing();
  draw();

  // Screens come after the first frame is out.
  setImmediate(() => {
    void attachScreens();
    void lookAround();
  });
  fitting.follow(store.api.getState());
  await quit.promise;
  leave();
  stopWatching();
  await kept;
  const { fleet } = store.api.getState();
  if (options.farewell !== undefined) return void stdout.write(`${options.farewell}\n`);
  if (!fleet.engine.running) return;
  const alive = Object.values(fleet.agents).filter(a => a.alive).length;
  stdout.write(
    `${fleet.fleet} goes on with ${plural(alive, 'agent')}. Back: hms-tui attach · end it: hms-tui down\n`,
  );
}

/** HMS_FPS, 1 to 120: for slow lines, and for benches. */
function fpsOf(env: NodeJS.ProcessEnv): number {
  const given = Number(env.HMS_FPS);
  return given >= 1 && given <= 120 ? given : FPS;
}

/** HMS_ARM_MS, ms: for benches and tests, which are no people. */
function armMs(env: NodeJS.ProcessEnv): number | undefined {
  const given = env.HMS_ARM_MS;
  return given !== undefined && /^\d{1,5}$/.test(given) ? Number(given) : undefined;
}
