/**
 * What goes over the engine's two sockets: one JSON object a line, UTF-8, at most MAX_LINE bytes.
 *
 *   request   {"id": 7, "do": "approval.decide", "with": {…}}
 *   answer    {"id": 7, "ok": true, "result": {…}}  |  {"id": 7, "ok": false, "error": {code, message, hint}}
 *   push      {"push": "event", "event": {…}}       (operator socket, after `hello` with follow)
 *
 * `operator.sock` is for people, `agent.sock` for agents; each has its own table below and knows nothing of the
 * other's requests. The first request on a connection is `hello`.
 */
import * as z from 'zod';
import { Action } from '../model/action.ts';
import type { BreakerReading } from '../model/breaker-view.ts';
import { CellName } from '../model/cell.ts';
import { CHAOS_EVENTS, ExperimentId, FaultId, PlannedFault } from '../model/chaos.ts';
import { DecisionEvidence, EVENT_DATA, type Event, Outcome, StagedItem } from '../model/event.ts';
import { HealingLevel } from '../model/healing.ts';
import {
  AgentId,
  Digest,
  GrantId,
  IncidentId,
  MessageId,
  OperatorId,
  RequestId,
  SessionId,
} from '../model/ids.ts';
import { JsonObject } from '../model/json.ts';
import { Mode } from '../model/mode.ts';
import type { Reading, Series } from '../model/resources.ts';
import { AgentStatus } from '../model/status.ts';

import type { ProbeReadings, Ringing } from './answers.ts';
import { BREAKER_REQUESTS } from './breakers.ts';

export type * from './answers.ts';
export { AGENT_PROTOCOL, MAX_LINE, PROTOCOL } from './limits.ts';

const Nothing = z.object({});
const OfAgent = z.object({ agent: AgentId });
const ListMessages = z.object({
  unread: z.boolean().default(false),
  limit: z.int().min(1).max(100).default(20),
});
const note = z.string().max(4096).default('');

/** A `recording.*` event without its envelope. */
const RecordingTold = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('recording.started'), data: EVENT_DATA['recording.started'] }),
  z.object({ kind: z.literal('recording.chunked'), data: EVENT_DATA['recording.chunked'] }),
  z.object({ kind: z.literal('recording.ended'), data: EVENT_DATA['recording.ended'] }),
  z.object({ kind: z.literal('recording.removed'), data: EVENT_DATA['recording.removed'] }),
  z.object({ kind: z.literal('recording.paused'), data: EVENT_DATA['recording.paused'] }),
  z.object({ kind: z.literal('recording.resumed'), data: EVENT_DATA['recording.resumed'] }),
]);

/** What the runner of an experiment wants in the journal. */
const ChaosTold = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('experiment.started'), data: CHAOS_EVENTS['experiment.started'] }),
  z.object({ kind: z.literal('experiment.finished'), data: CHAOS_EVENTS['experiment.finished'] }),
  z.object({ kind: z.literal('fault.injected'), data: CHAOS_EVENTS['fault.injected'] }),
  z.object({ kind: z.literal('fault.reverted'), data: CHAOS_EVENTS['fault.reverted'] }),
  z.object({ kind: z.literal('fault.failed'), data: CHAOS_EVENTS['fault.failed'] }),
  z.object({ kind: z.literal('steady-state.checked'), data: CHAOS_EVENTS['steady-state.checked'] }),
  z.object({ kind: z.literal('steady-state.broken'), data: CHAOS_EVENTS['steady-state.broken'] }),
  z.object({ kind: z.literal('steady-state.restored'), data: CHAOS_EVENTS['steady-state.restored'] }),
]);
export type ChaosTold = z.infer<typeof ChaosTold>;

/** A process that cannot be mistaken for another: its pid, and when it was born. */
const Marked = z.object({
  name: z.string().min(1).max(200),
  pid: z.int().positive(),
  born: z.string().max(64),
});

