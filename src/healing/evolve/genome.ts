/**
 * What may evolve: numbers within hard bounds, and which strategies a fault's playbook holds. What people set (limits,
 * silence, verification, restart intensity, alert budget, who must give leave) is no gene and never will be.
 */
import * as z from 'zod';
import { GENES, GeneValues } from '../../model/genes.ts';
import { FaultClass, StrategyName } from '../../model/healing.ts';
import { TUNING, type Tuning } from '../tuning.ts';

export type NumericGene = (typeof GENES)[number]['name'];

export const DIMENSIONS = GENES.length;

/** A genome as it is kept and proposed: only what differs from what is shipped need be there. */
export const Genome = z.strictObject({
  numbers: GeneValues.prefault({}),
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
