/**
 * What may evolve: numbers within hard bounds, and which strategies a fault's playbook holds. What people set (limits,
 * silence, verification, restart intensity, alert budget, who must give leave) is no gene and never will be.
 */
import * as z from 'zod';
import { FaultClass, StrategyName } from '../../model/healing.ts';
import { TUNING, type Tuning } from '../tuning.ts';

export interface Gene {
  readonly name: NumericGene;
  readonly low: number;
  readonly high: number;
  readonly words: string;
}

export type NumericGene = Exclude<keyof Tuning, 'chances' | 'playbook' | 'tokenS' | 'leaveS' | 'askS'>;

/** All are searched on a logarithmic scale: it is factors that matter. */
export const GENES: readonly Gene[] = [
  { name: 'threshold', low: 3, high: 12, words: 'surprise that is acted on, bans' },
  { name: 'pause', low: 250, high: 5000, words: 'silence that is always forgiven, ms' },
  { name: 'minDeviation', low: 0.15, high: 0.8, words: 'least spread of intervals' },
  { name: 'growthTimes', low: 2, high: 10, words: 'times the usual that is much' },
  { name: 'growthLasting', low: 1500, high: 20_000, words: 'for so long, ms' },
  { name: 'paceTimes', low: 2, high: 6, words: 'times slower that is a fault' },
  { name: 'paceEvidence', low: 2, high: 10, words: 'evidence for it, bans' },
  { name: 'discount', low: 0.7, high: 0.995, words: 'what an outcome is worth after the next' },
  { name: 'prior', low: 1, high: 20, words: 'outcomes that what is assumed is worth' },
  { name: 'deviations', low: 1, high: 8, words: 'patience beyond the usual, deviations' },
  { name: 'leastPatience', low: 1000, high: 10_000, words: 'least patience, ms' },
  { name: 'inHandS', low: 30, high: 300, words: 'work that a fresh start is taken to lose, s' },
];

export const DIMENSIONS = GENES.length;

const numbers = Object.fromEntries(GENES.map(({ name, low, high }) => [name, z.number().min(low).max(high)]));

/** A genome as it is kept and proposed: only what differs from what is shipped need be there. */
export const Genome = z.strictObject({
  numbers: z.strictObject(numbers).partial().prefault({}),
  playbook: z.partialRecord(FaultClass, z.array(StrategyName).min(1).max(12)).prefault({}),
});
export type Genome = z.infer<typeof Genome>;

export const SHIPPED: Genome = Genome.parse({});

export function tuningOf({ numbers: evolved, playbook }: Genome): Tuning {
  return { ...TUNING, ...evolved, playbook: { ...TUNING.playbook, ...playbook } };
}

/** Places of a genome's numbers in [0, 1]. */
export function pointOf(genome: Genome): number[] {
  const tuning = tuningOf(genome);
  return GENES.map(({ name, low, high }) => Math.log(tuning[name] / low) / Math.log(high / low));
}

/** The other way; what lies outside is brought to the bound. Three digits are enough. */
export function atPoint(point: readonly number[], genome: Genome): Genome {
  const evolved = GENES.map(({ name, low, high }, at) => {
    const place = Math.min(1, Math.max(0, point[at] ?? 0));
    const value = Number((low * (high / low) ** place).toPrecision(3));
    return [name, Math.min(high, Math.max(low, value))];
  });
  return { ...genome, numbers: Object.fromEntries(evolved) };
}
