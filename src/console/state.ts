/**
 * What one console knows and shows. Everything a pane draws and a key decides on is in here, so that both are plain
 * functions of this state. Times are the engine's clock, milliseconds since the epoch.
 */
import type { Event } from '../model/event.ts';
import type { JsonObject } from '../model/json.ts';
import type { Mode, Role } from '../model/mode.ts';
import { EMPTY, type FleetState } from '../model/state.ts';
import { type CountedBreakers, NONE_COUNTED } from './counted.ts';
import type { Decision, Send } from './effects.ts';
import type { History } from './history.ts';
import type { Keymap } from './keymap.ts';
import type { LineState } from './line.ts';
import type { LookBack } from './look-back.ts';
import { FIRST_LOOKS, type Looks } from './looks.ts';
import { NO_PROBES, type ProbeSeries } from './probes.ts';
import { NO_RESOURCES, type ResourcesState, type Sort } from './resources.ts';
import type { PageWanted, Related } from './timeline.ts';

/** Panes that can have the focus, in the order Tab visits them. */
export const FOCUSABLE = ['agents', 'screen', 'grid', 'approvals', 'tray', 'timeline', 'chaos'] as const;
export type Focus = (typeof FOCUSABLE)[number];

type LinkState =
  | { readonly is: 'connecting' }
  | { readonly is: 'up' }
  | { readonly is: 'down'; readonly since: number; readonly reason: string };

/** Who this console is for the engine. A new session after every reconnect. */
interface Me {
  readonly session: string;
  readonly operator: string;
  readonly role: Role;
  /** As welcomed; what the session's state says counts once it is known. */
  readonly mode: Mode;
}

/** What is asked of the person on the bottom line before something happens. */
interface Confirmation {
  readonly title: string;
  /** What exactly happens on yes. */
  readonly detail: string;
  /** The key that asked: another one says yes. */
  readonly pressed?: string;
  /** What was open before, and is again then. */
  readonly back?: Overlay;
  readonly yes:
    | { readonly is: 'decide'; readonly decision: Decision }
    | { readonly is: 'send'; readonly send: Send };
}

/** At most one thing lies over the panes or asks on the bottom line. */
export type Overlay =
  /** `find` is what it lists; typed into while `finding`. */
  | { readonly kind: 'help'; readonly scroll: number; readonly find: LineState; readonly finding: boolean }
  | { readonly kind: 'why'; readonly scroll: number }
  | { readonly kind: 'tokens'; readonly scroll: number }
  /** What is broken on purpose. */
  | { readonly kind: 'chaos'; readonly scroll: number }
  /** `breaker` is the one that keys are about; '' the first. */
  | { readonly kind: 'healing'; readonly scroll: number; readonly breaker: string }
  /** The file of an experiment to begin. */
  | { readonly kind: 'experiment'; readonly line: LineState; readonly problem: string }
  /** What the changed fleet file changes; `revision` is the one that is shown. */
  | { readonly kind: 'change'; readonly revision: string; readonly scroll: number }
  /** What an agent has changed in its worktree; null until git has answered. */
  | {
      readonly kind: 'worktree';
      readonly agent: string;
      readonly lines: readonly string[] | null;
      readonly scroll: number;
    }
  /** A theme or a layout; `before` is what Esc goes back to. */
  | {
      readonly kind: 'choose';
      readonly what: 'theme' | 'layout';
      readonly index: number;
      readonly before: string;
    }
  | { readonly kind: 'event'; readonly seq: number; readonly scroll: number }
  | { readonly kind: 'action'; readonly request: string; readonly scroll: number }
  | { readonly kind: 'palette'; readonly line: LineState; readonly index: number }
  /** Text to find in a screen one looks back in, upwards from line `from`. */
  | { readonly kind: 'seek'; readonly line: LineState; readonly from: number }
  | { readonly kind: 'filter'; readonly pane: Focus; readonly line: LineState }
  | { readonly kind: 'confirm'; readonly ask: Confirmation }
  /** CRITICAL: the agent's name is typed before the decision counts. */
  | {
      readonly kind: 'name';
      readonly expected: string;
      readonly decision: Decision;
      readonly line: LineState;
    }
  /** Words that go with a deny. */
  | { readonly kind: 'note'; readonly decision: Decision; readonly line: LineState }
  /** Why a lead overrides; never empty. */
  | { readonly kind: 'reason'; readonly decision: Decision; readonly line: LineState }
  /** Text with line breaks, before it is pasted into the agent on stage. */
  | { readonly kind: 'paste'; readonly agent: string; readonly text: string; readonly scroll: number }
  /** What `n` and `N` look for. */
  | { readonly kind: 'find'; readonly line: LineState }
  | { readonly kind: 'time'; readonly line: LineState; readonly problem: string }
  /** `TO words…`; `reply` is the message it answers, or ''. */
  | { readonly kind: 'mail'; readonly line: LineState; readonly reply: string; readonly problem: string }
  | { readonly kind: 'message'; readonly agent: string; readonly line: LineState }
  | {
      readonly kind: 'edit';
      readonly request: string;
      readonly line: LineState;
      readonly problem: string;
      readonly keys: readonly string[];
    }
  | {
      readonly kind: 'review';
      readonly request: string;
      readonly input: JsonObject;
      readonly scroll: number;
      readonly keys: readonly string[];
    }
  /** What agents use, by one column. */
  | { readonly kind: 'resources'; readonly sort: Sort; readonly scroll: number }
  /** Leaving prepare with staged work. */
  | { readonly kind: 'leave'; readonly to: Mode | 'quit'; readonly items: readonly number[] };

