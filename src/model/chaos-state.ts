/** What is broken on purpose now, and the last verdicts: the fold of what the journal tells of experiments. */
import type { PlannedFault, Verdict } from './chaos.ts';
import { type Reducers, without } from './reducers.ts';
import type { FleetState } from './state.ts';
import { oneLine } from './text.ts';

export interface FaultState extends PlannedFault {
  readonly phase: 'planned' | 'active' | 'reverted' | 'failed';
  /** When it came into this phase. */
  readonly since: number;
  /** When an active one ends by itself at the latest. */
  readonly until: number;
  readonly mechanism: string;
  /** Why it is over, or what is left of it. */
  readonly detail: string;
}

export interface ProbeState {
  readonly name: string;
  /** null before it was looked at. */
  readonly ok: boolean | null;
  readonly value: string;
}

export interface ExperimentState {
  readonly id: string;
  readonly title: string;
  readonly day: string;
  readonly seed: number;
  /** Who runs it. */
  readonly by: string;
  readonly request: string;
  readonly since: number;
  readonly runner: { readonly pid: number; readonly born: string };
  readonly probes: readonly ProbeState[];
  readonly faults: readonly FaultState[];
  /** null while it goes on. */
  readonly verdict: Verdict | null;
  readonly reason: string;
  readonly ms: number;
  readonly detectedMs: number | null;
  readonly recoveredMs: number | null;
  readonly report: string;
}

export interface ChaosState {
  readonly running: Readonly<Record<string, ExperimentState>>;
  /** The newest first. */
  readonly finished: readonly ExperimentState[];
  /** The kill switch is on. */
  readonly halted: { readonly since: number; readonly by: string; readonly reason: string } | null;
}

export const NO_CHAOS: ChaosState = { running: {}, finished: [], halted: null };

/** How many finished experiments stay in the state. */
const FINISHED_KEPT = 10;

/** What is broken on purpose now. */
export function activeFaults({ running }: ChaosState): readonly FaultState[] {
  return Object.values(running).flatMap(({ faults }) => faults.filter(({ phase }) => phase === 'active'));
}

/** What is being done to it now, in words; undefined when nothing is. */
export function brokenWords(chaos: ChaosState, target: string): string | undefined {
  const active = activeFaults(chaos).filter(({ targets }) => targets.includes(target));
  return active.length === 0 ? undefined : oneLine(active.map(({ what }) => what).join(', '), 100);
}

function onExperiment(
  state: FleetState,
  id: string,
  change: (experiment: ExperimentState) => Partial<ExperimentState>,
): FleetState {
  const experiment = state.chaos.running[id];
  if (!experiment) return state;
  const running = { ...state.chaos.running, [id]: { ...experiment, ...change(experiment) } };
  return { ...state, chaos: { ...state.chaos, running } };
}

function onFault(state: FleetState, id: string, fault: string, change: Partial<FaultState>): FleetState {
  return onExperiment(state, id, ({ faults }) => ({
    faults: faults.map(one => (one.id === fault ? { ...one, ...change } : one)),
  }));
}

function onProbe(state: FleetState, id: string, probe: string, change: Partial<ProbeState>): FleetState {
  return onExperiment(state, id, ({ probes }) => ({
    probes: probes.map(one => (one.name === probe ? { ...one, ...change } : one)),
  }));
}

export const CHAOS: Reducers = {
  'experiment.started': (s, { data, actor, time }) => {
    const { experiment: id, probes, faults, ...rest } = data;
    const started: ExperimentState = {
      ...rest,
      id,
      by: actor.id,
      since: time,
      probes: probes.map(name => ({ name, ok: null, value: '' })),
      faults: faults.map(fault => ({
        ...fault,
        phase: 'planned',
        since: time,
        until: 0,
        mechanism: '',
        detail: '',
      })),
      verdict: null,
      reason: '',
      ms: 0,
      detectedMs: null,
      recoveredMs: null,
      report: '',
    };
    return { ...s, chaos: { ...s.chaos, running: { ...s.chaos.running, [id]: started } } };
  },
  'experiment.finished': (s, { data }) => {
    const { experiment: id, ...rest } = data;
    const experiment = s.chaos.running[id];
    if (!experiment) return s;
    const finished = [{ ...experiment, ...rest }, ...s.chaos.finished].slice(0, FINISHED_KEPT);
    return { ...s, chaos: { ...s.chaos, running: without(s.chaos.running, id), finished } };
  },
  'fault.injected': (s, { data, time }) => {
    const { experiment, fault, targets, until, mechanism, about } = data;
    return onFault(s, experiment, fault, { phase: 'active', since: time, targets, until, mechanism, about });
  },
  'fault.reverted': (s, { data, time }) =>
    onFault(s, data.experiment, data.fault, { phase: 'reverted', since: time, detail: data.because }),
  'fault.failed': (s, { data, time }) =>
    onFault(s, data.experiment, data.fault, { phase: 'failed', since: time, detail: data.reason }),
  'steady-state.checked': (s, { data }) =>
    data.probes.reduce((next, { name, ok, value }) => onProbe(next, data.experiment, name, { ok, value }), s),
  'steady-state.broken': (s, { data }) =>
    onProbe(s, data.experiment, data.probe, { ok: false, value: data.value }),
  'steady-state.restored': (s, { data }) => onProbe(s, data.experiment, data.probe, { ok: true }),
  'chaos.halted': (s, { data, actor, time }) => ({
    ...s,
    chaos: { ...s.chaos, halted: { since: time, by: actor.id, reason: data.reason } },
  }),
  'chaos.released': s => ({ ...s, chaos: { ...s.chaos, halted: null } }),
};

/** Cells of the engine that can be made to hang: each lives by events and by looking, and catches up when it is let go. */
export const CELLS_THAT_HANG = [
  'supervisor',
  'gatekeeper',
  'freezer',
  'usage',
  'status',
  'recorder',
  'resources',
  'notifier',
  'worktrees',
] as const;
