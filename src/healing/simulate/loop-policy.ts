/** The Loop as it is shipped, as a policy of the simulated world. */
import { RestartPolicy } from '../../model/fleet.ts';
import type { HealingConfig } from '../../model/healing.ts';
import { DriverMemory } from '../adapt/memory.ts';
import { createSelfHealing } from '../factory.ts';
import { HealingLoop, type Told } from '../loop.ts';
import type { Abilities } from '../strategy.ts';
import { TUNING, type Tuning } from '../tuning.ts';
import type { MakePolicy } from './policy.ts';

/** What agents in the simulated world can do. */
export const ABILITIES: Abilities = {
  save: true,
  nudge: true,
  interrupt: true,
  resume: true,
  restore: true,
  swap: true,
  shed: true,
  dependencies: new Set(),
};

/** All agents healed with this configuration, learning together. @param heard what the Loop tells as it goes */
export function loopPolicy(
  config: HealingConfig,
  tuning: Tuning = TUNING,
  abilities: Abilities = ABILITIES,
  heard: (told: Told) => void = () => {},
): MakePolicy {
  const policy = RestartPolicy.parse({});
  return (hands, agents, random) => {
    const memory = new DriverMemory(tuning.discount);
    let incidents = 0;
    const loop = new HealingLoop({
      actuators: { perform: (agent, strategy) => hands.perform(agent, strategy) },
      maxConcurrentPercent: 34,
      newId: () => {
        incidents += 1;
        return String(incidents);
      },
      tell: told => {
        heard(told);
        if (told.told === 'asked') hands.ask(told.incident.agent);
      },
    });
    const setup = { config, policy, abilities, memory, tuning, random, lag: () => 1 };
    for (const agent of agents) loop.add(agent, createSelfHealing(setup));
    return {
      signal: (agent, signal, now) => loop.signal(agent, signal, now),
      answered: (agent, nothing, now) => loop.answered(agent, now, nothing ? 'false-alarm' : 'person'),
      handles: agent => loop.incidentOf(agent) !== undefined,
    };
  };
}