export interface Toast {
  readonly text: string;
  readonly tone: 'info' | 'good' | 'warn' | 'bad';
  readonly until: number;
}

/** What a person could be deciding on, and since when it is on their screen. */
export interface Shown {
  /** Names the view: the request, or the review of an edit of it. */
  readonly view: string;
  readonly request: string;
  readonly since: number;
}

interface Ui {
  readonly focus: Focus;
  /** The agent under the cursor of the agents pane. */
  readonly agent: string;
  /** The selected request. Sticks to its id while the queue moves around it. */
  readonly request: string;
  /** The selected event of the timeline; 0 follows the newest. */
  readonly event: number;
  /** The selected item of the tray. */
  readonly item: number;
  readonly filters: Readonly<Partial<Record<Focus, string>>>;
  readonly overlay: Overlay | null;
  /** Keys of a sequence typed so far: `m` of `m w`. */
  readonly chord: string;
  /** First line of the selected action that is shown. */
  readonly scroll: number;
  /** `lanes`: the timeline over the whole body, a column for each agent and person. */
  readonly bottom: 'timeline' | 'audit' | 'lanes';
  /** What is searched for in the timeline. */
  readonly find: string;
  /** The first lane that is shown. */
  readonly lane: number;
  /** On a small screen the queue opens over the agent's screen by itself; Esc shuts it until something new asks. */
  readonly drawerShut: boolean;
  /** The agent shown on the whole screen. */
  readonly stage: string;
  /** What the reserved key has begun on stage: nothing, a wait for what follows it, a command of the console. */
  readonly prefix: 'none' | 'back' | 'command';
  /** The screen pane has the whole body; which pane had the focus before. */
  readonly zoom: Focus | null;
  /** What has scrolled away in the screen pane is looked at. */
  readonly back: LookBack | null;
  readonly toasts: readonly Toast[];
  /** Requests whose decision is on its way to the engine. */
  readonly sent: readonly string[];
}

