/** Experiments as the journal tells them: what was broken on purpose, for how long, and what came of it. */
import * as z from 'zod';
import { RequestId } from './ids.ts';
import type { Reducers } from './reducers.ts';
import { without } from './reducers.ts';
import type { FleetState } from './state.ts';
import { oneLine } from './text.ts';

const Ms = z.int().min(0);
const words = z.string().max(4096);

/** One run of an experiment, `x-…`. Made by its runner. */
export const ExperimentId = z
  .string()
  .regex(/^x-[0-9a-z]{4,40}$/, 'an experiment id looks like x-3f9c01ab')
  .brand<'ExperimentId'>();
export type ExperimentId = z.infer<typeof ExperimentId>;

/** One injection of an experiment: `x-3f9c01ab.1`. */
export const FaultId = z.string().regex(/^x-[0-9a-z]{4,40}\.\d{1,3}$/, 'a fault id looks like x-3f9c01ab.1');

export const PlannedFault = z.object({
  id: FaultId,
  /** `cpu`, `kill`, …: a name of the catalogue. */
  what: z.string().min(1).max(32),
  targets: z.array(z.string().min(1).max(200)).max(256),
  forMs: Ms,
  /** `kill builder with SIGKILL`. */
  about: z.string().max(400),
});
export type PlannedFault = z.infer<typeof PlannedFault>;

/**
 * `held`: the steady state was there before, and again afterwards in time. `deviated`: it was not there again.
 * `aborted`: taken back before its time. `not-begun`: nothing was broken. `lost`: its runner died; effects end with it.
 */
export const Verdict = z.enum(['held', 'deviated', 'aborted', 'not-begun', 'lost']);
export type Verdict = z.infer<typeof Verdict>;

const ofExperiment = { experiment: ExperimentId };
const ofFault = { experiment: ExperimentId, fault: FaultId };

export const CHAOS_EVENTS = {
  /** Agreed to at the gate: from now on its runner may inject exactly these. */
  'experiment.started': z.object({
    ...ofExperiment,
    title: z.string().max(200),
    /** The game day it is part of; ''. */
    day: z.string().max(200),
    seed: z.int().min(0),
    request: RequestId,
    runner: z.object({ pid: z.int().positive(), born: z.string().max(64) }),
    probes: z.array(z.string().max(100)).max(64),
    faults: z.array(PlannedFault).max(64),
  }),
  'experiment.finished': z.object({
    ...ofExperiment,
    verdict: Verdict,
    reason: words,
    ms: Ms,
    /** From the first effect to the first event of the fleet that noticed it; null when nothing did. */
    detectedMs: Ms.nullable(),
    /** From the first effect until the steady state was there again; 0 when it never left it, null when it did not return. */
    recoveredMs: Ms.nullable(),
    /** Where its report is; '' when it could not be written. */
    report: words,
  }),
  /** The effect is there. */
  'fault.injected': z.object({
    ...ofFault,
    what: z.string().max(32),
    targets: z.array(z.string().max(200)).max(256),
    /** It ends by itself at the latest then, ms since the epoch. */
    until: Ms,
    mechanism: z.string().max(64),
    about: z.string().max(400),
  }),
  /** It is gone, and a probe has seen that nothing is left. */
  'fault.reverted': z.object({
    ...ofFault,
    /** `time`, `halt`, `pipe`, `lease`, `guardian`, `recovered`. */
    because: z.string().max(400),
    /** How long it was there. */
    ms: Ms,
    detail: words,
  }),
  /** It could not be injected, or something of it is left. */
  'fault.failed': z.object({
    ...ofFault,
    reason: words,
    residues: z.array(words).max(64),
  }),
  /** All probes looked at once, before or after. */
  'steady-state.checked': z.object({
    ...ofExperiment,
    when: z.enum(['before', 'after']),
    holds: z.boolean(),
    probes: z
      .array(z.object({ name: z.string().max(100), ok: z.boolean(), value: z.string().max(200) }))
      .max(64),
  }),
  'steady-state.broken': z.object({
    ...ofExperiment,
    probe: z.string().max(100),
    value: z.string().max(200),
    wanted: z.string().max(200),
  }),
  'steady-state.restored': z.object({ ...ofExperiment, probe: z.string().max(100), ms: Ms }),
  /** The kill switch: everything broken is taken back, and nothing more is injected until it is released. */
  'chaos.halted': z.object({ reason: z.string().max(400) }),
  'chaos.released': z.object({}),
} as const;

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
