/** The state of a fleet: a fold of its journal. JSON through and through, so that it can be sent as it is. */
import type { Action, Facts } from './action.ts';
import type { BreakerState } from './breaker-state.ts';
import type { CellTrouble } from './cell.ts';
import type { FleetChange } from './change.ts';
import { type ChaosState, NO_CHAOS } from './chaos-state.ts';
import type { Data, Outcome, StagedItem } from './event.ts';
import { type EvolutionFold, NO_EVOLUTION } from './evolution-state.ts';
import type { FreezeState } from './freeze.ts';
import type { Digest, Millis, Seq } from './ids.ts';
import type { AgentHealingState, ClosedIncident, IncidentState } from './incident-state.ts';
import type { Mode, Role } from './mode.ts';
import type { SnapshotState } from './snapshot.ts';
import type { AgentStatus, Evidence, Gating } from './status.ts';
import type { TokenUsage } from './usage.ts';

export type { IncidentState } from './incident-state.ts';

/** An agent's own working tree of the project's repository. */
export interface WorktreeState {
  /** Its folder, and the top folder of the repository it belongs to. */
  readonly dir: string;
  readonly repo: string;
  readonly branch: string;
  /** The branch it is merged into. */
  readonly target: string;
  /** Commit it started from. */
  readonly base: string;
}

export interface AgentState {
  readonly id: string;
  readonly driver: string;
  readonly title: string;
  readonly gate: 'ask' | 'observe' | 'off';
  readonly needs: readonly string[];
  readonly capabilities: readonly string[];
  readonly status: AgentStatus;
  readonly evidence: Evidence;
  /** When the status was last seen to change. */
  readonly since: Millis;
  readonly gating: Gating;
  readonly gatingDetail: string;
  /** 0 before the first start. */
  readonly incarnation: number;
  readonly pane: string;
  readonly pid: number;
  readonly born: string;
  readonly cwd: string;
  /** null for one that works in the project itself. */
  readonly worktree: WorktreeState | null;
  /** Of its tree, the newest first. */
  readonly snapshots?: readonly SnapshotState[];
  /** Process alive as far as the journal says. */
  readonly alive: boolean;
  readonly conversation: string;
  /** The conversation this incarnation was to resume, until it has shown that it lives; ''. */
  readonly resuming: string;
  /** Times of the restarts that count against the intensity limit. */
  readonly restarts: readonly Millis[];
  /** Before the last of them, ms. */
  readonly restartDelay?: number;
  readonly restartCount: number;
  /** The fleet file no longer has it: it stays until it has ended. */
  readonly removed: boolean;
  /** Tokens and money so far, where its tool reports them. */
  readonly usage: TokenUsage | null;
  /** How far the transcript of its conversation has been counted, bytes. */
  readonly counted: { readonly conversation: string; readonly through: number };
  /** The brake is on, or coming on or off. */
  readonly freeze: FreezeState | null;
  /** A person stopped it: not to be brought back. */
  readonly wantedDown: boolean;
  readonly lastExit: string;
  /** Absent where nothing but its ends is seen to. */
  readonly healing?: AgentHealingState;
}

export interface Approval {
  readonly by: string;
  readonly decision: 'approve' | 'deny' | 'override';
  readonly at: Millis;
  readonly note: string;
}

/** A held or recently ended request. */
export interface RequestState {
  readonly id: string;
  readonly seq: Seq;
  readonly at: Millis;
  readonly agent: string;
  readonly action: Action;
  readonly digest: Digest;
  readonly facts: Facts;
  readonly verdict: 'permit' | 'forbid' | 'hold';
  readonly needs: number;
  readonly from: string;
  readonly rules: readonly string[];
  readonly why: string;
  readonly expires: Millis;
  readonly can: { readonly edit: boolean; readonly note: boolean };
  readonly via: string;
  readonly approvals: readonly Approval[];
  readonly deferredUntil: Millis;
  /** The edit the deciding person made, if any. */
  readonly edited: Data<'approval.decided'>['edited'];
  readonly outcome: Outcome | null;
  readonly reason: string;
  readonly settledAt: Millis;
  readonly exit: number | null;
}

export interface GrantState {
  readonly id: string;
  readonly agent: string;
  readonly digest: string;
  readonly shape: string;
  readonly uses: number;
  readonly used: number;
  readonly expires: Millis;
  readonly override: boolean;
  readonly reason: string;
  readonly by: string;
}

export interface SessionState {
  readonly id: string;
  readonly operator: string;
  readonly role: Role;
  readonly mode: Mode;
  readonly client: string;
  readonly since: Millis;
  readonly staged: Readonly<Record<number, StagedItem>>;
}

export interface LeaseState {
  readonly name: string;
  readonly session: string;
  readonly fence: number;
  readonly since: Millis;
  /** Sessions that asked the holder for it, the first one first. */
  readonly asked?: readonly string[];
}

