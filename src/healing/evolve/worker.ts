/** What the process that evolves is told, and what it tells: one JSON object a line. Both ends parse what they read. */
import * as z from 'zod';
import { Genome } from './genome.ts';

/** A place in the archive, as `hms ga archive` shows it. */
export const Cell = z.tuple([z.int().min(0).max(63), z.int().min(0).max(63)]);

export const Job = z.strictObject({
  /** Where evolution is kept; and what keeps two from having it at once. */
  file: z.string(),
  lock: z.string(),
  /** Where incidents are read from; '' for none. */
  journal: z.string(),
  incumbent: Genome,
  /** What is drawn depends on it; only of use where nothing is kept yet. */
  seed: z.int(),
  steps: z.int().min(0),
  capMs: z.number().positive(),
  challenger: z.union([z.enum(['best', 'none']), Cell]),
  /** As nice(1) counts. */
  nice: z.int().min(0).max(19),
});
export type Job = z.infer<typeof Job>;

const Interval = z.strictObject({ mean: z.number(), low: z.number(), high: z.number() });

export const Proposed = z.strictObject({
  genome: Genome,
  changes: z
    .array(z.strictObject({ what: z.string().max(200), from: z.string().max(400), to: z.string().max(400) }))
    .max(100)
    .readonly(),
  gain: Interval,
  afterShift: Interval,
  evidence: z.strictObject({
    seeds: z.int(),
    byFault: z.record(z.string().max(64), z.number()),
    falseActs: z.tuple([z.number(), z.number()]).readonly(),
  }),
});

const Generation = {
  step: z.int().min(0),
  evaluations: z.int().min(0),
  fitness: z.number(),
  elites: z.int().min(0),
  incidents: z.int().min(0),
};

export const Said = z.discriminatedUnion('said', [
  /** What was judged of the step that is under way. */
  z.strictObject({ said: z.literal('judged'), step: z.int().min(0), judged: z.int().min(0) }),
  z.strictObject({ said: z.literal('stepped'), ...Generation }),
  z.strictObject({
    said: z.literal('ended'),
    steps: z.int().min(0),
    due: z.boolean(),
    words: z.string().max(1000),
    incidents: z.int().min(0),
    proposal: Proposed.optional(),
  }),
  z.strictObject({ said: z.literal('failed'), words: z.string().max(1000) }),
]);
export type Said = z.infer<typeof Said>;
