/** One factory for the levels: what each adds to the one before it is here and nowhere else. */
import { BANDIT, BanditSelector } from './adapt/bandit.ts';
import { growth } from './adapt/growth.ts';
import { pace } from './adapt/pace.ts';
import { quiet } from './adapt/quiet.ts';
import { repeats } from './adapt/repeats.ts';
import { AgentHealing, type HealingParts } from './healing.ts';
import { death } from './rules/death.ts';
import { reportedError } from './rules/error.ts';
import { limits } from './rules/limits.ts';
import { liveProbe } from './rules/probe.ts';
import { silence } from './rules/silence.ts';
import { ladderSelector } from './selector.ts';
import type { History, SelfHealing } from './types.ts';

export type HealingSetup = Pick<HealingParts, 'config' | 'policy' | 'abilities' | 'random' | 'lag'>;

/** @param history what the agent's healing knew before: the level may have changed, or the engine */
export function createSelfHealing(setup: HealingSetup, history?: History): SelfHealing {
  const { level } = setup.config;
  const rules = [death, reportedError, liveProbe, silence, limits()];
  const adapted = level === 'basic' ? [] : [quiet(), growth(), pace(), repeats()];
  const selector =
    level === 'basic' ? ladderSelector(history?.outcomes) : new BanditSelector(BANDIT, history?.outcomes);
  return new AgentHealing({ ...setup, level, detectors: [...rules, ...adapted], selector }, history);
}
