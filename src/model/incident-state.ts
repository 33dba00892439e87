/** Incidents in the state: those that are open with their ladder as it climbs, and the last ones that were closed. */
import type { Data } from './event.ts';
import { noteClosed } from './evolution-state.ts';
import { GROUPS } from './group.ts';
import type { FaultClass, HealingLevel, StrategyName } from './healing.ts';
import { AgentId, type Millis } from './ids.ts';
import type { IncidentFinding, IncidentResult, RecoveryCandidate } from './incident.ts';
import { count, onAgent, type Reducers, without } from './reducers.ts';
import { SNAPSHOTS } from './snapshot.ts';
import type { FleetState } from './state.ts';
import { SWAPS, type SwapState } from './swap.ts';

/** One rung, as it was climbed. */
export interface RungState {
  readonly strategy: StrategyName;
  readonly rung: number;
  readonly fault: FaultClass;
  readonly at: Millis;
  readonly incarnation: number;
  readonly reason: string;
  readonly delayMs: number;
  readonly patienceMs: number;
  readonly candidates: readonly RecoveryCandidate[];
  /** null while it is not known. */
  readonly result: 'recovered' | 'failed' | 'refused' | null;
  readonly detail: string;
  /** From the attempt to its verdict. */
  readonly ms: number;
}

/** What healing does about an incident. */
export interface LadderState {
  readonly level: HealingLevel;
  /** When the trouble began, as far as one can tell. */
  readonly since: Millis;
  readonly findings: readonly IncidentFinding[];
  /** Incidents of the past that are most like it, the nearest first. */
  readonly similar: readonly string[];
  readonly rungs: readonly RungState[];
  /** What it waits for before the next rung; ''. */
  readonly waits: string;
  /** The request by which a person was asked; ''. */
  readonly asked: string;
  /** Whom it has had frozen to make room. */
  readonly shed?: readonly string[];
}

export interface IncidentState {
  readonly id: string;
  readonly agent: string;
  readonly class: string;
  readonly detail: string;
  readonly at: Millis;
  /** Agents of its group that were restarted with it. */
  readonly along?: readonly string[];
  /** Absent for an end of the agent that its restart policy sees to. */
  readonly ladder?: LadderState;
}

export interface ClosedIncident extends IncidentState {
  readonly closed: Millis;
  readonly outcome: string;
  readonly result: IncidentResult | null;
  /** From when it began to when it was over. */
  readonly ms: number;
  readonly lesson: string;
  readonly cost?: Data<'incident.closed'>['cost'];
}

/** How many closed incidents stay in the state. */
export const CLOSED_KEPT = 50;

function onLadder(
  state: FleetState,
  id: string,
  change: (ladder: LadderState) => Partial<LadderState>,
  more: Partial<IncidentState> = {},
): FleetState {
  const incident = state.incidents[id];
  if (!incident?.ladder) return state;
  const ladder = { ...incident.ladder, ...change(incident.ladder) };
  return { ...state, incidents: { ...state.incidents, [id]: { ...incident, ...more, ladder } } };
}

/** The verdict belongs to the rung that waits for one. */
function judged(
  rungs: readonly RungState[],
  rung: number,
  verdict: Pick<RungState, 'result' | 'detail' | 'ms'>,
): readonly RungState[] {
  return rungs.map(one => (one.rung === rung && one.result === null ? { ...one, ...verdict } : one));
}