/** Requests of people: name → [what comes with it, what is answered]. */
export const OPERATOR_REQUESTS = {
  hello: {
    with: z.object({
      protocol: z.int(),
      as: OperatorId.optional(),
      mode: Mode.optional(),
      /** `recorder` is a process of the fleet, `chaos` the runner of a person's experiment: they are not shown as present. */
      client: z.enum(['console', 'cli', 'demo', 'recorder', 'chaos']),
      /** Push events from now on. A client that follows is shown to others as present. */
      follow: z.boolean().default(false),
      /** How many of the newest events come with the welcome. */
      tail: z.int().min(0).max(5000).default(0),
    }),
  },
  ping: { with: Nothing },
  'mode.set': { with: z.object({ mode: Mode }) },
  'approval.decide': {
    with: z.object({
      request: RequestId,
      decision: z.enum(['approve', 'deny', 'override']),
      /** The digest the person saw; refused as `stale` when it is not the request's. */
      digest: Digest,
      note,
      /** Edit-then-approve: the input to run instead. Only where the request `can.edit`. */
      edit: JsonObject.optional(),
      evidence: DecisionEvidence.default({ keys: [] }),
    }),
  },
  'approval.defer': {
    with: z.object({ request: RequestId, minutes: z.number().positive().max(1440).default(5) }),
  },
  'grant.issue': {
    with: z.object({
      request: RequestId,
      minutes: z.number().positive().max(1440).default(15),
      uses: z.int().positive().max(1000).default(10),
      reason: note,
    }),
  },
  'grant.revoke': { with: z.object({ grant: GrantId, reason: note }) },
  'agent.start': { with: OfAgent },
  'agent.stop': { with: OfAgent },
  'agent.restart': { with: OfAgent },
  /** The brake, for these agents or for the whole fleet. Answered when it is confirmed, with what resists. */
  'fleet.freeze': { with: z.object({ agents: z.array(AgentId).default([]) }) },
  'fleet.thaw': { with: z.object({ agents: z.array(AgentId).default([]) }) },
  /** A message typed into the agent's pane as one paste, then Enter. Needs collaborate. */
  'agent.send': {
    with: z.object({ agent: AgentId, text: z.string().min(1).max(65_536), enter: z.boolean().default(true) }),
  },
  'lease.take': { with: z.object({ agent: AgentId, force: z.boolean().default(false) }) },
  'lease.release': { with: OfAgent },
  /** Asks whoever holds the keyboard for it. */
  'lease.ask': { with: OfAgent },
  /** Hands one's own keyboard lease to a session that may type. */
  'lease.give': { with: z.object({ agent: AgentId, to: SessionId }) },
  /** Raw keyboard bytes (base64) for a pane whose keyboard lease this session holds. */
  'agent.type': {
    with: z.object({
      agent: AgentId,
      bytes: z.base64().max(131_072),
      fence: z.int(),
      /** UTF-8 that was pasted: given as one paste, in brackets where the program asks for them. */
      paste: z.boolean().default(false),
    }),
  },
  /**
   * How much was typed on a stage since the last report, under the fence it was typed under. Written down for whoever
   * held that fence; refused as `lease-lost` when it is not the lease's any more.
   */
  'agent.typed': {
    with: z.object({
      agent: AgentId,
      bytes: z
        .int()
        .positive()
        .max(1 << 30),
      fence: z.int(),
    }),
  },
  'stage.add': { with: z.object({ staged: StagedItem }) },
  'stage.drop': { with: z.object({ items: z.array(z.int()).min(1) }) },
  'stage.commit': { with: z.object({ items: z.array(z.int()).min(1) }) },
  /** Into inboxes; nothing is typed. To agents it needs watch or collaborate. */
  'message.send': {
    with: z.object({
      to: z.string().max(80),
      text: z.string().min(1).max(65_536),
      reply: MessageId.optional(),
    }),
  },
  /** Messages from and to this person, or those not read yet. */
  'message.list': { with: ListMessages },
  'message.read': { with: z.object({ to: z.int().min(0) }) },
  /** Answered when something waits for this person. */
  'message.wait': { with: Nothing },
  /** Which rules of notifications are in force; with `reload` after the person's own have been read again. */
  'notify.rules': { with: z.object({ reload: z.boolean() }) },
  /** A sample by one rule in force, or by all. */
  'notify.test': { with: z.object({ rule: z.string().max(64).optional() }) },
  /** Somebody has pressed a key: told now and then, so that it is known whether anybody looks. */
  present: { with: Nothing },
  /** The size of the console's view of agents, so that panes can be fitted to it; of one alone while it is on stage. */
  'view.size': {
    with: z.object({
      cols: z.int().min(1).max(1000),
      rows: z.int().min(1).max(1000),
      agent: AgentId.optional(),
    }),
  },
  /** What the fleet's recorder wants in the journal; nobody else may. */
  'recording.tell': { with: RecordingTold },
  /** How it is to record; for the recorder alone too. */
  'recording.settings': { with: Nothing },
  /** Asks the gate for an experiment: exactly these faults. It may begin when the request that is answered has been approved. */
  'chaos.propose': {
    with: z.object({
      experiment: ExperimentId,
      title: z.string().min(1).max(200),
      day: z.string().max(200).default(''),
      seed: z.int().min(0),
      probes: z.array(z.string().max(400)).max(64),
      faults: z
        .array(
          PlannedFault.extend({
            mechanism: z.string().max(64),
            privileged: z.boolean(),
            effects: z.array(z.string().max(4096)).max(64),
            reverts: z.array(z.string().max(4096)).max(64),
          }),
        )
        .min(1)
        .max(64),
      /** What could be hit, as the runner will name it to the native helper; the engine looks whether it is the fleet's. */
      scope: z.array(Marked).max(1024),
      paths: z.array(z.string().max(4096)).max(64).default([]),
    }),
  },
  /** What the runner of an experiment that was agreed to wants in the journal; nobody else may. */
  'chaos.tell': { with: ChaosTold },
  /** What its probes see: shown by consoles and forgotten. */
  'chaos.measure': {
    with: z.object({
      experiment: ExperimentId,
      at: z.int().min(0),
      probes: z
        .array(z.object({ name: z.string().max(100), ok: z.boolean(), value: z.number().nullable() }))
        .max(64),
    }),
  },
  /** Makes a cell hang for so long, for a fault of an experiment that was agreed to. 0 lets it go. */
  'chaos.hang': {
    with: z.object({ experiment: ExperimentId, fault: FaultId, forMs: z.int().min(0).max(300_000) }),
  },
  /** The kill switch: on, or off again. */
  'chaos.halt': { with: z.object({ on: z.boolean(), reason: z.string().max(400).default('') }) },
  /** Another level for an agent's healing, until the fleet file says another one than now. What it knows is kept. */
  'heal.set-level': { with: z.object({ agent: AgentId, level: HealingLevel }) },
  /** A person says of an open incident that nothing was wrong. */
  'heal.dismiss': { with: z.object({ incident: IncidentId }) },
  /** Takes back what healing did about an incident, as far as that can be. */
  'remedy.undo': { with: z.object({ incident: IncidentId }) },
  /** Another model or provider from its next start on, by the name it has in the fleet file; '' for its own. */
  'remedy.swap': { with: z.object({ agent: AgentId, to: z.string().max(64) }) },
  /** Snapshots of an agent's own tree: those there are, one of now, and its files brought back to one. */
  'remedy.snapshots': { with: OfAgent },
  'remedy.snapshot': { with: OfAgent },
  'remedy.restore': { with: z.object({ agent: AgentId, snapshot: z.int().min(1) }) },
  'evolution.look': { with: Nothing },
  /** So many generations now, while the connection is open; the number of the run. */
  'evolution.begin': {
    with: z.object({ steps: z.int().min(1).max(10_000).default(10), seed: z.int().min(0).optional() }),
  },
  /** The best that was found, or what is at a place of the archive, is judged on held-out seeds and asked about. */
  'evolution.propose': {
    with: z.object({ cell: z.tuple([z.int().min(0).max(63), z.int().min(0).max(63)]).optional() }),
  },
  /** Takes back the tuning that is being tried, or else the one that was promoted last. */
  'evolution.revert': { with: z.object({ reason: z.string().max(400).default('') }) },
  /** The engine's own cells: their health, asked of them now, and their functions. */
  'cell.list': { with: Nothing },
  /** Has one that is not well made anew; where others would notice, that is asked for at the gate. */
  'cell.repair': { with: z.object({ cell: CellName }) },
  /** What a cell would set otherwise; without a name, all of them. Nothing is set by it. */
  'cell.optimize': { with: z.object({ cell: CellName.optional() }) },
  ...BREAKER_REQUESTS,
  'journal.checkpoint': { with: Nothing },
  /** A page of the journal: going back from before a place or a time, or on from after one. */
  'journal.read': {
    with: z.object({
      before: z.int().positive().optional(),
      after: z.int().min(0).optional(),
      /** Nothing later than this, ms since the epoch. */
      until: z.int().min(0).optional(),
      limit: z.int().min(1).max(500).default(200),
      /** In the language of the timeline; what it does not understand it leaves out. */
      query: z.string().max(1000).default(''),
      /** Without the kinds that only the audit view shows. */
      story: z.boolean().default(false),
    }),
  },
  /** Agents with a worktree of their own, and what they have done in it. */
  'worktree.list': { with: Nothing },
  'worktree.diff': { with: OfAgent },
  /** Asks the gate: a merge or a drop is carried out when a person approves the request that is answered. */
  'worktree.propose': { with: z.object({ agent: AgentId, do: z.enum(['merge', 'drop']) }) },
  /** Reads the fleet file and its policies now: what they would change, or what is wrong with them. */
  'fleet.look': { with: Nothing },
  /** A person agrees to exactly this revision of the fleet file; refused as `stale` when it is another by now. */
  'fleet.reload': { with: z.object({ revision: Digest }) },
  /** Ends agents, tmux server and engine. */
  'fleet.down': { with: Nothing },
} as const;

