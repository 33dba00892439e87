/** An agent on stage: the person's hands and the agent's pane, or, where that cannot be had, its screen as drawn. */
import type { Happening, Send } from '../effects.ts';
import type { ConsoleState } from '../state.ts';
import type { ThemeLook } from '../theme.ts';
import { hands, type Sink } from './hands.ts';
import { stageView } from './pane.ts';
import type { OpenStagePane, OpenStageRecording } from './parts.ts';

interface StageShell {
  now(): number;
  after(ms: number, run: () => void): () => void;
  act(happening: Happening): void;
  state(): ConsoleState;
  send(send: Send): void;
  /** Bytes as keys of the console. */
  keys(bytes: Uint8Array): void;
  /** Undefined where there are no real panes to be had. */
  readonly open: OpenStagePane | undefined;
  readonly record: OpenStageRecording | undefined;
  write(bytes: Uint8Array | string): void;
  /** The theme in use. */
  look(state: ConsoleState): ThemeLook;
  readonly coloured: boolean;
  readonly features: readonly string[];
  onLive(live: boolean): void;
}

export interface Stage {
  /** The agent's pane has the terminal: the console must not paint. */
  readonly live: boolean;
  /** Bytes from the terminal. */
  read(bytes: Uint8Array): void;
  follow(state: ConsoleState, before: ConsoleState): void;
  paste(text: string, fence: number): void;
  end(): void;
}

export function openStage(shell: StageShell): Stage {
  const { now, act, state, open } = shell;
  /** Through the engine, which types it into the pane. */
  const drawn: Sink = {
    type: bytes => act({ type: 'typed', bytes, paste: false, at: now() }),
    paste: text => act({ type: 'typed', bytes: Buffer.from(text), paste: true, at: now() }),
    tell: () => {},
    asked: () => false,
  };
  const view = open && stageView({ ...shell, open, onReady: () => hand.flush() });
  const hand = hands({
    ...shell,
    sink: () => (view && state().realStage ? view.sink() : drawn),
  });
  return {
    get live() {
      return view?.live ?? false;
    },
    read: bytes => (state().ui.stage === '' ? shell.keys(bytes) : hand.read(Buffer.from(bytes))),
    follow(after, before) {
      if (after.ui.stage !== before.ui.stage) hand.reset();
      view?.follow(after);
    },
    paste: hand.paste,
    end: () => view?.end(),
  };
}