export const INCIDENTS: Reducers = {
  'incident.opened': (s, { data, time }) => {
    const { incident: id, agent, detail, level, since = time, findings = [], similar = [] } = data;
    const base: IncidentState = { id, agent, class: data.class, detail, at: time };
    const opened = level
      ? { ...base, ladder: { level, since, findings, similar, rungs: [], waits: '', asked: '' } }
      : base;
    return count({ ...s, incidents: { ...s.incidents, [id]: opened } }, { incidents: 1 });
  },
  'incident.diagnosed': (s, { data }) =>
    onLadder(s, data.incident, () => ({ findings: data.findings, similar: data.similar ?? [], waits: '' }), {
      class: data.class,
      detail: data.detail,
    }),
  'incident.delayed': (s, { data }) => onLadder(s, data.incident, () => ({ waits: data.detail })),
  'incident.escalated': (s, { data }) =>
    onLadder(s, data.incident, () => ({ waits: '', asked: data.request })),
  'incident.closed': (s, { data, time }) => {
    const incident = s.incidents[data.incident];
    if (!incident) return s;
    const { outcome, ms, result = null, cost } = data;
    const closed: ClosedIncident = {
      ...incident,
      ...{ closed: time, outcome, result, ms, lesson: '' },
      ...(cost && { cost }),
    };
    const next = { ...s, incidents: without(s.incidents, data.incident) };
    return noteClosed({ ...next, healed: [closed, ...s.healed].slice(0, CLOSED_KEPT) }, closed);
  },
  'lesson.learnt': (s, { data }) => ({
    ...s,
    healed: s.healed.map(one => (one.id === data.incident ? { ...one, lesson: data.detail } : one)),
  }),
  'load.shed': (s, { data }) =>
    onLadder(s, data.incident, ({ shed = [] }) => ({ shed: [...shed, data.frozen] })),
  ...GROUPS,
  ...SNAPSHOTS,
  ...SWAPS,
  'recovery.attempted': (s, { data, time }) => {
    const { incident, agent: _agent, ...rung } = data;
    return onLadder(s, incident, ladder => ({
      waits: '',
      rungs: [...ladder.rungs, { ...rung, at: time, result: null, detail: '', ms: 0 }],
    }));
  },
  'recovery.verified': (s, { data: { incident, rung, detail, ms } }) =>
    onLadder(s, incident, ladder => ({
      rungs: judged(ladder.rungs, rung, { result: 'recovered', detail, ms }),
    })),
  'recovery.failed': (s, { data: { incident, rung, detail, ms, result } }) =>
    onLadder(s, incident, ladder => ({ rungs: judged(ladder.rungs, rung, { result, detail, ms }) })),
  'healing.changed': (s, { data }) =>
    onAgent(s, data.agent, ({ healing }) => (healing ? { healing: { ...healing, level: data.level } } : {})),
  'dependency.lost': (s, { data }) =>
    onAgent(s, data.agent, ({ healing }) =>
      healing ? { healing: { ...healing, down: { ...healing.down, [data.name]: data.detail } } } : {},
    ),
  'dependency.restored': (s, { data }) =>
    onAgent(s, data.agent, ({ healing }) =>
      healing ? { healing: { ...healing, down: without(healing.down, data.name) } } : {},
    ),
  'probe.failed': (s, { data }) =>
    onAgent(s, data.agent, ({ healing }) =>
      healing ? { healing: { ...healing, failing: { ...healing.failing, [data.probe]: data.detail } } } : {},
    ),
  'probe.passed': (s, { data }) =>
    onAgent(s, data.agent, ({ healing }) =>
      healing ? { healing: { ...healing, failing: without(healing.failing, data.probe) } } : {},
    ),
};

/** How an agent is healed; nothing of it for one whose file says nothing. */
export interface AgentHealingState {
  readonly level: HealingLevel;
  /** What the fleet file says; `level` is another one after a person has changed it. */
  readonly configured: HealingLevel;
  /** Dependencies that do not answer, and why. */
  readonly down: Readonly<Record<string, string>>;
  /** Probes that fail, and why. */
  readonly failing: Readonly<Record<string, string>>;
  /** Absent while it runs with its own model and provider. */
  readonly swapped?: SwapState;
}

/** A level that a person has set holds until the fleet file says another one. */
export function configuredHealing(
  before: AgentHealingState | undefined,
  configured: HealingLevel | undefined,
): AgentHealingState | undefined {
  if (!configured) return undefined;
  if (before?.configured === configured) return before;
  return { down: {}, failing: {}, ...before, level: configured, configured };
}

/** Those that were frozen to make room for this and still stand still for that, and by nobody else's order. */
export function stillShed({ agents }: FleetState, { ladder }: IncidentState): readonly AgentId[] {
  return (ladder?.shed ?? [])
    .filter(id => agents[id]?.freeze?.by === 'healer' && agents[id].freeze.is !== 'thawing')
    .map(id => AgentId.parse(id));
}
