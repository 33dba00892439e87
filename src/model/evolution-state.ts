/** What evolution has come to, and which tuning is tried and in force: the fold of what the journal tells of it. */
import type { EventOf } from './event.ts';
import type { Millis } from './ids.ts';
import type { ClosedIncident } from './incident-state.ts';
import type { JsonObject } from './json.ts';
import type { Reducers } from './reducers.ts';
import type { FleetState } from './state.ts';

/** An incident by what it cost: what a canary is judged by. */
export interface CanaryCase {
  readonly agent: string;
  readonly at: Millis;
  /** From when it began to when it was over, and work that had to be done again. */
  readonly ms: number;
  readonly lostMs: number;
  readonly tokens: number;
  readonly falseAlarm: boolean;
  /** A person was called. */
  readonly asked: boolean;
}

export interface CanaryState {
  readonly request: string;
  /** As it was agreed to; parsed again wherever it is used. */
  readonly genome: JsonObject;
  readonly agents: readonly string[];
  readonly since: Millis;
  /** Incidents from before, and since then, of agents at the level evolutionary; the oldest first. */
  readonly before: readonly CanaryCase[];
  readonly cases: readonly CanaryCase[];
}

export interface GenerationState {
  readonly step: number;
  readonly fitness: number;
  readonly at: Millis;
}

export interface EvolutionFold {
  /** The last ones, the oldest first. */
  readonly generations: readonly GenerationState[];
  readonly evaluations: number;
  readonly elites: number;
  readonly cycle: {
    readonly began: Millis;
    readonly ended: Millis;
    readonly due: boolean;
    readonly detail: string;
  } | null;
  /** In force for all agents at the level evolutionary; null for what is shipped. */
  readonly tuning: JsonObject | null;
  /** What was in force before, while that can be had back; absent when nothing was promoted. */
  readonly before?: { readonly tuning: JsonObject | null };
  readonly canary: CanaryState | null;
  /** Those that were taken back, the newest first: not proposed again. */
  readonly reverted: readonly JsonObject[];
}

export const NO_EVOLUTION: EvolutionFold = {
  generations: [],
  evaluations: 0,
  elites: 0,
  cycle: null,
  tuning: null,
  canary: null,
  reverted: [],
};

const GENERATIONS_KEPT = 120;
const CASES_KEPT = 200;
const REVERTED_KEPT = 20;

export function caseOf(closed: ClosedIncident): CanaryCase {
  const { agent, closed: at, ms, cost, result, ladder } = closed;
  return {
    agent,
    at,
    ms,
    lostMs: cost?.lostMs ?? 0,
    tokens: cost?.tokens ?? 0,
    falseAlarm: result === 'false-alarm',
    asked: ladder?.asked !== '' && ladder?.asked !== undefined,
  };
}

/** What healing saw to at the level that evolves, and did not just let go. */
const counts = ({ ladder, result }: ClosedIncident): boolean =>
  ladder?.level === 'evolutionary' && result !== null && result !== 'closed';

/** A canary is judged by every incident that is closed while it runs. */
export function noteClosed(state: FleetState, closed: ClosedIncident): FleetState {
  const { canary } = state.evolution;
  if (!canary || !counts(closed)) return state;
  const cases = [...canary.cases, caseOf(closed)].slice(-CASES_KEPT);
  return { ...state, evolution: { ...state.evolution, canary: { ...canary, cases } } };
}

function adopted(s: FleetState, { data, time }: EventOf<'tuning.adopted'>): FleetState {
  const { request, genome, agents } = data;
  const before = s.healed.filter(counts).map(caseOf).reverse();
  return {
    ...s,
    evolution: { ...s.evolution, canary: { request, genome, agents, since: time, before, cases: [] } },
  };
}

function reverted(s: FleetState, { data }: EventOf<'tuning.reverted'>): FleetState {
  const { canary, tuning, before, ...rest } = s.evolution;
  const gone = data.from === 'canary' ? canary?.genome : tuning;
  if (!gone) return s;
  const kept = [gone, ...rest.reverted].slice(0, REVERTED_KEPT);
  const evolution: EvolutionFold =
    data.from === 'canary'
      ? { ...s.evolution, canary: null, reverted: kept }
      : { ...rest, canary, tuning: before?.tuning ?? null, reverted: kept };
  return { ...s, evolution };
}

export const EVOLUTION: Reducers = {
  'evolution.stepped': (s, { data: { step, fitness, evaluations, elites }, time }) => {
    const known = s.evolution.generations.filter(one => one.step < step);
    const generations = [...known, { step, fitness, at: time }].slice(-GENERATIONS_KEPT);
    return { ...s, evolution: { ...s.evolution, generations, evaluations, elites } };
  },
  'evolution.ended': (s, { data: { began, due, detail }, time }) => ({
    ...s,
    evolution: { ...s.evolution, cycle: { began, ended: time, due, detail } },
  }),
  'tuning.adopted': adopted,
  'tuning.promoted': s => {
    const { canary, tuning } = s.evolution;
    if (!canary) return s;
    return {
      ...s,
      evolution: { ...s.evolution, tuning: canary.genome, before: { tuning }, canary: null },
    };
  },
  'tuning.reverted': reverted,
};
