/**
 * How well failures are foreseen: of what was said to be coming, how much was; of what came or would have, how much was
 * said at least ten seconds before (precision and recall with a lead time, as in Salfner, Lenk and Malek 2010).
 */
import { CHAMPION } from '../../src/healing/evolve/champion.ts';
import { tuningOf } from '../../src/healing/evolve/genome.ts';
import { HORIZON_MS } from '../../src/healing/predict/signs.ts';
import type { Condition } from '../../src/healing/simulate/agent.ts';
import { isHealthy } from '../../src/healing/simulate/catalogue.ts';
import { ABILITIES, loopPolicy } from '../../src/healing/simulate/loop-policy.ts';
import { World } from '../../src/healing/simulate/world.ts';
import { HealingConfig } from '../../src/model/healing.ts';
import { percentile } from '../stats.ts';
import type { Setting } from './measure.ts';

const LEAD_MS = 10_000;

export interface Foresight {
  readonly said: number;
  /** Percent of what was said. */
  readonly precision: number;
  /** Percent of all faults, and of those that announced themselves at least ten seconds before. */
  readonly recall: number;
  readonly recallOfAnnounced: number;
  /** Seconds from what was said until it would have come: p50. */
  readonly leadS: number;
}

/** What the evolutionary level, as it ships, foresees on these seeds. */
export function foresight(setting: Setting, seeds: readonly number[]): Foresight {
  const config = HealingConfig.parse({ level: 'evolutionary' });
  let [said, faults, announced] = [0, 0, 0];
  const leads: number[] = [];
  for (const seed of seeds) {
    const foreseen = new Set<Condition>();
    const policy = loopPolicy(config, tuningOf(CHAMPION), ABILITIES, told => {
      if (told.told !== 'opened' || told.incident.anomaly.foreseen === undefined) return;
      said += 1;
      const condition = world.truthOf(told.incident.agent)?.condition;
      if (!condition || isHealthy(condition.model) || foreseen.has(condition)) return;
      const lead = condition.holdsAt - told.incident.anomaly.at;
      if (lead < LEAD_MS || lead > 2 * HORIZON_MS) return;
      foreseen.add(condition);
      leads.push(lead / 1000);
    });
    const world: World = new World({ ...setting, seed }, policy);
    const score = world.run();
    faults += score.faults;
    announced += score.announced;
  }
  return {
    said,
    precision: (100 * leads.length) / said,
    recall: (100 * leads.length) / faults,
    recallOfAnnounced: (100 * leads.length) / announced,
    leadS: percentile(leads, 50),
  };
}
