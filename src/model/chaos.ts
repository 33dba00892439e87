/** Experiments as the journal tells them: what was broken on purpose, for how long, and what came of it. */
import * as z from 'zod';
import { RequestId } from './ids.ts';

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
