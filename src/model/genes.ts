/** The numbers that healing's learning levels run on: each within bounds that neither people nor evolution can pass. */
import * as z from 'zod';

/** What each means for a detector or a choice: docs/healing-inside.md, `Tuning`. */
export const GENES = [
  { name: 'threshold', low: 3, high: 12, words: 'surprise that is acted on, bans' },
  { name: 'pause', low: 250, high: 5000, words: 'silence that is always forgiven, ms' },
  { name: 'minDeviation', low: 0.15, high: 0.8, words: 'least spread of intervals' },
  { name: 'growthTimes', low: 2, high: 10, words: 'times the usual that is much' },
  { name: 'growthLasting', low: 1500, high: 20_000, words: 'for so long, ms' },
  { name: 'paceTimes', low: 2, high: 6, words: 'times slower that is a fault' },
  { name: 'paceEvidence', low: 2, high: 10, words: 'evidence for it, bans' },
  { name: 'hazard', low: 0.1, high: 0.95, words: 'chance of failing acted on once its work is saved' },
  { name: 'hazardSave', low: 0.1, high: 0.99, words: 'chance from which it is had save its work' },
  { name: 'hazardSlow', low: 0.1, high: 0.99, words: 'chance from which a slow one is started anew' },
  { name: 'failS', low: 10, high: 300, words: 'what failing unprepared costs more, s' },
  { name: 'discount', low: 0.7, high: 0.995, words: 'what an outcome is worth after the next' },
  { name: 'prior', low: 1, high: 20, words: 'outcomes that what is assumed is worth' },
  { name: 'deviations', low: 1, high: 8, words: 'patience beyond the usual, deviations' },
  { name: 'leastPatience', low: 1000, high: 10_000, words: 'least patience, ms' },
  { name: 'inHandS', low: 30, high: 300, words: 'work that a fresh start is taken to lose, s' },
] as const satisfies readonly Gene[];

interface Gene {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly words: string;
}

const values = Object.fromEntries(
  GENES.map(({ name, low, high, words }) => [name, z.number().min(low).max(high).describe(words)]),
);

/** Some of them, with a value each. */
export const GeneValues = z.strictObject(values).partial();
export type GeneValues = z.infer<typeof GeneValues>;
