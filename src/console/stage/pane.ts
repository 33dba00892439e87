/**
 * The agent's real pane on the whole terminal: opened when an agent is on stage, given way while something is asked,
 * followed into the agent's next life. While it has the terminal the console paints nothing.
 */
import { HmsError, wordsOf } from '../../model/errors.ts';
import type { Happening, Send } from '../effects.ts';
import { PASTE_END, PASTE_START } from '../keys.ts';
import type { ConsoleState } from '../state.ts';
import type { ThemeLook } from '../theme.ts';
import { tmuxLook } from '../tmux-look.ts';
import { keyboardOf } from '../views.ts';
import type { Sink } from './hands.ts';
import { stageLine } from './line.ts';
import { stageOutput, UNSET } from './output.ts';
import type { OpenStagePane, OpenStageRecording, StagePane, StageRecording } from './parts.ts';
import { askedBy } from './replies.ts';
import { stageRight } from './rights.ts';
import { tmuxRow } from './tmux-style.ts';
import { typedReport } from './typed-report.ts';

interface PaneShell {
  now(): number;
  after(ms: number, run: () => void): () => void;
  act(happening: Happening): void;
  state(): ConsoleState;
  send(send: Send): void;
  readonly open: OpenStagePane;
  /** Undefined where stages are not recorded. */
  readonly record: OpenStageRecording | undefined;
  /** To the terminal. */
  write(bytes: Uint8Array | string): void;
  /** The theme in use. */
  look(state: ConsoleState): ThemeLook;
  readonly coloured: boolean;
  readonly features: readonly string[];
  /** The pane has the terminal now, or the console has it again. */
  onLive(live: boolean): void;
  /** Typed bytes have somewhere to go now. */
  onReady(): void;
}

interface StageView {
  /** The pane has the terminal: the console must not paint. */
  readonly live: boolean;
  sink(): Sink | undefined;
  follow(state: ConsoleState): void;
  /** Gives the terminal back at once and lets go of the pane. Safe to call again, and from an exit handler. */
  end(): void;
}

interface Place {
  readonly agent: string;
  readonly pane: string;
  readonly tmux: { readonly socket: string; readonly session: string };
}

interface Current extends Place {
  client: StagePane | undefined;
  recording: StageRecording | undefined;
  readonly output: ReturnType<typeof stageOutput>;
  readonly asked: ReturnType<typeof askedBy>;
  /** What it wrote before it had the terminal for the first time. */
  early: Buffer[] | null;
  cols: number;
  rows: number;
  line: string;
  mouse: boolean;
  /** Something was typed into it. */
  typed: boolean;
  /** When it was opened, ms. */
  readonly since: number;
}

/**
 * A pane that is lost may have a next one, or the agent a next life: looked at again so often, after this pause, ms. One
 * that was there for longer than `lasting` is a new story.
 */
const AGAIN = { times: 8, pause: 200, lasting: 2000 } as const;

/** The console has no cursor of its own; tmux left its. */
const NO_CURSOR = '\x1b[?25l';
/** While the console has the terminal for a question: the mouse is not tmux's, and nothing of its colours is left. */
const COVER = '\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[r\x1b(B\x1b[0m';

/** The wheel scrolls the pane, for everybody: only who may type into it gets it; others keep the mouse to select by. */
function wheel(state: ConsoleState): boolean {
  return state.looks.mouse && stageRight(state).fence !== undefined;
}

/**
 * Another person has the keyboard, and what was typed before may still wait for a tmux that hangs: it must not come
 * between that person's words. Whether it waits nobody can tell, so the pane is opened anew.
 */
function overtaken({ agent, typed }: Current, state: ConsoleState): boolean {
  const holder = keyboardOf(state, agent)?.session;
  return typed && holder !== undefined && holder !== state.me?.session;
}