export interface ConsoleState {
  readonly link: LinkState;
  readonly resources: ResourcesState;
  /** What the probes of the experiment that runs have seen, a number a look, oldest first. */
  readonly probes: ProbeSeries;
  readonly breakers: CountedBreakers;
  readonly me: Me | null;
  /** The mode asked for; asked for again after a reconnect. */
  readonly wanted: Mode | null;
  /** Where agents' screens are read from; a new object whenever they must be attached to anew. */
  readonly tmux: { readonly socket: string; readonly session: string } | null;
  readonly fleet: FleetState;
  /** The newest events, oldest first, at most TAIL_KEPT. */
  readonly tail: readonly Event[];
  /** Older events, as far as somebody went there. */
  readonly history: History | null;
  /** The page of them that is on its way. */
  readonly reading: PageWanted | null;
  /** What belongs to the event in the details. */
  readonly related: Related | null;
  /** Up to here the engine has been told that this person has read. */
  readonly receipt: number;
  readonly now: number;
  /** Engine's clock minus ours, ms. */
  readonly offset: number;
  readonly size: { readonly cols: number; readonly rows: number };
  /** The terminal's window: has it the focus (null when the terminal does not say), and when was the last key. */
  readonly window: { readonly focused: boolean | null; readonly keyAt: number };
  /** How long a request must have been on screen before a decision key counts, ms. */
  readonly armMs: number;
  readonly shown: Shown | null;
  /** An agent on stage is shown by its real pane; else its screen is drawn and keys go through the engine. */
  readonly realStage: boolean;
  /** Where stages are recorded into; '' where they are not. */
  readonly recordings: string;
  /** Keys of this person that differ from the built-in ones. */
  readonly keymap: Keymap;
  readonly looks: Looks;
  readonly ui: Ui;
}

/** Events kept for the timeline. */
export const TAIL_KEPT = 2000;

/** "At least 400 ms on screen": below human reaction time to something new, above a key already on its way. */
export const ARM_MS = 400;

export function initialState(options: {
  readonly now: number;
  readonly cols: number;
  readonly rows: number;
  readonly wanted?: Mode | undefined;
  readonly armMs?: number | undefined;
  readonly realStage?: boolean | undefined;
  readonly keymap?: Keymap | undefined;
}): ConsoleState {
  return {
    link: { is: 'connecting' },
    resources: NO_RESOURCES,
    probes: NO_PROBES,
    breakers: NONE_COUNTED,
    me: null,
    wanted: options.wanted ?? null,
    tmux: null,
    fleet: EMPTY,
    tail: [],
    window: { focused: null, keyAt: options.now },
    history: null,
    reading: null,
    related: null,
    receipt: 0,
    now: options.now,
    offset: 0,
    size: { cols: options.cols, rows: options.rows },
    armMs: options.armMs ?? ARM_MS,
    shown: null,
    realStage: options.realStage ?? false,
    recordings: '',
    keymap: options.keymap ?? {},
    looks: FIRST_LOOKS,
    ui: {
      focus: 'approvals',
      agent: '',
      request: '',
      event: 0,
      item: 0,
      filters: {},
      overlay: null,
      chord: '',
      scroll: 0,
      bottom: 'timeline',
      find: '',
      lane: 0,
      drawerShut: false,
      stage: '',
      prefix: 'none',
      zoom: null,
      back: null,
      toasts: [],
      sent: [],
    },
  };
}

/** The state with some of what is shown changed. */
export function withUi(state: ConsoleState, change: Partial<Ui>): ConsoleState {
  return { ...state, ui: { ...state.ui, ...change } };
}

/** How long a toast stays, ms: longer for what a person must read. */
const TOAST_MS = { info: 4000, good: 3000, warn: 6000, bad: 8000 } as const;

/** The state with one more toast; the same words are not stacked. */
export function toast(state: ConsoleState, tone: Toast['tone'], text: string): ConsoleState {
  const kept = state.ui.toasts.filter(t => t.text !== text).slice(-2);
  return withUi(state, { toasts: [...kept, { text, tone, until: state.now + TOAST_MS[tone] }] });
}
