/** A driver is what we know of one kind of agent: how to start it, gate it, read its status and resume it. */
import type { Action } from '../model/action.ts';
import type { AgentConfig } from '../model/fleet.ts';
import type { ErrorClass } from '../model/healing.ts';
import type { JsonObject } from '../model/json.ts';
import type { AgentStatus, Evidence, Gating } from '../model/status.ts';
import type { TokenUsage } from '../model/usage.ts';
import type { GateAnswer, HookAnswer } from '../protocol/messages.ts';

export interface StartContext {
  readonly agent: string;
  readonly config: AgentConfig;
  /** Absolute. */
  readonly cwd: string;
  /** A private directory of this agent (0700) for files the driver makes: settings, logs. */
  readonly dir: string;
  /** Absolute path of the program people call `hms`, for hooks. */
  readonly hms: string;
  /** Absolute path of the native helper, which answers hooks faster; '' when it is not built. */
  readonly native: string;
  /** Conversation to resume, '' to start fresh. */
  readonly conversation: string;
  /** Instead of its own; only for drivers that can be told one. */
  readonly model?: string;
}

export interface StartPlan {
  readonly argv: readonly string[];
  /** Added to the agent's environment (which has HMS_AGENT, HMS_SOCKET, HMS_TOKEN already). */
  readonly env: Readonly<Record<string, string>>;
  /** Files to write before the start: absolute path → content, mode 0600. */
  readonly files: Readonly<Record<string, string>>;
  /** The conversation that is resumed, ''. */
  readonly resumed: string;
}

/** What a hook of the agent's own tool means, in our words. Pure. */
export interface HookMeaning {
  /**
   * Which part of the agent the hook is about: '' its main conversation, else the id of a sub-agent, whose requests
   * come and go by themselves. Absent: the agent as a whole.
   */
  readonly part?: string;
  /** Ask the gate; the answer is turned into the hook's output by `answerHook`. */
  readonly ask?: { readonly action: Action; readonly edit: boolean; readonly note: boolean };
  /**
   * Let the policy speak before the tool's own flow: a forbid is passed to `answerHook`; so is a hold when `hold` is
   * set, so that the tool asks (with an `ask` of its own to follow) also where it would not have. A permit leaves
   * the tool's own flow alone.
   */
  readonly screen?: { readonly action: Action; readonly hold: boolean };
  readonly status?: { readonly status: AgentStatus; readonly evidence: Evidence };
  /** An error of its provider that it did not get past. */
  readonly error?: { readonly error: ErrorClass; readonly words: string };
  /** Its provider has answered: it works. */
  readonly answered?: true;
  /** A tool of it was used, and whether the tool itself worked: that a command exits with 1 is the command's affair. */
  readonly used?: { readonly name: string; readonly ok: boolean; readonly ms: number };
  readonly conversation?: string;
  /** The tool's own record of the conversation: it `begins`, a turn of it `ends`, or neither, and it has grown. */
  readonly transcript?: {
    readonly path: string;
    readonly conversation: string;
    readonly at: 'begins' | 'ends' | 'grows';
  };
  readonly gating?: { readonly gating: Gating; readonly detail: string };
  /**
   * Pending requests of this part of the agent that a person must have answered in the pane itself, or that are
   * moot: 'all', or those whose action equals this tool and input.
   */
  readonly clears?: 'all' | { readonly tool: string; readonly input: JsonObject };
  /**
   * The tool reports what became of an action: closes the record of the matching settled request. If that one was
   * edited, its answer is passed to `answerHook`, so that the agent learns what ran.
   */
  readonly effect?: {
    readonly tool: string;
    readonly input: JsonObject;
    /** 0 when it went well, the exit code where there is one, else 1. */
    readonly exit: number | null;
    readonly detail: string;
    readonly ms: number;
    /** The same when it came out as before; '' where that is not told, or where coming out the same is no circle. */
    readonly outcome: string;
  };
}

/** What the gate says to a hook: an answer, or that the policy holds what was screened (and why). */
export type HookSaid = GateAnswer | { readonly hold: string } | undefined;

/** What a turn used, as the tool itself has written it down. */
export interface TurnUsage {
  readonly usage: TokenUsage;
  readonly model: string;
  /** How much of what its model can keep in mind is used, 0 to 1. */
  readonly context: number;
  /** Bytes at the end that are not counted yet: a message that may still be written to. */
  readonly rest: number;
}

export interface Driver {
  readonly name: string;
  /** Whom its model calls go to: what agents of one provider meet, the others meet too. */
  providerOf?(config: AgentConfig): string;
  /** It reports what it does through hooks or a protocol; otherwise its screen and process must tell. */
  readonly reports: boolean;
  plan(context: StartContext): StartPlan;
  /** Meaning of a hook payload; a payload it does not know means nothing: {}. */
  readHook(payload: JsonObject, cwd: string): HookMeaning;
  /** The hook's output for what the gate said; undefined: nothing was asked, or nothing is to be said. */
  answerHook(payload: JsonObject, said: HookSaid): HookAnswer;
  /** What lines of its transcript say was used; the last message too where that is `settled`. Absent where its tool reports nothing. */
  usageIn?(lines: string, settled: boolean): TurnUsage | undefined;
  /** The hook's output with words for the agent's model in it; undefined where this hook carries none. */
  tell?(payload: JsonObject, answer: HookAnswer, words: string): HookAnswer | undefined;
  /** What is typed to wake it, and to have it leave what it is doing; absent where no keys are safe. */
  readonly keys?: { readonly nudge?: string; readonly interrupt?: string };
  /** It can go on with the conversation it had. */
  readonly resumes: boolean;
  /** Gating to show before anything is proven. */
  gatingAtStart(config: AgentConfig): { readonly gating: Gating; readonly detail: string };
}
