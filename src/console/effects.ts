/** What the pure core asks the shell to do, and what the shell tells the core. */
import type { BreakerReading } from '../model/breaker-view.ts';
import type { Event } from '../model/event.ts';
import type { JsonObject } from '../model/json.ts';
import type { Reading, Series } from '../model/resources.ts';
import type {
  JournalPage,
  OperatorInput,
  OperatorRequest,
  ProbeReadings,
  Ringing,
  Welcome,
} from '../protocol/messages.ts';
import type { Most } from './frame.ts';
import type { Input } from './keys.ts';
import type { Choice, Looks } from './looks.ts';
import { type ConsoleState, withUi } from './state.ts';
import type { Target } from './target.ts';

/** A request to the engine with what goes with it. */
export type Send = {
  [R in OperatorRequest]: { readonly request: R; readonly with: OperatorInput<R> };
}[OperatorRequest];

export type Effect =
  | { readonly do: 'send'; readonly send: Send }
  /** Writes the whole screen again, whatever is thought to be on it. */
  | { readonly do: 'redraw' }
  /** Keeps how this person wants the console to look. */
  | { readonly do: 'remember'; readonly choice: Choice }
  /** Into the agent on stage, under the fence its keyboard is held under. */
  | { readonly do: 'paste'; readonly text: string; readonly fence: number }
  /** Stops the agents' processes without the engine, which does not answer. */
  | { readonly do: 'brake' }
  /** The kill switch of chaos without the engine, which does not answer. */
  | { readonly do: 'halt' }
  /** Begins the experiment of this file, as a process of its own. */
  | { readonly do: 'experiment'; readonly file: string }
  /** Asks for every line of a pane. */
  | { readonly do: 'recall'; readonly pane: string }
  /** To the clipboard of the person's terminal and to tmux. */
  | { readonly do: 'copy'; readonly text: string; readonly lines: number }
  /** Shows the dash window instead of the console until it is left. */
  | { readonly do: 'dash' }
  /** Tells a person who looks elsewhere. */
  | { readonly do: 'ring'; readonly ringing: Ringing }
  /** Ends this console; agents and engine go on. */
  | { readonly do: 'quit' };

/** A decision while the person is still being asked for the rest of it. */
export interface Decision {
  readonly request: string;
  readonly as: 'approve' | 'deny' | 'override' | 'grant';
  readonly note: string;
  readonly edit: JsonObject | null;
  /** Keys pressed so far, for the record. */
  readonly keys: readonly string[];
}

/** What happened: a key, a message of the engine, time. `at` is the console's own clock, ms since the epoch. */
export type Happening =
  | { readonly type: 'input'; readonly input: Input; readonly at: number }
  /** Keyboard bytes while a person types into an agent. */
  | { readonly type: 'typed'; readonly bytes: Uint8Array; readonly paste: boolean; readonly at: number }
  /** Pasted on stage; `whole` is false when it was too long to be kept. */
  | { readonly type: 'pasted'; readonly text: string; readonly whole: boolean; readonly at: number }
  | { readonly type: 'prefixed'; readonly prefix: 'none' | 'back' | 'command'; readonly at: number }
  /** Agents' real panes cannot be shown here, and why. */
  | { readonly type: 'stage-missing'; readonly words: string; readonly at: number }
  | { readonly type: 'run'; readonly command: string; readonly at: number }
  | { readonly type: 'welcomed'; readonly welcome: Welcome; readonly at: number }
  | { readonly type: 'events'; readonly events: readonly Event[]; readonly at: number }
  | { readonly type: 'lost'; readonly reason: string; readonly at: number }
  | {
      readonly type: 'refused';
      readonly send: Send;
      readonly code: string;
      readonly words: string;
      readonly at: number;
    }
  | { readonly type: 'noted'; readonly tone: 'info' | 'warn'; readonly words: string; readonly at: number }
  | {
      readonly type: 'read';
      readonly with: OperatorInput<'journal.read'>;
      readonly page: JournalPage;
      readonly at: number;
    }
  | {
      readonly type: 'recalled';
      readonly pane: string;
      readonly lines: readonly string[];
      readonly at: number;
    }
  | { readonly type: 'answered'; readonly send: Send; readonly result?: unknown; readonly at: number }
  /** A frame with this view of a request was written to the terminal; it can be scrolled so far. */
  | { readonly type: 'painted'; readonly view: string; readonly most?: Most; readonly at: number }
  /** What is known of the looks: the terminal's background, a person's own themes and layouts, an earlier choice. */
  | { readonly type: 'looked'; readonly looks: Partial<Looks>; readonly at: number }
  /** A click or a notch of the wheel, and what was drawn there. */
  | {
      readonly type: 'pointed';
      readonly gesture: 'click' | 'wheel-up' | 'wheel-down';
      readonly x: number;
      readonly y: number;
      readonly target: Target | undefined;
      readonly at: number;
    }
  | { readonly type: 'resized'; readonly cols: number; readonly rows: number; readonly at: number }
  /** What agents use, measured every second; `history` with the first of a connection. */
  | {
      readonly type: 'measured';
      readonly reading: Reading;
      readonly history: Readonly<Record<string, Series>> | undefined;
      readonly at: number;
    }
  /** What has been counted of breakers. */
  | { readonly type: 'counted'; readonly breakers: readonly BreakerReading[]; readonly at: number }
  /** What the probes of an experiment see. */
  | { readonly type: 'probed'; readonly readings: ProbeReadings; readonly at: number }
  | { readonly type: 'rang'; readonly ringing: Ringing; readonly at: number }
  /** The terminal's window got the focus or lost it. */
  | { readonly type: 'focused'; readonly focused: boolean; readonly at: number }
  | { readonly type: 'ticked'; readonly at: number };

/** A state and what is to be done because of it. */
export interface Step {
  readonly state: ConsoleState;
  readonly effects: readonly Effect[];
}

/** A step that asks for nothing. */
export function still(state: ConsoleState): Step {
  return { state, effects: [] };
}

/** A step that sends requests to the engine. */
export function sending(state: ConsoleState, ...sends: readonly Send[]): Step {
  return { state, effects: sends.map(send => ({ do: 'send', send })) };
}

/** A step that sends a request once the person has said yes to `title`; `detail` says what exactly happens then. */
export function asking(state: ConsoleState, title: string, detail: string, send: Send): Step {
  const ask = { title, detail, yes: { is: 'send', send } } as const;
  return still(withUi(state, { overlay: { kind: 'confirm', ask } }));
}
