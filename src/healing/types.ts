/**
 * Self-healing: six verbs over what sensors tell. Everything here is data and pure functions of it: the clock, the
 * sensors' signals and the ways to act come in as arguments, so that what is simulated is what is shipped.
 */
import type { ErrorClass, FaultClass, HealingLevel, ProbePurpose, StrategyName } from '../model/healing.ts';
import type { Millis } from '../model/ids.ts';
import type { IncidentResult } from '../model/incident.ts';
import type { EwmaState } from './detect/ewma.ts';
import type { Finding } from './detect/finding.ts';
import type { PictureState } from './picture.ts';

export type { Finding };

/** What an agent is about. `waiting` is for a person: it is never an anomaly, however long it lasts. */
export type Doing = 'starting' | 'working' | 'idle' | 'waiting' | 'unknown';

/** What a sensor tells of one agent. Level-triggered where it can be: told again, it changes nothing. */
export type Signal =
  | { readonly signal: 'started'; readonly incarnation: number; readonly resumed: boolean }
  | {
      readonly signal: 'exited';
      readonly incarnation: number;
      /** It is not to come back by its policy: a clean end. */
      readonly clean: boolean;
      /** The pane, its tmux server or the machine went away under it. */
      readonly lost: boolean;
      readonly words: string;
    }
  /** It printed or reported something. */
  | { readonly signal: 'progress' }
  | { readonly signal: 'doing'; readonly doing: Doing; readonly words: string }
  /** What its screen shows, as a digest, after lines were added to it: for loops. */
  | { readonly signal: 'screen'; readonly digest: string }
  /** It ran a command: a digest of what it ran and of what came of it, and the command as people read it. */
  | { readonly signal: 'command'; readonly digest: string; readonly words: string }
  | {
      readonly signal: 'probe';
      readonly probe: string;
      readonly purpose: ProbePurpose;
      readonly ok: boolean;
      readonly tookMs: number;
      readonly words: string;
    }
  | { readonly signal: 'heartbeat' }
  | { readonly signal: 'resources'; readonly use: ResourceUse }
  /** Tokens and money of late; the share of the model's context that is used, where that is known. */
  | {
      readonly signal: 'usage';
      readonly context?: number;
      readonly tokensPerMin: number;
      /** US dollars; absent where its tool does not say what it costs. */
      readonly costPerHour?: number;
    }
  | {
      readonly signal: 'error';
      readonly error: ErrorClass;
      /** When the provider said it would be over; undefined when it did not. */
      readonly until?: Millis;
      readonly words: string;
    }
  /** A tool or a call of its own has failed and it goes on: nothing is wrong by that alone. */
  | { readonly signal: 'tool-failed'; readonly words: string }
  /** The share, in [0, 1], that is used up of what its provider allows it or of the disk it works on. */
  | { readonly signal: 'allowance'; readonly of: 'quota' | 'disk'; readonly share: number }
  /** What it has done so far is kept: it was committed, or its turn is over. */
  | { readonly signal: 'saved' }
  /** Something it depends on: another agent, or a service with a probe of its own. */
  | { readonly signal: 'dependency'; readonly name: string; readonly up: boolean }
  /** A breaker keeps back whatever could be tried for it, or does so no longer. */
  | { readonly signal: 'breaker'; readonly name: string; readonly refuses: boolean }
  /** What became of a step of a response. */
  | { readonly signal: 'step'; readonly ok: boolean; readonly words: string }
  /** Time has passed; nothing else happened. */
  | { readonly signal: 'time' };

/** What all processes of an agent use together. */
export interface ResourceUse {
  /** Percent of one core. */
  readonly cpu: number;
  /** Found running, or waiting for a core: on a machine that is busy what computes all the time does not get all of it. */
  readonly runs?: boolean;
  /** Bytes. */
  readonly rss: number;
  readonly fds: number;
  readonly threads: number;
  readonly children: number;
  /** Bytes a second. */
  readonly output: number;
}

export interface Anomaly {
  readonly fault: FaultClass;
  readonly at: Millis;
  /** When it began, as far as one can tell; not after `at`. */
  readonly since: Millis;
  readonly findings: readonly Finding[];
  /** It works still and will have failed by then, as far as one can tell. */
  readonly foreseen?: Millis;
  /** What has to be over before anything is tried: a moment, or things it depends on. */
  readonly waitFor: {
    readonly until?: Millis;
    readonly dependencies?: readonly string[];
    /** Names of breakers that keep back what could be tried. */
    readonly breakers?: readonly string[];
    /** It is to be had save its work meanwhile. */
    readonly save?: true;
  };
}

