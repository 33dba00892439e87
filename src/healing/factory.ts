/** One factory for the levels: what each adds to the one before it is here and nowhere else. */
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
  const rules = [death, reportedError, liveProbe, silence, limits()];
  return new AgentHealing(
    { ...setup, level: setup.config.level, detectors: rules, selector: ladderSelector(history?.outcomes) },
    history,
  );
}
