/**
 * The vocabulary of the journal: one zod schema a kind, in one table. A kind is a noun and a past participle.
 * The reference of kinds in docs/reference is generated from this file (`npm run docs`).
 */
import * as z from 'zod';
import { Action, Facts } from './action.ts';
import { BREAKER_EVENTS } from './breaker.ts';
import { CELL_EVENTS } from './cell.ts';
import { FleetChange } from './change.ts';
import { CHAOS_EVENTS } from './chaos.ts';
import { EVOLUTION_EVENTS } from './evolution.ts';
import { HeldProcess, ResistingProcess } from './freeze.ts';
import { HealingLevel } from './healing.ts';
import { AgentId, Digest, GrantId, MessageId, OperatorId, PaneId, RequestId, SessionId } from './ids.ts';
import { INCIDENT_EVENTS } from './incident.ts';
import { Json, JsonObject } from './json.ts';
import { Mode, Role } from './mode.ts';
import { RECORDING_EVENTS } from './recording.ts';
import { AgentStatus, Evidence, Gating } from './status.ts';
import { TokenUsage } from './usage.ts';

const Pid = z.int().positive();
const Count = z.int().min(0);
const Ms = z.int().min(0);
/** A digest of what came of a command, where its agent's tool tells: the same when it came out as before. */
const outcome = z.string().max(64).optional();

/** Who did it. `via` is the way it came in: `console`, `cli`, `hook`, `engine`, … */
export const Actor = z.object({
  type: z.enum(['operator', 'agent', 'cell', 'system']),
  id: z.string().min(1).max(64),
  via: z.string().max(64),
});
export type Actor = z.infer<typeof Actor>;

/** What the person had before them when they decided: proof of a decision, not of a stray key. */
export const DecisionEvidence = z.object({
  /** How long the request had been on that person's screen, ms; absent from the command line. */
  shownMs: Ms.optional(),
  /** The keys pressed, as the keymap names them: ['a', 'y']. */
  keys: z.array(z.string().max(64)).max(64).default([]),
  /** The digest the person was shown; must be the one decided. */
  shown: Digest.optional(),
});
export type DecisionEvidence = z.infer<typeof DecisionEvidence>;

/** How a request ended. Only `permitted`, `approved` and `overridden` let anything run. */
export const Outcome = z.enum([
  'permitted',
  'approved',
  'overridden',
  'denied',
  'forbidden',
  'expired',
  'withdrawn',
]);
export type Outcome = z.infer<typeof Outcome>;

export const StagedItem = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), agent: AgentId, text: z.string().max(65_536) }),
  z.object({
    type: z.literal('decision'),
    request: RequestId,
    decision: z.enum(['approve', 'deny']),
    note: z.string().max(4096).default(''),
    digest: Digest,
  }),
]);
export type StagedItem = z.infer<typeof StagedItem>;

