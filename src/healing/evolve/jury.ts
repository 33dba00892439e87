/** Who judges genomes: worlds fitted to a fleet, against rules alone in the same ones. */
import { HealingConfig } from '../../model/healing.ts';
import { loopPolicy } from '../simulate/loop-policy.ts';
import type { MakePolicy } from '../simulate/policy.ts';
import type { Worth } from './evolution.ts';
import { evolutionary, fitnessOf, type Judged, judge, type Trial, together } from './fitness.ts';
import type { Genome } from './genome.ts';
import { type Case, fittedTo, resampled } from './seen.ts';

/** Rules with a timeout somebody chose with care: what everything is measured against. */
const rules = loopPolicy(HealingConfig.parse({ level: 'basic', silence: '30s' }));

/** The same worlds, with faults as these cases have them: another sample of them for each seed. */
export function fitted(trial: Trial, cases: readonly Case[]): Trial {
  return cases.length === 0 ? trial : { ...trial, catalogueFor: seed => fittedTo(resampled(cases, seed)) };
}

/** On these seeds; world by world, for others to have their turn. */
export async function jury(
  trial: Trial,
  seeds: readonly number[],
  breathe: () => Promise<void>,
): Promise<(genome: Genome) => Promise<Worth>> {
  const all = async (make: MakePolicy): Promise<Judged> => {
    const parts: Judged[] = [];
    for (const seed of seeds) {
      await breathe();
      parts.push(judge(make, trial, [seed]));
    }
    return together(parts);
  };
  const yardstick = await all(rules);
  return async genome => {
    const judged = await all(evolutionary(genome));
    return { fitness: fitnessOf(judged, yardstick), behaviour: [judged.falseActs, judged.tokens] };
  };
}
