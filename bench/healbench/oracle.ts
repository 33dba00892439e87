/**
 * The oracle: it is told what is the matter as soon as any sensor speaks, and how likely each cure is. What it costs is
 * what no policy that has to find out can do without; the rest of a policy's cost is its regret.
 */

import type { Condition } from '../../src/healing/simulate/agent.ts';
import { EFFECT_MS, LEAVE_MS, SAVED_EVERY_MS } from '../../src/healing/simulate/agent.ts';
import { isHealthy } from '../../src/healing/simulate/catalogue.ts';
import type { MakePolicy } from '../../src/healing/simulate/policy.ts';
import { PRICES } from '../../src/healing/simulate/score.ts';
import { STRATEGIES } from '../../src/healing/strategy.ts';
import { StrategyName } from '../../src/model/healing.ts';

/** It looks whether what it did helped so long after the effect, ms. */
const SEEN_MS = 50;

/** @param truth what is really the matter with an agent */
export function oracle(truth: (agent: string) => Condition | undefined): MakePolicy {
  return hands => {
    const dead = new Set<string>();
    const busyUntil = new Map<string, number>();
    return {
      handles: () => true,
      signal(agent, signal, now) {
        if (signal.signal === 'exited') dead.add(agent);
        if (signal.signal === 'started') dead.delete(agent);
        const condition = truth(agent);
        const busy = busyUntil.get(agent) ?? 0;
        if (!condition || isHealthy(condition.model)) return Number.POSITIVE_INFINITY;
        if (now < busy) return busy;
        const waits = condition.cured ? 0 : condition.until - now;
        const { strategy, costMs } = best(condition, dead.has(agent));
        if (!condition.cured && (costMs > waits || (dead.has(agent) && condition.model.dependency))) {
          return Math.min(condition.until, now + 1000);
        }
        const seen = now + EFFECT_MS[strategy] + (STRATEGIES[strategy].risky ? LEAVE_MS : 0) + SEEN_MS;
        busyUntil.set(agent, seen);
        hands.perform(agent, strategy);
        return seen;
      },
    };
  };
}

function best(
  { model, era, cured, tries }: Condition,
  dead: boolean,
): { readonly strategy: StrategyName; readonly costMs: number } {
  let found: { strategy: StrategyName; costMs: number } = {
    strategy: 'resume',
    costMs: Number.POSITIVE_INFINITY,
  };
  const lostAll = tries.restart || tries.restore;
  for (const strategy of StrategyName.options) {
    const { restarts, loses, tokens, risky } = STRATEGIES[strategy];
    if (dead && !restarts) continue;
    if (!restarts && tries[strategy]) continue;
    const chance = cured ? 1 : (model.cures[strategy]?.[era] ?? 0);
    const work =
      Math.min(1, loses) * (lostAll ? 0 : SAVED_EVERY_MS / 2) + Math.max(0, loses - 1) * (SAVED_EVERY_MS / 2);
    const priceMs = work + 1000 * PRICES.token * tokens + (risky ? LEAVE_MS + 1000 * PRICES.leave : 0);
    const costMs = (EFFECT_MS[strategy] + priceMs) / chance;
    if (costMs < found.costMs) found = { strategy, costMs };
  }
  return found;
}
