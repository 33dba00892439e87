/** Trouble of agents as the journal tells it: what was seen, what was tried and why, what came of it, what was learnt. */
import * as z from 'zod';
import { GROUP_EVENTS } from './group.ts';
import { FaultClass, HealingLevel, ProbePurpose, StrategyName } from './healing.ts';
import { AgentId, IncidentId, RequestId } from './ids.ts';
import { SNAPSHOT_EVENTS } from './snapshot.ts';
import { SWAP_EVENTS } from './swap.ts';

const Ms = z.int().min(0);
const Count = z.int().min(0);
const words = z.string().max(4096);

/** What a detector says: what was seen against what is usual, and how unlikely it is that all is well (0 to 1). */
export const IncidentFinding = z.object({
  detector: z.string().max(64),
  words,
  score: z.number().min(0).max(1),
});
export type IncidentFinding = z.infer<typeof IncidentFinding>;

/** What could have been tried: its expected cost in seconds of the agent's work where that is known, and its chance. */
export const RecoveryCandidate = z.object({
  strategy: StrategyName,
  cost: z.number().optional(),
  propensity: z.number().min(0).max(1),
});
export type RecoveryCandidate = z.infer<typeof RecoveryCandidate>;

/**
 * How it ended: by what was tried last, by itself, by a person; it was no trouble after all; or it was let go, because
 * the agent was stopped, given up or removed.
 */
export const IncidentResult = z.enum(['recovered', 'organic', 'person', 'false-alarm', 'closed']);
export type IncidentResult = z.infer<typeof IncidentResult>;

const ofIncident = { incident: IncidentId, agent: AgentId };
/** Incidents of the past that are told of with one, at most. */
export const SIMILAR_KEPT = 5;

/** Incidents of the past that are most like it, the nearest first. */
const similar = z.array(IncidentId).max(SIMILAR_KEPT).optional();
const step = { ...ofIncident, strategy: StrategyName, rung: Count };

export const INCIDENT_EVENTS = {
  /** With a `level`, healing sees to it; without, the agent ended and its restart policy does. */
  'incident.opened': z.object({
    incident: IncidentId,
    agent: AgentId.or(z.literal('')),
    class: z.string(),
    detail: z.string(),
    level: HealingLevel.optional(),
    /** When it began, as far as one can tell, ms since the epoch. */
    since: Ms.optional(),
    findings: z.array(IncidentFinding).max(32).optional(),
    similar,
  }),
  /** It is another kind of trouble than it looked at first. */
  'incident.diagnosed': z.object({
    ...ofIncident,
    class: FaultClass,
    detail: words,
    findings: z.array(IncidentFinding).max(32),
    similar,
  }),
  /** A person says that nothing was wrong. */
  'incident.dismissed': z.object(ofIncident),
  /** Nothing is tried for now: until a cause is gone, until its turn, until a delay is over. */
  'incident.delayed': z.object({ ...ofIncident, detail: words }),
  /** Nothing is left to try: a person is asked. */
  'incident.escalated': z.object({ ...ofIncident, request: RequestId, detail: words }),
  'incident.closed': z.object({
    incident: IncidentId,
    outcome: z.string(),
    ms: Ms,
    result: IncidentResult.optional(),
    /** Work that has to be done again, ms; starts that did not help; share of a fresh start's tokens. */
    cost: z.object({ lostMs: Ms, wasted: Count, tokens: z.number().min(0) }).optional(),
  }),
  'recovery.attempted': z.object({
    ...step,
    /** What it was taken for when this was tried. */
    fault: FaultClass,
    /** The run of the agent it was tried on. */
    incarnation: Count,
    reason: words,
    delayMs: Ms,
    patienceMs: Ms,
    candidates: z.array(RecoveryCandidate).max(32),
  }),
  /** It was well for as long as its file asks. */
  'recovery.verified': z.object({ ...step, detail: words, ms: Ms }),
  /** It did not help (`failed`), or could not be done (`refused`). */
  'recovery.failed': z.object({ ...step, result: z.enum(['failed', 'refused']), detail: words, ms: Ms }),
  'lesson.learnt': z.object({ ...ofIncident, detail: words }),
  /** `frozen` is to stand still while the incident lasts, to make room for the agent. */
  'load.shed': z.object({ ...ofIncident, frozen: AgentId }),
  ...GROUP_EVENTS,
  ...SNAPSHOT_EVENTS,
  ...SWAP_EVENTS,
  /** A person has given an agent's healing another level; the fleet file's holds again when that is changed. */
  'healing.changed': z.object({ agent: AgentId, level: HealingLevel }),
  /** Something the agent cannot do without does not answer, and answers again. */
  'dependency.lost': z.object({ agent: AgentId, name: z.string().max(64), detail: words }),
  'dependency.restored': z.object({ agent: AgentId, name: z.string().max(64), ms: Ms }),
  /** A probe has failed as often in a row as its file asks, and succeeds again. */
  'probe.failed': z.object({
    agent: AgentId,
    probe: z.string().max(64),
    purpose: ProbePurpose,
    detail: words,
  }),
  'probe.passed': z.object({ agent: AgentId, probe: z.string().max(64) }),
} as const;
