/** How a level chooses what to try next. */

import type { RestartPolicy } from '../model/fleet.ts';
import type { HealingConfig, StrategyName } from '../model/healing.ts';
import type { Millis } from '../model/ids.ts';
import { decorrelatedJitter } from './backoff.ts';
import type { Picture } from './picture.ts';
import { type Abilities, ladderFor, STRATEGIES } from './strategy.ts';
import type { Closed, Incident, Lesson, PastOutcome, Response } from './types.ts';

/** What a choice is made from. */
export interface Choosing {
  readonly incident: Incident;
  readonly picture: Picture;
  readonly config: HealingConfig;
  readonly policy: RestartPolicy;
  readonly can: Abilities;
  readonly now: Millis;
  random(): number;
}

export interface Selector {
  /** undefined: nothing is left that makes sense; a person is asked. */
  choose(choosing: Choosing): Response | undefined;
  learn(closed: Closed): Lesson;
  /** What it has learnt from, oldest first. */
  readonly outcomes: readonly PastOutcome[];
}

/** One rung after the other, each once in an incident; starts within the intensity of the restart policy. */
export const ladderSelector = (outcomes: readonly PastOutcome[] = []): Selector => ({
  choose(choosing) {
    const { incident } = choosing;
    const rungs = openRungs(choosing);
    const strategy = rungs[0];
    if (!strategy) return undefined;
    return {
      strategy,
      rung: incident.attempts.length,
      delayMs: delayOf(strategy, choosing),
      patienceMs: choosing.config.patience,
      candidates: rungs.map((name, at) => ({
        strategy: name,
        cost: Number.NaN,
        propensity: at === 0 ? 1 : 0,
      })),
      reason: `the next rung for ${incident.anomaly.fault}: ${STRATEGIES[strategy].words}`,
    };
  },
  learn: ({ incident, outcome }) => ({
    words: `${incident.anomaly.fault}: ${outcome} after ${incident.attempts.length} attempts`,
  }),
  outcomes,
});

/** Rungs not tried in this incident yet, without starts when the agent has had its share of them. */
export function openRungs(choosing: Choosing): readonly StrategyName[] {
  const { incident, picture, config, policy, can, now } = choosing;
  const tried = new Set(incident.attempts.map(({ response }) => response.strategy));
  const spent = startsWithin(picture, policy.within, now) > policy.max;
  return ladderFor(incident.anomaly.fault, config, picture, can).filter(
    name => !tried.has(name) && !(spent && STRATEGIES[name].restarts),
  );
}

/** Starts within the window, the first of all included. */
function startsWithin(picture: Picture, ms: Millis, now: Millis): number {
  return picture.starts.filter(at => now - at < ms).length;
}

/** A first start comes at once; one after a start that did not help waits, longer each time. */
export function delayOf(
  strategy: StrategyName,
  { incident, policy, picture, now, random }: Choosing,
): Millis {
  if (!STRATEGIES[strategy].restarts) return 0;
  const starts = incident.attempts.filter(({ response }) => STRATEGIES[response.strategy].restarts);
  const deaths = picture.deathsWithin(policy.within, now);
  if (starts.length === 0 && deaths <= 1) return 0;
  return decorrelatedJitter(policy.from, policy.to, starts.at(-1)?.response.delayMs ?? 0, random());
}