export function stageView(shell: PaneShell): StageView {
  const report = typedReport(shell.after, shell.send);
  let current: Current | undefined;
  let live = false;
  let ended = false;
  let looks = 0;
  let lostPane = '';
  let cancelAgain: (() => void) | undefined;

  function placeOf(state: ConsoleState): Place | undefined {
    const agent = state.fleet.agents[state.ui.stage];
    if (!state.realStage || !agent || !state.tmux) return undefined;
    const { tmux } = state;
    // A pane whose program has ended stays to be read until the next one is there.
    if (agent.alive && agent.pane !== '') return { agent: agent.id, pane: agent.pane, tmux };
    return current?.agent === agent.id ? current : undefined;
  }

  function follow(state: ConsoleState): void {
    if (ended) return;
    const place = placeOf(state);
    if (current && overtaken(current, state)) close('cut');
    if (current && (place?.pane !== current.pane || place.agent !== current.agent)) close();
    if (state.ui.stage === '') rest();
    else if (!current && place && (!cancelAgain || place.pane !== lostPane)) open(place, state);
    settle(state);
  }

  function rest(): void {
    looks = 0;
    lostPane = '';
    cancelAgain?.();
    cancelAgain = undefined;
  }

  function open(place: Place, state: ConsoleState): void {
    cancelAgain?.();
    cancelAgain = undefined;
    const asked = askedBy(shell.now);
    const { size } = state;
    const mine: Current = {
      ...place,
      client: undefined,
      recording: undefined,
      output: stageOutput(asked.note),
      asked,
      early: [],
      ...size,
      line: '',
      mouse: wheel(state),
      typed: false,
      since: shell.now(),
    };
    current = mine;
    const { socket, session } = place.tmux;
    const { features } = shell;
    const styles = tmuxLook(shell.look(state), shell.coloured);
    shell
      .open({ socket, session, pane: place.pane, ...size, features, styles, mouse: mine.mouse })
      .then(async client => opened(mine, client, await recordingOf(mine)))
      .catch((error: unknown) => failed(mine, error));
  }

  async function recordingOf(mine: Current): Promise<StageRecording | undefined> {
    const { me, recordings } = shell.state();
    if (!shell.record || !me || recordings === '') return undefined;
    const { agent, cols, rows } = mine;
    const { operator, session } = me;
    const recorded = shell.record({
      folder: recordings,
      operator,
      session,
      agent,
      cols,
      rows,
      now: Math.round(shell.now()),
      onTrouble(words) {
        mine.recording = undefined;
        shell.act({ type: 'noted', tone: 'warn', words, at: shell.now() });
      },
    });
    // A stage that cannot be recorded has said so, and works all the same.
    return recorded.catch(() => undefined);
  }

  function opened(mine: Current, client: StagePane, recording: StageRecording | undefined): void {
    if (current !== mine) {
      client.drop();
      recording?.close();
      return;
    }
    mine.client = client;
    mine.recording = recording;
    client.onBytes(bytes => {
      const out = mine.output.read(bytes);
      if (mine.early) mine.early.push(out);
      else if (live && current === mine) show(mine, out);
    });
    client.onEnded(() => {
      if (current === mine) lost(mine);
    });
    settle(shell.state());
    shell.onReady();
  }

  /** The person first: what is recorded of it is what they saw. */
  function show(mine: Current, out: Buffer): void {
    shell.write(out);
    mine.recording?.output(out);
  }

  function failed(mine: Current, error: unknown): void {
    if (current !== mine) return;
    const at = shell.now();
    if (error instanceof HmsError && error.code === 'no-pty') {
      current = undefined;
      shell.act({ type: 'stage-missing', words: error.message, at });
      shell.onReady();
      return;
    }
    if (looks + 1 >= AGAIN.times)
      shell.act({
        type: 'noted',
        tone: 'warn',
        words: `${mine.agent} cannot be opened: ${wordsOf(error)}`,
        at,
      });
    lost(mine);
  }

  /** The client has gone while it was wanted: the window went, and the agent's next one may be on its way. */
  function lost(mine: Current): void {
    current = undefined;
    mine.recording?.close();
    lostPane = mine.pane;
    if (shell.now() - mine.since > AGAIN.lasting) looks = 0;
    lookAgain(mine.agent);
    settle(shell.state());
  }

  function lookAgain(agent: string): void {
    looks += 1;
    cancelAgain = shell.after(AGAIN.pause, () => {
      cancelAgain = undefined;
      const state = shell.state();
      if (current || state.ui.stage !== agent) return;
      if (looks >= AGAIN.times) leave(agent);
      else if (placeOf(state)) follow(state);
      else lookAgain(agent);
    });
  }

  function leave(agent: string): void {
    rest();
    const at = shell.now();
    const known = shell.state().fleet.agents[agent];
    const words = known?.alive ? 'its pane cannot be kept' : `it is ${known?.status ?? 'gone'}`;
    shell.act({ type: 'noted', tone: 'warn', words: `left ${agent}: ${words}`, at });
    shell.act({ type: 'run', command: 'agent.back', at });
  }

  function close(how: 'close' | 'cut' = 'close'): void {
    const mine = current;
    current = undefined;
    report.flush();
    mine?.recording?.close();
    void mine?.client?.[how]();
  }

  /** Who has the terminal now, at which size, with which words below. */
  function settle(state: ConsoleState): void {
    const mine = current;
    const client = mine?.client;
    if (mine && client) {
      if (mine.cols !== state.size.cols || mine.rows !== state.size.rows) {
        Object.assign(mine, state.size);
        client.resize(mine.cols, mine.rows);
        mine.recording?.resize(mine.cols, mine.rows);
      }
      const line = tmuxRow(
        stageLine(state, mine.cols, mine.recording !== undefined),
        mine.cols,
        shell.look(state).styles,
        shell.coloured,
      );
      if (line !== mine.line) client.line(line);
      mine.line = line;
      const mouse = wheel(state);
      if (mouse !== mine.mouse) client.mouse(mouse);
      mine.mouse = mouse;
    }
    const now = client !== undefined && state.ui.overlay === null;
    if (now === live) return;
    live = now;
    report.flush();
    if (!now) {
      shell.write((client ? COVER : UNSET) + NO_CURSOR);
      mine?.recording?.marker('the console covers the agent');
      shell.onLive(false);
      return;
    }
    shell.onLive(true);
    const early = mine?.early ?? null;
    if (mine) mine.early = null;
    if (early === null) client?.redraw();
    else if (mine) for (const bytes of early) show(mine, bytes);
  }

  return {
    get live() {
      return live;
    },
    sink() {
      const mine = current;
      const client = mine?.client;
      if (!mine || !client) return undefined;
      return {
        type(bytes, fence) {
          mine.typed = true;
          client.write(bytes);
          report.typed(mine.agent, bytes.length, fence);
        },
        paste(text, fence) {
          // As a terminal sends it: Enter for line breaks, in brackets for who asked for them.
          mine.typed = true;
          const typed = Buffer.from(text.replaceAll('\n', '\r'));
          client.write(mine.output.bracketed ? Buffer.concat([START, typed, END]) : typed);
          report.typed(mine.agent, typed.length, fence);
        },
        tell: bytes => client.write(bytes),
        asked: kind => mine.asked.take(kind),
      };
    },
    follow,
    end() {
      if (ended) return;
      ended = true;
      cancelAgain?.();
      report.flush();
      current?.recording?.close();
      current?.client?.drop();
      current = undefined;
      if (live) shell.write(UNSET);
      live = false;
    },
  };
}

const START = Buffer.from(PASTE_START);
const END = Buffer.from(PASTE_END);
