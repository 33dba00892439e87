/** Evolution as it is kept in a file between processes. What is read is not trusted: anything else than this is refused. */
import * as z from 'zod';
import { Genome } from './genome.ts';
import { Case } from './seen.ts';

const Worth = z.strictObject({
  fitness: z.number(),
  behaviour: z.tuple([z.number(), z.number()]).readonly(),
});

const EvolutionState = z.strictObject({
  step: z.int().min(0),
  evaluations: z.int().min(0),
  best: Genome,
  fitness: z.number(),
  history: z.array(z.number()).max(10_000).readonly(),
  elites: z
    .array(
      z.strictObject({ genes: Genome, value: z.number(), behaviour: z.array(z.number()).max(8).readonly() }),
    )
    .max(1024)
    .readonly(),
});

const Judged = z.strictObject({
  costs: z.array(z.number()).readonly(),
  after: z.array(z.number()).readonly(),
  byFault: z.record(z.string().max(64), z.number()),
  starts: z.number(),
  falseActs: z.number(),
  tokens: z.number(),
});

const Cases = z.array(Case).max(1000).readonly();

export const Kept = z.strictObject({
  version: z.literal(1),
  seed: z.int(),
  /** null before the first step. */
  state: EvolutionState.nullable(),
  /** The step that is under way: what it is judged by, what it began with, and what came of that so far, in the order it was asked. */
  doing: z
    .strictObject({
      cases: Cases,
      best: Genome,
      fitness: z.number(),
      worths: z.array(Worth).max(10_000).readonly(),
    })
    .nullable(),
  /** A challenger on held-out seeds, as far as they were played: one judgement a seed for each of the two. */
  trial: z
    .strictObject({
      challenger: Genome,
      incumbent: Genome,
      cases: Cases,
      first: z.int(),
      asked: z.boolean(),
      played: z
        .array(z.tuple([Judged, Judged]))
        .max(1000)
        .readonly(),
    })
    .nullable(),
  /** Seeds that were held out once are never used again. */
  trials: z.int().min(0),
  /** The last genome that was challenged with, whatever came of it. */
  challenged: Genome.nullable(),
});
export type Kept = z.infer<typeof Kept>;

export const nothingYet = (seed: number): Kept => ({
  version: 1,
  seed,
  state: null,
  doing: null,
  trial: null,
  trials: 0,
  challenged: null,
});
