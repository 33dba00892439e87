/** Which genome an agent at the level evolutionary runs on. What the journal holds is not trusted: it is parsed again. */
import type { EvolutionFold } from '../../model/evolution-state.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Tuning } from '../tuning.ts';
import { CHAMPION } from './champion.ts';
import { Genome, tuningOf } from './genome.ts';

/** What people agreed to for all; what is shipped where they did not, or where it is no genome of this version. */
export function genomeInForce({ tuning }: Pick<EvolutionFold, 'tuning'>): Genome {
  return parsed(tuning) ?? CHAMPION;
}

export function tuningFor(evolution: Pick<EvolutionFold, 'tuning' | 'canary'>, agent: string): Tuning {
  const { canary } = evolution;
  const tried = canary?.agents.includes(agent) ? parsed(canary.genome) : undefined;
  return tuningOf(tried ?? genomeInForce(evolution));
}

/** The same in words of a fleet file: what an agent at another level can be given. */
export function evolvedOf(evolution: Pick<EvolutionFold, 'tuning'>): {
  readonly tuning: Genome['numbers'];
  readonly ladder: Genome['playbook'];
} {
  const { numbers, playbook } = genomeInForce(evolution);
  return { tuning: numbers, ladder: playbook };
}

function parsed(kept: JsonObject | null): Genome | undefined {
  const read = Genome.safeParse(kept);
  return read.success ? read.data : undefined;
}
