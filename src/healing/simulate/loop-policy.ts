/** The Loop as it is shipped, as a policy of the simulated world. */
import { RestartPolicy } from '../../model/fleet.ts';
import type { HealingConfig } from '../../model/healing.ts';
import { createSelfHealing } from '../factory.ts';
import { HealingLoop } from '../loop.ts';
import type { Abilities } from '../strategy.ts';
import type { MakePolicy } from './world.ts';

/** What agents in the simulated world can do. */
const ABILITIES: Abilities = {
  nudge: true,
  interrupt: true,
  resume: true,
  restore: true,
  swap: true,
  shed: true,
  dependencies: new Set(),
};

/** All agents healed with this configuration. */
export function loopPolicy(config: HealingConfig): MakePolicy {
  const policy = RestartPolicy.parse({});
  return (hands, agents, random) => {
    let incidents = 0;
    const loop = new HealingLoop({
      actuators: { perform: (agent, strategy) => hands.perform(agent, strategy) },
      maxConcurrentPercent: 34,
      newId: () => {
        incidents += 1;
        return String(incidents);
      },
      tell: told => {
        if (told.told === 'asked') hands.ask(told.incident.agent);
      },
    });
    for (const agent of agents) {
      loop.add(agent, createSelfHealing({ config, policy, abilities: ABILITIES, random, lag: () => 1 }));
    }
    return { signal: (agent, signal, now) => loop.signal(agent, signal, now) };
  };
}