/** kind → schema of its data. Add a kind here, a line in the reducer if it changes state, and nothing else. */
export const EVENT_DATA = {
  /** An engine took charge of the fleet. */
  'engine.started': z.object({
    pid: Pid,
    version: z.string(),
    fleet: z.string(),
    dir: z.string(),
    /** Why: the first start, after a clean stop, or after the last engine ended without saying so. */
    after: z.enum(['first', 'stop', 'crash']),
  }),
  'engine.stopped': z.object({ reason: z.string() }),
  /** The fleet file was read and is in force. */
  'fleet.configured': z.object({
    digest: Digest,
    agents: z.record(
      AgentId,
      z.object({
        driver: z.string(),
        title: z.string(),
        gate: z.enum(['ask', 'observe', 'off']),
        needs: z.array(AgentId),
        capabilities: z.array(z.string()),
        /** How much its healing decides; absent where nothing but its ends is seen to. */
        healing: HealingLevel.optional(),
      }),
    ),
    operators: z.record(OperatorId, Role),
    /** SHA-256 over the fleet file and its policies: names the configuration that is kept for the next engine. */
    revision: Digest.optional(),
    /** What was agreed to, when a changed file took the place of another. */
    change: FleetChange.optional(),
  }),
  /** The fleet file or a policy has changed and is good: it waits for a person's yes. */
  'config.proposed': z.object({ revision: Digest, change: FleetChange }),
  /** The fleet file or a policy has changed and cannot be used: `file:line:col: …`. What was in force stays. */
  'config.refused': z.object({ problems: z.array(z.string()) }),
  /** The file is again what is in force. */
  'config.withdrawn': z.object({}),
  /** Agents have been started, stopped and restarted as the change that was agreed to says. */
  'config.applied': z.object({ revision: Digest }),
  'policy.loaded': z.object({ digest: Digest, files: z.array(z.string()), rules: z.array(z.string()) }),
  'tmux.started': z.object({ pid: Pid, version: z.string() }),
  'tmux.lost': z.object({ agents: z.array(AgentId), detail: z.string() }),

  'agent.started': z.object({
    agent: AgentId,
    incarnation: z.int().positive(),
    pane: PaneId,
    pid: Pid,
    /** Clock ticks since boot (field 22 of /proc/pid/stat), or '' where there is none: tells reused pids apart. */
    born: z.string(),
    argv: z.array(z.string()),
    cwd: z.string(),
    /** The session of the agent's own tool that was resumed, or ''. */
    resumed: z.string(),
  }),
  /** A new engine found the agent alive in its pane and goes on with it. */
  'agent.adopted': z.object({ agent: AgentId, incarnation: z.int().positive(), pane: PaneId, pid: Pid }),
  'agent.exited': z.object({
    agent: AgentId,
    incarnation: z.int().positive(),
    /** Exit status, or null when killed by a signal or not known. */
    status: z.int().nullable(),
    signal: z.string(),
    /** A person asked for it. */
    wanted: z.boolean(),
    /** death to notice, ms, where it could be measured. */
    detail: z.string(),
  }),
  'restart.scheduled': z.object({ agent: AgentId, attempt: Count, delayMs: Ms, reason: z.string() }),
  /** A person let it try again: restarts so far no longer count against its intensity limit. */
  'restarts.forgiven': z.object({ agent: AgentId, reason: z.string() }),
  /** Out of restarts, or cannot start at all: a person is asked. */
  'agent.failed': z.object({ agent: AgentId, reason: z.string(), hint: z.string() }),
  'agent.stopped': z.object({ agent: AgentId }),
  'status.changed': z.object({ agent: AgentId, status: AgentStatus, evidence: Evidence }),
  'gating.changed': z.object({ agent: AgentId, gating: Gating, detail: z.string() }),
  /** The agent has a working tree of its own, on a branch of its own. */
  'worktree.added': z.object({
    agent: AgentId,
    dir: z.string(),
    repo: z.string(),
    branch: z.string(),
    /** The branch it is merged into. */
    target: z.string(),
    /** Commit it started from. */
    base: z.string(),
  }),
  /** Its work is in the target: which commit that made. */
  'worktree.merged': z.object({ agent: AgentId, branch: z.string(), target: z.string(), commit: z.string() }),
  /** Its tree and branch are gone; all of it, also what was not committed, stays under `ref`. */
  'worktree.dropped': z.object({ agent: AgentId, branch: z.string(), ref: z.string(), commit: z.string() }),
  /** The session id of the agent's own tool, for resuming it: claude's `session_id`. */
  'conversation.started': z.object({ agent: AgentId, conversation: z.string().max(128) }),

  'gate.requested': z.object({
    request: RequestId,
    agent: AgentId.or(z.literal('')),
    /** Who asks when it is not an agent: a cell. */
    action: Action,
    digest: Digest,
    facts: Facts,
    verdict: z.enum(['permit', 'forbid', 'hold']),
    /** Approvals needed, by different people; 0 unless held. */
    needs: Count,
    /** Role an approver needs; '' for anyone who may decide. */
    from: Role.or(z.literal('')),
    /** Ids of the policies that decided. */
    rules: z.array(z.string()),
    /** Why, in the words of the policy's @why or of the engine. */
    why: z.string(),
    policy: Digest,
    /** When a hold ends as expired; 0 when it does not. */
    expires: Ms,
    /** What the asker can do with an answer. */
    can: z.object({ edit: z.boolean(), note: z.boolean() }),
    via: z.string(),
  }),
  'approval.decided': z.object({
    request: RequestId,
    decision: z.enum(['approve', 'deny', 'override']),
    digest: Digest,
    note: z.string(),
    /** The action that may run instead, when the person edited it, and its own digest. */
    edited: z.object({ input: JsonObject, digest: Digest }).nullable(),
    evidence: DecisionEvidence,
  }),
  /** "Later": not a deny. The request stays pending and goes to the end of the queue. */
  'approval.deferred': z.object({ request: RequestId, until: Ms }),
  'gate.settled': z.object({
    request: RequestId,
    outcome: Outcome,
    reason: z.string(),
    /** Digest of what may run; the edited one when edited. */
    digest: Digest,
    grant: GrantId.or(z.literal('')),
  }),
  /** What became of it: exit code of `gate run`, or what the driver's hook reported. */
  'gate.effected': z.object({
    request: RequestId,
    exit: z.int().nullable(),
    detail: z.string(),
    ms: Ms,
    outcome,
  }),
  /** A tool call its agent reports to have run without asking: what ran without a person. */
  'tool.used': z.object({
    agent: AgentId,
    tool: z.string(),
    digest: Digest,
    title: z.string(),
    exit: z.int().nullable(),
    ms: Ms,
    outcome,
  }),
  /** Like this, until then, at most so often. Also how an override is delivered: one use, same digest. */
  'grant.issued': z.object({
    grant: GrantId,
    agent: AgentId,
    /** Same action only, or every action of the same tool, programs and classes (the shape). */
    match: z.object({ digest: Digest.or(z.literal('')), shape: z.string() }),
    uses: z.int().positive(),
    expires: Ms,
    override: z.boolean(),
    reason: z.string(),
  }),
  'grant.revoked': z.object({ grant: GrantId, reason: z.string() }),

  'operator.attached': z.object({
    session: SessionId,
    operator: OperatorId,
    role: Role,
    mode: Mode,
    client: z.string().max(32),
  }),
  'operator.detached': z.object({ session: SessionId, reason: z.string() }),
  'mode.changed': z.object({ session: SessionId, from: Mode, to: Mode }),
  /** `keyboard:<agent>` is the right to type into an agent's pane. The fence rises with every holder. */
  'lease.taken': z.object({ name: z.string(), session: SessionId, fence: Count }),
  /** Somebody would like what another one holds. */
  'lease.asked': z.object({ name: z.string(), session: SessionId }),
  'lease.released': z.object({ name: z.string(), fence: Count, reason: z.string() }),
  'stage.added': z.object({ session: SessionId, item: z.int().positive(), staged: StagedItem }),
  'stage.dropped': z.object({ session: SessionId, items: z.array(z.int()) }),
  'stage.committed': z.object({ session: SessionId, items: z.array(z.int()) }),

  'message.sent': z.object({
    /** `agent:builder`, `operator:alice`. */
    from: z.string(),
    /** As `from`, or a group: `people`, `agents`, `all`. */
    to: z.string(),
    text: z.string().max(65_536),
    /** Names it, for answers. Absent in journals of earlier versions, which knew only typed ones. */
    id: MessageId.optional(),
    /** The message it answers. */
    reply: MessageId.optional(),
    /** The first message of its conversation; absent in that one itself. */
    thread: MessageId.optional(),
    /** It was typed into the agent's pane, and lies in no inbox. */
    typed: z.boolean().optional(),
  }),
  /** A reader has been given every message to it up to this place. */
  'message.read': z.object({ by: z.string(), to: z.int().min(0) }),
  /** An operator's typing was let through to a pane: how much, never what. */
  'keyboard.typed': z.object({ agent: AgentId, bytes: Count, fence: Count }),

  ...INCIDENT_EVENTS,
  ...BREAKER_EVENTS,
  ...EVOLUTION_EVENTS,
  ...CELL_EVENTS,
  ...RECORDING_EVENTS,

  /** What a turn of an agent cost, as its own tool has written it down. */
  'usage.reported': z.object({
    agent: AgentId,
    model: z.string().max(128),
    usage: TokenUsage,
    /** Share of what its model can keep in mind that is used. */
    context: z.number().min(0).max(1).optional(),
    /** The turn goes on: this is a part of what it costs. */
    lasts: z.literal(true).optional(),
    conversation: z.string().max(128),
    /** The conversation's transcript has been counted up to this byte. */
    through: Count,
  }),

  /**
   * The brake: the processes of these agents are to stand still and their gate is held; with `fleet` nothing starts
   * either. Acted on at once, also where it cannot be written down.
   */
  'freeze.ordered': z.object({
    agents: z.array(AgentId),
    fleet: z.boolean(),
    /** Processes that stood still already, by agent: thawing leaves them so. */
    before: z.record(AgentId, z.array(HeldProcess)),
    detail: z.string(),
  }),
  /** What the freeze of an agent has come to, read from the states of its processes. */
  'agent.frozen': z.object({
    agent: AgentId,
    stopped: Count,
    running: Count,
    /** Those that stand still, and those that do not and why; at most 200 of each. */
    processes: z.array(HeldProcess),
    resisting: z.array(ResistingProcess),
    detail: z.string(),
  }),
  'freeze.lifted': z.object({ agents: z.array(AgentId), fleet: z.boolean(), detail: z.string() }),
  /** Its processes go on, and so does its gate. */
  'agent.thawed': z.object({ agent: AgentId, running: Count, resisting: z.array(ResistingProcess) }),

  ...CHAOS_EVENTS,

  /** A command or a webhook is being told, by a rule of the fleet file. What rings in consoles is not written down. */
  'notification.sent': z.object({
    rule: z.string(),
    channels: z.array(z.string()),
    text: z.string(),
    /** Places of the events it tells of, at most 100. */
    about: z.array(Count),
    count: Count,
  }),

  'journal.checkpointed': z.object({ size: Count, root: Digest, note: z.string() }),
  /** Something the engine wants on the record that has no kind of its own. */
  'engine.noted': z.object({ level: z.enum(['info', 'warning', 'error']), text: z.string(), detail: Json }),
} as const satisfies Record<string, z.ZodType>;

export type Kind = keyof typeof EVENT_DATA;
export type Data<K extends Kind> = z.infer<(typeof EVENT_DATA)[K]>;
export const KINDS = Object.keys(EVENT_DATA) as readonly Kind[];

/** An event before the journal gives it its place. */
export type Draft = {
  [K in Kind]: { readonly kind: K; readonly actor: Actor; readonly subject: string; readonly data: Data<K> };
}[Kind];

interface Placed {
  readonly seq: number;
  /** Milliseconds since the Unix epoch, never earlier than the event before it. */
  readonly time: number;
  /** Leaf hash of the event before; 64 zeros for the first. */
  readonly prev: string;
}

/** An event as folded: the envelope with its data. Its stored form is the RFC 8785 bytes of exactly this object. */
export type Event = Draft & Placed;
export type EventOf<K extends Kind> = Extract<Event, { kind: K }>;

/** Parses one stored event strictly. Used by tests and by `verify --deep`, not on the hot path. */
export const EventEnvelope = z.object({
  seq: z.int().positive(),
  time: z.int().min(0),
  kind: z.string(),
  actor: Actor,
  subject: z.string(),
  data: JsonObject,
  prev: Digest,
});
