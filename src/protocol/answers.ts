import type { CellHealth, CellProposal } from '../model/cell.ts';
import type { Event, Outcome } from '../model/event.ts';
import type { ResistingProcess } from '../model/freeze.ts';
import type { Digest, RequestId } from '../model/ids.ts';
import type { Mode, Role } from '../model/mode.ts';
import type { ConsoleChannel } from '../model/notifications.ts';
import type { FleetState } from '../model/state.ts';

/** Answer to `evolution.look`. */
export interface EvolutionLook {
  /** A cycle that is under way: who asked for it ('' for nobody), generations done and wanted (0: as many as there is time for). */
  readonly running: {
    readonly run: number;
    readonly pid: number;
    readonly by: string;
    readonly began: number;
    readonly steps: number;
    readonly of: number;
    /** Genomes judged of the generation under way, or held-out seeds played. */
    readonly judged: number;
  } | null;
  /** The last one of this engine, and the request that came of it. */
  readonly last: {
    readonly run: number;
    readonly ok: boolean;
    readonly steps: number;
    readonly detail: string;
    readonly request: string;
  } | null;
  /** When the next one begins by itself, ms since the epoch; null with the reason why there is none. */
  readonly next: number | null;
  readonly why: string;
  /** The request that waits for an answer; ''. */
  readonly proposal: string;
}

/** A cell of the engine, in the answer to `cell.list`. */
export interface CellLook {
  readonly cell: string;
  readonly health: CellHealth;
  /** How often it was made, this engine's first included. */
  readonly lives: number;
  readonly functions: readonly {
    readonly name: string;
    readonly deadlineMs: number;
    /** What carrying it out touches; absent where it changes nothing. */
    readonly effect?: { readonly radius: string; readonly undo: string; readonly risky: boolean };
  }[];
}

/** How late the engine comes to its own work: timeouts by which it judges others are multiplied by `times`. */
export interface EngineLag {
  /** The longest delay of the last second, ms. */
  readonly lastMs: number;
  readonly times: number;
}

/** Answer to `cell.repair`. */
export interface CellRepaired {
  readonly done: boolean;
  readonly words: string;
  /** The request that people must agree to first; ''. */
  readonly request: string;
}

export interface CellOptimized {
  readonly cell: string;
  /** null: nothing stands out, or it has nothing to set. */
  readonly proposal: CellProposal | null;
}

/** Answer to an operator's `hello`. */
export interface Welcome {
  readonly protocol: number;
  readonly session: string;
  readonly operator: string;
  readonly role: Role;
  readonly mode: Mode;
  /** The whole folded state at `state.seq`; pushes go on from there without a gap. */
  readonly state: FleetState;
  /** The newest events up to `state.seq`, oldest first. */
  readonly tail: readonly Event[];
  readonly tmux: { readonly socket: string; readonly session: string };
  readonly engine: { readonly pid: number; readonly version: string };
  /** Folder that operators' stages are recorded into; '' when the fleet records nothing. */
  readonly recordings: string;
  /** Engine's clock minus nothing: its now, for ages shown by consoles. */
  readonly now: number;
}

/** Answer to `fleet.freeze` and `fleet.thaw`: how each agent of the fleet stands then. */
export interface FreezeAnswer {
  readonly agents: readonly {
    readonly agent: string;
    readonly state: 'frozen' | 'partly frozen' | 'running' | 'not running';
    readonly stopped: number;
    readonly running: number;
    readonly resisting: readonly ResistingProcess[];
  }[];
  /** False when it was done and could not be written down yet. */
  readonly recorded: boolean;
}

/** What consoles are to ring. */
export interface Ringing {
  readonly rule: string;
  readonly channels: readonly ConsoleChannel[];
  /** In one line, neutralised. */
  readonly text: string;
  /** Asked for by hand: also where somebody is looking. */
  readonly test: boolean;
}

/** What became of a sample on one channel. */
export interface NotifyResult {
  readonly rule: string;
  readonly channel: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Answer to `notify.rules`. */
export interface RulesInForce {
  readonly rules: readonly {
    readonly name: string;
    /** From the file of the account that runs the fleet; else from the fleet file. */
    readonly yours: boolean;
    /** Occasions and kinds. */
    readonly when: readonly string[];
    /** Only about these; all when empty. */
    readonly agents: readonly string[];
    readonly to: readonly string[];
  }[];
  /** Rules of the fleet file that a rule of yours replaces or takes away. */
  readonly hidden: readonly string[];
  /** Where your own are, or would be. */
  readonly file: string;
  /** Why what that file said when it was last read does not hold; in lines. */
  readonly problems: readonly string[];
}

/** Answer to `journal.read`, oldest first: every event from `from` to `to` that fits. It starts at 1 when there is no more. */
export interface JournalPage {
  readonly events: readonly Event[];
  readonly from: number;
  readonly to: number;
}

/** Answer to `journal.checkpoint`: a head of the journal, signed (C2SP tlog-checkpoint). */
export interface SignedHead {
  readonly size: number;
  /** Merkle root, hex. */
  readonly root: string;
  /** The signed note: text for people and for verifiers. */
  readonly note: string;
}

/** One message, whole; `id`, `reply` and `thread` are '' where there is none. */
export interface Message {
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly reply: string;
  readonly thread: string;
  readonly unread: boolean;
}

/** Answer to `message.list`, oldest first. */
export interface MessageList {
  readonly messages: readonly Message[];
}

/** Answer to `message` and `message.send`. */
export interface MessageSent {
  readonly id: string;
  readonly to: string;
}

/** Answer to `recording.settings`. */
export interface RecordingSettings {
  /** How long an ended recording is kept, ms, and how large all together may be, bytes. */
  readonly keep: number;
  readonly maxSize: number;
  readonly secrets: {
    /** Tokens of well-known forms are secrets. */
    readonly known: boolean;
    /** Sources of regular expressions. */
    readonly patterns: readonly string[];
    /** Exact values. */
    readonly values: readonly string[];
  };
}

/** Answer to `worktree.propose`: the request that was made of it. */
export interface WorktreeProposed {
  readonly request: RequestId;
  readonly digest: Digest;
  /** How many people must agree; 0 when the policy has decided. */
  readonly needs: number;
  readonly outcome: Outcome | null;
  readonly why: string;
}

/** What the probes of an experiment saw at one time. */
export interface ProbeReadings {
  readonly experiment: string;
  readonly at: number;
  /** `value` is null for one that saw no number. */
  readonly probes: readonly { readonly name: string; readonly ok: boolean; readonly value: number | null }[];
}

/** Answer to `chaos.propose`: the request that was made of it. */
export interface ChaosProposed {
  readonly request: RequestId;
  readonly digest: Digest;
  /** How many people must agree; 0 when the policy has decided. */
  readonly needs: number;
  readonly outcome: Outcome | null;
  readonly why: string;
}
