/** How a level chooses what to try next. */

import type { RestartPolicy } from '../model/fleet.ts';
import type { HealingConfig, StrategyName } from '../model/healing.ts';
import type { Millis } from '../model/ids.ts';
import type { Picture } from './picture.ts';
import { decideRestart, type Ending } from './restart.ts';
import { type Abilities, ladderFor, STRATEGIES } from './strategy.ts';
import type { Ask, Attempt, Incident, Response } from './types.ts';

/** What a choice is made from. */
export interface Choosing {
  readonly incident: Incident;
  /** What was tried of late for the same, which seemed to help and did not: oldest first. */
  readonly relapsed: readonly Attempt[];
  readonly picture: Picture;
  readonly config: HealingConfig;
  readonly policy: RestartPolicy;
  readonly can: Abilities;
  /** When the Loop started this agent again, forgiven ones left out. */
  readonly restarts: readonly Millis[];
  /** A pause of the agent that is nothing unusual, ms; Infinity where that is not known. */
  readonly pauseMs: Millis;
  readonly now: Millis;
  random(): number;
}

export interface Selector {
  choose(choosing: Choosing): Response | Ask;
}

/** One rung after the other, each once in an incident; the last start again while the restart policy allows it. */
export const ladder: Selector = {
  choose(choosing) {
    const { incident, config } = choosing;
    const open = openRungs(choosing);
    if ('ask' in open) return open;
    const { rungs, startDelayMs } = open;
    const strategy = rungs[0] ?? 'restart';
    return {
      strategy,
      rung: incident.attempts.length,
      delayMs: STRATEGIES[strategy].restarts ? startDelayMs : 0,
      patienceMs: config.patience,
      candidates: rungs.map((name, at) => ({
        strategy: name,
        cost: Number.NaN,
        propensity: at === 0 ? 1 : 0,
      })),
      reason: `the next rung for ${incident.anomaly.fault}: ${STRATEGIES[strategy].words}`,
    };
  },
};

/** What can be tried now: at least one rung. */
export interface Open {
  readonly rungs: readonly StrategyName[];
  /** A start waits so long. */
  readonly startDelayMs: Millis;
}

/**
 * Rungs not tried in this incident yet. Starts only within the intensity of the restart policy, and after the delay it
 * gives, and at most as often for one fault as it allows within its window. Once every rung was tried, the ladder's last
 * start that needs nobody's leave is tried again, while it may.
 *
 * @param otherwise what may be tried where people did not say
 */
export function openRungs(choosing: Choosing, otherwise?: readonly StrategyName[]): Open | Ask {
  const { incident, picture, config, policy, can, now, restarts, random } = choosing;
  const steps = ladderFor(incident.anomaly.fault, config, picture, can, otherwise);
  const before = triedBefore(choosing);
  const tried = new Set(before.map(({ response }) => response.strategy));
  // That somebody wants it to run was settled when the incident was opened: its policy is asked when and how often.
  const decision = decideRestart(
    { ...policy, when: 'always' },
    endingOf(choosing),
    restarts,
    now,
    random(),
    lastDelayOf(before),
  );
  const mayStart = decision.do === 'restart';
  const rungs = steps.filter(name => !tried.has(name) && (mayStart || !STRATEGIES[name].restarts));
  const startDelayMs = mayStart ? decision.delayMs : 0;
  if (rungs.length > 0) return { rungs, startDelayMs };
  const again = steps.findLast(name => STRATEGIES[name].restarts && !STRATEGIES[name].risky);
  // Failing too slowly for the window is failing all the same.
  const starts = before.filter(({ response }) => STRATEGIES[response.strategy].restarts).length;
  if (again && starts >= policy.max)
    return { ask: decision.do === 'ask' ? decision.reason : triedWords(before) };
  if (again && mayStart) return { rungs: [again], startDelayMs };
  if (again && decision.do === 'ask') return { ask: decision.reason };
  return { ask: triedWords(before) };
}

/** All that was tried and did not help, oldest first. */
export function triedBefore({ relapsed, incident }: Choosing): readonly Attempt[] {
  return relapsed.length > 0 ? [...relapsed, ...incident.attempts] : incident.attempts;
}

/** How it ended, or what is wrong with it while it lives: what the reason of a decision begins with. */
function endingOf({ picture, incident }: Choosing): Ending {
  const words = picture.alive ? incident.anomaly.fault : picture.ending;
  return { status: null, signal: words, lost: !picture.alive && picture.lost };
}

function triedWords(attempts: readonly Attempt[]): string {
  if (attempts.length === 0) return 'nothing can be tried';
  return `tried without success: ${attempts.map(({ response }) => response.strategy).join(', ')}`;
}

/** Before the last start that was tried. */
function lastDelayOf(before: readonly Attempt[]): Millis {
  return before.findLast(({ response }) => STRATEGIES[response.strategy].restarts)?.response.delayMs ?? 0;
}
