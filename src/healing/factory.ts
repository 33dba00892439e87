/** One factory for the levels: what each adds to the one before it is here and nowhere else. */

import type { HealingLevel } from '../model/healing.ts';
import { BanditSelector } from './adapt/bandit.ts';
import { beats } from './adapt/beats.ts';
import { growth } from './adapt/growth.ts';
import { DriverMemory } from './adapt/memory.ts';
import { pace } from './adapt/pace.ts';
import { quiet } from './adapt/quiet.ts';
import { repeats } from './adapt/repeats.ts';
import { spend } from './adapt/spend.ts';
import { AlertBudget } from './detect/budget.ts';
import type { Detector } from './detector.ts';
import { AgentHealing, type HealingParts } from './healing.ts';
import { hazard } from './predict/hazard.ts';
import { death } from './rules/death.ts';
import { reportedError } from './rules/error.ts';
import { heartbeat } from './rules/heartbeat.ts';
import { limits } from './rules/limits.ts';
import { liveProbe } from './rules/probe.ts';
import { silence } from './rules/silence.ts';
import { ladder } from './selector.ts';
import { TUNING, type Tuning } from './tuning.ts';
import type { History, SelfHealing } from './types.ts';

export type HealingSetup = Pick<
  HealingParts,
  'config' | 'policy' | 'abilities' | 'random' | 'lag' | 'witness'
> & {
  /** What the agents of its driver have learnt together; without one it learns alone, from its own history. */
  readonly memory?: DriverMemory;
  /** What the evolutionary level runs on; the others run on what is shipped. */
  readonly tuning?: Tuning;
};

/** @param history what the agent's healing knew before: the level may have changed, or the engine */
export function createSelfHealing(setup: HealingSetup, history?: History): SelfHealing {
  const { config } = setup;
  const { level } = config;
  const assumed = (level === 'evolutionary' ? setup.tuning : undefined) ?? TUNING;
  const tuning = { ...assumed, ...config.tuning };
  const memory = setup.memory ?? new DriverMemory(tuning.discount, history?.outcomes);
  const parts: HealingParts = {
    ...setup,
    level,
    memory,
    rules: [death, reportedError, liveProbe, silence, heartbeat, limits()],
    guesses: guesses(level, tuning, memory, history),
    budget: new AlertBudget({ perDay: config.budget, first: tuning.threshold }),
    foresight: new AlertBudget({ perDay: config.budget, first: tuning.threshold }),
    selector: level === 'basic' ? ladder : new BanditSelector(tuning, memory),
  };
  return new AgentHealing(parts, history);
}

function guesses(
  level: HealingLevel,
  tuning: Tuning,
  memory: DriverMemory,
  history?: History,
): readonly Detector[] {
  if (level === 'basic') return [];
  const usual = history?.usual ?? {};
  const ahead = level === 'evolutionary' ? hazard(tuning, memory) : undefined;
  const known = [
    quiet(tuning, usual['interval']),
    growth(tuning, usual, ahead?.foresees),
    pace(tuning, usual['pace']),
    beats(),
    spend(tuning, usual['spend']),
    repeats(),
  ];
  return ahead ? [...known, ahead] : known;
}