export type OperatorRequest = keyof typeof OPERATOR_REQUESTS;
export type OperatorWith<R extends OperatorRequest> = z.infer<(typeof OPERATOR_REQUESTS)[R]['with']>;
export type OperatorInput<R extends OperatorRequest> = z.input<(typeof OPERATOR_REQUESTS)[R]['with']>;

/** Requests of agents. The connection's agent is known by its token, never by what it says. */
export const AGENT_REQUESTS = {
  hello: { with: z.object({ protocol: z.int(), token: z.string().max(256) }) },
  /**
   * Asks and waits: the answer comes when the request has ended. The asker makes the id and asks again with it
   * after an engine restart; the answer to an ended id is given again to the same asker, and only to it.
   */
  'gate.ask': {
    with: z.object({
      request: RequestId,
      action: Action,
      edit: z.boolean().default(false),
      note: z.boolean().default(true),
    }),
  },
  'gate.effect': {
    with: z.object({
      request: RequestId,
      exit: z.int().nullable(),
      detail: z.string().max(4096).default(''),
      ms: z.int().min(0),
    }),
  },
  /** A hook of the agent's own tool, as it came on the hook's standard input. */
  hook: { with: z.object({ driver: z.string().max(32), request: RequestId, payload: JsonObject }) },
  /** For scripts that know better than a screen what they are doing: `hms agent report working "tests"`. */
  report: {
    with: z.object({
      status: AgentStatus.extract(['working', 'idle', 'waiting']),
      detail: z.string().max(400),
    }),
  },
  /** It lives and gets on: the watchdog's timer begins anew, as with sd_notify's `WATCHDOG=1`. */
  beat: { with: Nothing },
  message: {
    with: z.object({
      /** An agent, `@alice`, a group; '' for whom `reply` is about. */
      to: z.string().max(80),
      text: z.string().min(1).max(65_536),
      reply: MessageId.optional(),
      /** Made by the sender: sent again after a restart, it is still one message. */
      id: MessageId.optional(),
    }),
  },
  /** Messages from and to the agent, or those it has not been given yet. */
  'message.list': { with: ListMessages },
  /** It has been given everything up to this place. */
  'message.read': { with: z.object({ to: z.int().min(0) }) },
  /** Answered when something waits for it. */
  'message.wait': { with: Nothing },
} as const;