/** A strategy that was possible, and how likely it was to be chosen: what off-policy evaluation needs. */
export interface Candidate {
  readonly strategy: StrategyName;
  /** Expected cost in seconds of an agent's work; lower is better. NaN where the level does not estimate. */
  readonly cost: number;
  readonly propensity: number;
}

/** What to do next about an incident, and why not something else. */
export interface Response {
  readonly strategy: StrategyName;
  /** 0 for the first thing tried in this incident. */
  readonly rung: number;
  /** Wait so long before. */
  readonly delayMs: number;
  /** It has so long to show an effect; then it has failed. */
  readonly patienceMs: number;
  readonly candidates: readonly Candidate[];
  readonly reason: string;
}

/** There is nothing left to try. */
export interface Ask {
  /** Why, as the person who is asked reads it. */
  readonly ask: string;
}

export interface Attempt {
  /** What it was taken for when this was tried. */
  readonly fault: FaultClass;
  readonly response: Response;
  readonly at: Millis;
  /** undefined while it is not known. */
  readonly result?: 'recovered' | 'failed' | 'refused';
  readonly words?: string;
}

export interface Incident {
  readonly id: string;
  readonly agent: string;
  readonly anomaly: Anomaly;
  readonly attempts: readonly Attempt[];
  /** A person has been asked, and this is theirs now. */
  readonly asked: boolean;
}

export interface Closed {
  readonly incident: Incident;
  readonly at: Millis;
  readonly outcome: IncidentResult;
  readonly cost: IncidentCost;
}

/** What an incident cost. */
export interface IncidentCost {
  readonly downMs: number;
  /** Work that has to be done again, ms of the agent's time. */
  readonly lostMs: number;
  /** Starts that did not help. */
  readonly wasted: number;
  readonly tokens: number;
}

/** What an incident taught: for people to read; what it changed is in the level's own memory. */
export interface Lesson {
  readonly words: string;
}

export interface Health {
  readonly level: HealingLevel;
  readonly state: 'healthy' | 'suspect' | 'down';
  readonly findings: readonly Finding[];
}

/** What can be done to an agent. Each is asked for and forgotten: what becomes of it comes back as a `step` signal. */
export interface Actuators {
  perform(agent: string, strategy: StrategyName, rung: number): void;
}

/**
 * Healing of one agent. Not shared between agents; what the whole fleet must agree on (how many recover at once, what
 * depends on what) is the loop's.
 */
export interface SelfHealing {
  readonly level: HealingLevel;
  /** Takes in one signal; what stands out now, the most telling first. None while it waits for a person. */
  detectAnomaly(signal: Signal, now: Millis): Anomaly | undefined;
  /** What to try next, or that a person is to be asked. */
  selectResponse(incident: Incident, now: Millis): Response | Ask;
  applyResponse(incident: Incident, response: Response, actuators: Actuators, now: Millis): void;
  /** Whether what was tried has helped: judged over the verification window, never by the end of a command. */
  verifyRecovery(incident: Incident, now: Millis): 'recovered' | 'failed' | 'pending';
  learnFromIncident(closed: Closed): Lesson;
  getHealthStatus(now: Millis): Health;
  /** Everything it remembers, for a level that takes over and for the next engine. */
  history(): History;
  /** Since when it is well and has shown it; undefined when it is not so. */
  readonly wellSince: Millis | undefined;
  /** When this should be looked at again though nothing is told; Infinity for never. */
  nextLook(now: Millis): Millis;
  /** When `verifyRecovery` may say something else though nothing is told; Infinity for never. */
  nextVerdict(incident: Incident): Millis;
}

/** What is known of an agent apart from how it is healed: kept when the level changes. Plain data, for JSON. */
export interface History {
  readonly picture: PictureState;
  /** When the Loop started it again, newest last; those that were forgiven left out. */
  readonly restarts: readonly Millis[];
  readonly outcomes: readonly PastOutcome[];
  /** What detectors have learnt of this agent, by what it is of. */
  readonly usual: Readonly<Record<string, EwmaState>>;
}

/** One attempt of the past, as a case to learn from. */
export interface PastOutcome {
  readonly fault: FaultClass;
  /** What had been tried before in the same incident, in vain; undefined for nothing. */
  readonly after?: StrategyName;
  readonly strategy: StrategyName;
  readonly at: Millis;
  readonly recovered: boolean;
  /** From the attempt to the first sign of a recovery that held, or to its failure. */
  readonly tookMs: number;
  readonly cost: IncidentCost;
  readonly propensity: number;
}