/** A cast file that is being written. */
export interface RecordingState {
  readonly file: string;
  readonly recording: string;
  readonly part: number;
  /** '' for an operator's stage. */
  readonly agent: string;
  readonly since: Millis;
  /** Chunks told so far, the bytes they cover, and the digest of the last; 64 zeros before the first. */
  readonly chunk: number;
  readonly bytes: number;
  readonly digest: string;
}

/** What is in force, and what could be. */
export interface ConfigState {
  /** Of the configuration in force; '' before the first. */
  readonly revision: string;
  /** What the files say now, where that is something else. */
  readonly proposal:
    | { readonly is: 'proposed'; readonly revision: Digest; readonly change: FleetChange }
    | { readonly is: 'refused'; readonly problems: readonly string[] }
    | null;
  /** What an agreed change still has to do: agents to stop, and to start (anew) while they are of this incarnation. */
  readonly due: { readonly stop: readonly string[]; readonly start: Readonly<Record<string, number>> } | null;
}

/** A message that waits to be read. Its text is the event at `seq`. */
export interface Letter {
  readonly id: string;
  readonly seq: Seq;
  readonly at: Millis;
  readonly from: string;
  readonly to: string;
  readonly thread: string;
}

export interface Totals {
  readonly requests: number;
  readonly held: number;
  readonly approved: number;
  readonly denied: number;
  readonly forbidden: number;
  readonly restarts: number;
  readonly incidents: number;
}

export interface FleetState {
  readonly seq: Seq;
  readonly time: Millis;
  readonly fleet: string;
  readonly dir: string;
  readonly engine: {
    readonly pid: number;
    readonly version: string;
    readonly running: boolean;
    readonly since: Millis;
    /** Why the last one that said so stopped; ''. */
    readonly ended: string;
  };
  readonly policy: string;
  readonly config: ConfigState;
  readonly agents: Readonly<Record<string, AgentState>>;
  /** Order of the agents in the fleet file. */
  readonly order: readonly string[];
  readonly operators: Readonly<Record<string, Role>>;
  /** Requests that wait for an answer. */
  readonly pending: Readonly<Record<string, RequestState>>;
  /** The last 50 that ended, newest first. Forbidden ones among them can be overridden by a lead. */
  readonly settled: readonly RequestState[];
  readonly grants: Readonly<Record<string, GrantState>>;
  readonly sessions: Readonly<Record<string, SessionState>>;
  readonly leases: Readonly<Record<string, LeaseState>>;
  /** Unread messages, oldest first: of each `agent:NAME`, and under `people` the newest ones to people. */
  readonly inboxes: Readonly<Record<string, readonly Letter[]>>;
  /** How far each `operator:NAME` has read. */
  readonly readTo: Readonly<Record<string, Seq>>;
  /** Highest fence given so far, by lease name. */
  readonly fences: Readonly<Record<string, number>>;
  /** The whole fleet is frozen: nothing starts. */
  readonly frozen: { readonly since: Millis; readonly by: string } | null;
  readonly incidents: Readonly<Record<string, IncidentState>>;
  /** The last incidents that were closed, newest first. */
  readonly healed: readonly ClosedIncident[];
  /** What the evolutionary level runs on, and what evolution has come to. */
  readonly evolution: EvolutionFold;
  /** Cells of the engine that are not well, by name. */
  readonly cells: Readonly<Record<string, CellTrouble>>;
  /** Those that ever opened, by name. */
  readonly breakers: Readonly<Record<string, BreakerState>>;
  /** Cast files being written, by file. */
  readonly recordings: Readonly<Record<string, RecordingState>>;
  /** Why nothing is recorded just now; ''. */
  readonly recordingPaused: string;
  /** Experiments: what is broken on purpose, and the last verdicts. */
  readonly chaos: ChaosState;
  readonly checkpoint: { readonly size: number; readonly time: Millis } | null;
  readonly totals: Totals;
}

export const EMPTY: FleetState = {
  seq: 0,
  time: 0,
  fleet: '',
  dir: '',
  engine: { pid: 0, version: '', running: false, since: 0, ended: '' },
  policy: '',
  config: { revision: '', proposal: null, due: null },
  agents: {},
  order: [],
  operators: {},
  pending: {},
  settled: [],
  grants: {},
  sessions: {},
  leases: {},
  inboxes: {},
  readTo: {},
  fences: {},
  frozen: null,
  incidents: {},
  healed: [],
  breakers: {},
  evolution: NO_EVOLUTION,
  cells: {},
  recordings: {},
  recordingPaused: '',
  chaos: NO_CHAOS,
  checkpoint: null,
  totals: { requests: 0, held: 0, approved: 0, denied: 0, forbidden: 0, restarts: 0, incidents: 0 },
};

/** How many ended requests stay in the state. */
export const SETTLED_KEPT = 50;

/** Times of restarts that are remembered of an agent: no restart policy can count further. */
export const RESTARTS_KEPT = 1000;

/** The digest before the first chunk of a recording. */
export const NO_DIGEST = '0'.repeat(64);
