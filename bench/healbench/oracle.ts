/**
 * The oracle: it is told what is the matter as soon as any sensor speaks, how likely each cure is, when a fault that only
 * announces itself will take hold and when the agent saves next. What it costs is what no policy that has to find out
 * can do without; the rest of a policy's cost is its regret.
 */

import {
  type Condition,
  EFFECT_MS,
  LEAVE_MS,
  type SimulatedAgent,
} from '../../src/healing/simulate/agent.ts';
import { isHealthy } from '../../src/healing/simulate/catalogue.ts';
import type { MakePolicy } from '../../src/healing/simulate/policy.ts';
import { PRICES } from '../../src/healing/simulate/score.ts';
import { STRATEGIES } from '../../src/healing/strategy.ts';
import { StrategyName } from '../../src/model/healing.ts';

/** It looks whether what it did helped so long after the effect, ms. */
const SEEN_MS = 50;

/** @param truth what is really the matter with an agent */
export function oracle(truth: (agent: string) => Readonly<SimulatedAgent> | undefined): MakePolicy {
  return hands => {
    const busyUntil = new Map<string, number>();
    return {
      handles: () => true,
      signal(name, _signal, now) {
        const agent = truth(name);
        const condition = agent?.condition;
        const busy = busyUntil.get(name) ?? 0;
        if (!condition || isHealthy(condition.model)) return Number.POSITIVE_INFINITY;
        if (now < busy) return busy;
        const { strategy, costMs } = best(condition, !agent.alive, inHandOf(agent, now));
        if (
          !condition.cured &&
          (costMs > byItself(agent, condition, now) || (!agent.alive && condition.model.dependency))
        )
          return Math.min(condition.until, now + 1000);
        const prepares = now < condition.holdsAt ? preparing(agent, condition, costMs, now) : 'no';
        const act = prepares === 'save' ? 'save' : strategy;
        if (prepares === 'wait') return agent.savesAt + 1;
        const seen = now + EFFECT_MS[act] + (STRATEGIES[act].risky ? LEAVE_MS : 0) + SEEN_MS;
        busyUntil.set(name, seen);
        hands.perform(name, act);
        return seen;
      },
    };
  };
}

/** Before it takes hold: the cure at once, or with nothing in hand, once it saves or is told to. */
function preparing(
  { rate, savesAt }: Readonly<SimulatedAgent>,
  condition: Condition,
  costMs: number,
  now: number,
): 'no' | 'wait' | 'save' {
  const { costMs: light } = best(condition, false, 0);
  const slow = 1 - rate;
  const waiting = savesAt < condition.holdsAt ? light + slow * (savesAt - now) : Number.POSITIVE_INFINITY;
  const inTime = now + EFFECT_MS.save < condition.holdsAt;
  const price = EFFECT_MS.save * (1 + slow) + 1000 * PRICES.token * STRATEGIES.save.tokens;
  const told = inTime ? light + price : Number.POSITIVE_INFINITY;
  if (costMs <= Math.min(waiting, told)) return 'no';
  return waiting <= told ? 'wait' : 'save';
}

/** What it costs to leave it alone, ms. */
function byItself(
  { rate }: Readonly<SimulatedAgent>,
  { cured, until, holdsAt }: Condition,
  now: number,
): number {
  if (cured) return 0;
  return until - Math.max(now, holdsAt) + (1 - rate) * Math.max(0, holdsAt - now);
}

/** Work that is not saved, ms. */
const inHandOf = ({ inHand, rate, rateSince }: Readonly<SimulatedAgent>, now: number): number =>
  inHand + rate * (now - rateSince);

function best(
  { model, era, cured, tries }: Condition,
  dead: boolean,
  inHandMs: number,
): { readonly strategy: StrategyName; readonly costMs: number } {
  let found: { strategy: StrategyName; costMs: number } = {
    strategy: 'resume',
    costMs: Number.POSITIVE_INFINITY,
  };
  for (const strategy of StrategyName.options) {
    const { restarts, loses, tokens, risky } = STRATEGIES[strategy];
    if (dead && !restarts) continue;
    if (!restarts && tries[strategy]) continue;
    const chance = cured ? 1 : (model.cures[strategy]?.[era] ?? 0);
    const priceMs =
      loses * inHandMs + 1000 * PRICES.token * tokens + (risky ? LEAVE_MS + 1000 * PRICES.leave : 0);
    const costMs = (EFFECT_MS[strategy] + priceMs) / chance;
    if (costMs < found.costMs) found = { strategy, costMs };
  }
  return found;
}