export type AgentRequest = keyof typeof AGENT_REQUESTS;
export type AgentInput<R extends AgentRequest> = z.input<(typeof AGENT_REQUESTS)[R]['with']>;

/** Answer to `gate.ask`. */
export const GateAnswer = z.object({
  request: RequestId,
  outcome: Outcome,
  /** May it run? True only for permitted, approved, overridden. */
  run: z.boolean(),
  /** What may run: the action as asked, or as edited. Its digest is `digest`. */
  action: Action,
  digest: Digest,
  edited: z.boolean(),
  /** Words for the asker: the person's note, the policy's reason. */
  message: z.string(),
});
export type GateAnswer = z.infer<typeof GateAnswer>;

/** Answer to `hook`: what the hook process prints and its exit code. */
export const HookAnswer = z.object({ stdout: z.string(), exit: z.int().min(0).max(255) });
export type HookAnswer = z.infer<typeof HookAnswer>;

export const Request = z.object({ id: z.int().min(0), do: z.string().max(64), with: JsonObject.default({}) });
export type Request = z.infer<typeof Request>;

export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export type Answer =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: WireError };

export type Push =
  | { readonly push: 'event'; readonly event: Event }
  /** Operator socket, consoles: tell whoever is not looking. */
  | { readonly push: 'ring'; readonly ringing: Ringing }
  /** Operator socket, to who follows: what has been counted of breakers, once a second at most. */
  | { readonly push: 'breakers'; readonly breakers: readonly BreakerReading[] }
  /** Operator socket, to who follows: what the probes of an experiment see. */
  | { readonly push: 'probes'; readonly readings: ProbeReadings }
  /** Operator socket, to who follows: what agents use. The first one of a connection has the last minutes with it. */
  | {
      readonly push: 'resources';
      readonly reading: Reading;
      readonly history?: Readonly<Record<string, Series>>;
    }
  /** Agent socket: a `gate.ask` or `hook` of this connection is held and waits for people. */
  | { readonly push: 'held'; readonly request: string; readonly why: string }
  /** The last line of a connection. With `error` when the peer broke the protocol: `malformed`, `too-large`, … */
  | { readonly push: 'bye'; readonly reason: string; readonly error?: WireError };
