/**
 * Learns which strategy cures which fault: discounted Thompson sampling (Thompson 1933; discounting after Raj and
 * Kalyani 2017) over the rungs that are open, priced by what each costs. Of strategies tried one after the other until
 * one helps, the cheapest order is by cost divided by chance; that is what is sampled here. Waiting is one of them: its
 * cost and chance come from how long the fault lasted when it went away by itself, or from the time a provider gave.
 */
import type { FaultClass, StrategyName } from '../../model/healing.ts';
import type { Random } from '../random.ts';
import { type Choosing, openRungs, type Selector, triedBefore } from '../selector.ts';
import { DEFAULT_LADDERS, ladderFor, STRATEGIES } from '../strategy.ts';
import type { Tuning } from '../tuning.ts';
import type { Ask, Candidate, Response } from '../types.ts';
import { sampleBeta } from './beta.ts';
import type { DriverMemory } from './memory.ts';
import { PASSES } from './organic.ts';

/** Chance of helping before anything is known: larger steps help more often. */
export const PRIOR_CHANCE: Readonly<Record<StrategyName, number>> = {
  wait: 0.3,
  nudge: 0.5,
  interrupt: 0.55,
  resume: 0.8,
  restart: 0.85,
  restore: 0.85,
  'restart-dependency': 0.6,
  swap: 0.6,
  shed: 0.4,
  isolate: 0.1,
};

/** The same for what is not the agent's own fault: nothing done to the agent helps much but going elsewhere. */
const PRIOR_CHANCE_ELSEWHERE: typeof PRIOR_CHANCE = {
  ...PRIOR_CHANCE,
  nudge: 0.05,
  interrupt: 0.05,
  resume: 0.1,
  restart: 0.15,
  restore: 0.2,
};

export const priorChance = (fault: FaultClass, strategy: StrategyName): number =>
  (PASSES.has(fault) ? PRIOR_CHANCE_ELSEWHERE : PRIOR_CHANCE)[strategy];

/** Whoever learns may try more than the default ladders: what does not pay is soon left alone. */
export const PLAYBOOK: Readonly<Record<FaultClass, readonly StrategyName[]>> = {
  ...DEFAULT_LADDERS,
  hang: [...DEFAULT_LADDERS.hang, 'wait'],
  busy: [...DEFAULT_LADDERS.busy, 'wait'],
  storm: [...DEFAULT_LADDERS.storm, 'wait'],
  slow: [...DEFAULT_LADDERS.slow, 'swap'],
  'disk-full': [...DEFAULT_LADDERS['disk-full'], 'restore'],
};

/** How often the choice is made again to find out how likely it was. */
const REPLAYS = 8;
/** What the fit of a wait is worth, in outcomes. */
const WAIT_WEIGHT = 8;
/** A wait that ends later than this is none, s. */
const LONGEST_WAIT_S = 3600;

interface Option {
  readonly strategy: StrategyName;
  readonly wins: number;
  readonly losses: number;
  /** What trying it costs when it helps and when it does not, s. */
  readonly costWell: number;
  readonly costIll: number;
  readonly patienceMs: number;
}

export class BanditSelector implements Selector {
  readonly #tuning: Tuning;
  readonly #memory: DriverMemory;

  constructor(tuning: Tuning, memory: DriverMemory) {
    this.#tuning = tuning;
    this.#memory = memory;
  }

  choose(choosing: Choosing): Response | Ask {
    const { incident, random } = choosing;
    const { fault } = incident.anomaly;
    const playbook = this.#tuning.playbook[fault] ?? PLAYBOOK[fault];
    const open = openRungs(choosing, playbook);
    if ('ask' in open) return this.#waitFurther(choosing, playbook) ?? open;
    const options = open.rungs.map(name => this.#option(fault, name, choosing, open.startDelayMs));
    const picks = options.map(() => 0);
    const chosen = draw(options, random);
    const rounds = options.length > 1 ? REPLAYS : 1;
    picks[chosen] = 1;
    for (let replay = 1; replay < rounds; replay += 1) {
      const at = draw(options, random);
      picks[at] = (picks[at] ?? 0) + 1;
    }
    const candidates = options.map(
      (option, at): Candidate => ({
        strategy: option.strategy,
        cost: indexOf(option, option.wins / (option.wins + option.losses)),
        propensity: (picks[at] ?? 0) / rounds,
      }),
    );
    const { strategy = 'restart', patienceMs = choosing.config.patience } = options[chosen] ?? {};
    return {
      strategy,
      rung: incident.attempts.length,
      delayMs: STRATEGIES[strategy].restarts ? open.startDelayMs : 0,
      patienceMs,
      candidates,
      reason: this.#reason(fault, strategy, triedBefore(choosing).at(-1)?.response.strategy),
    };
  }

  /** When nothing else is left: more of the same, if it is thought to be over sooner than a person is there. */
  #waitFurther(choosing: Choosing, playbook: readonly StrategyName[]): Response | undefined {
    const { incident, picture, config, can } = choosing;
    const { fault } = incident.anomaly;
    if (!ladderFor(fault, config, picture, can, playbook).includes('wait')) return undefined;
    const option = this.#waiting(fault, choosing);
    const cost = indexOf(option, option.wins / (option.wins + option.losses));
    if (cost >= this.#tuning.askS) return undefined;
    return {
      strategy: 'wait',
      rung: incident.attempts.length,
      delayMs: 0,
      patienceMs: option.patienceMs,
      candidates: [{ strategy: 'wait', cost, propensity: 1 }],
      reason: `all was tried; ${fault} is thought to be over before a person could come`,
    };
  }

  #option(fault: FaultClass, strategy: StrategyName, choosing: Choosing, startDelayMs: number): Option {
    const { prior, chances, inHandS, tokenS, leaveS } = this.#tuning;
    const attempts = triedBefore(choosing);
    const { wins, losses, took } = this.#memory.arm(fault, attempts.at(-1)?.response.strategy, strategy);
    const chance = chances[fault]?.[strategy] ?? priorChance(fault, strategy);
    const counts = { wins: wins + prior * chance, losses: losses + prior * (1 - chance) };
    if (strategy === 'wait') return this.#waiting(fault, choosing);
    const { loses, tokens, takesMs, risky, restarts } = STRATEGIES[strategy];
    const patienceMs = this.#patienceMs(took, choosing.config.patience);
    // Work is lost once; what was saved is undone by what goes back beyond it.
    const inHand = attempts.reduce((left, { response }) => left * (1 - lossOf(response)), inHandS);
    const price =
      Math.min(1, loses) * inHand +
      Math.max(0, loses - 1) * inHandS +
      tokens * tokenS +
      (risky ? leaveS : 0) +
      (restarts ? startDelayMs / 1000 : 0);
    const shows = took.count > 0 ? took.mean : takesMs / 1000;
    return {
      strategy,
      ...counts,
      costWell: price + shows,
      costIll: price + patienceMs / 1000,
      patienceMs,
    };
  }

  #waiting(fault: FaultClass, choosing: Choosing): Option {
    const { incident, config, now } = choosing;
    const { until } = incident.anomaly.waitFor;
    const left = ((until ?? now) - now) / 1000;
    if (left > 0 && left < LONGEST_WAIT_S) {
      const patienceMs = 1000 * left + config.patience;
      return { strategy: 'wait', wins: 9, losses: 1, costWell: left, costIll: left, patienceMs };
    }
    const best = this.#memory.organic(fault).bestWait((now - incident.anomaly.since) / 1000);
    const weight = WAIT_WEIGHT + this.#tuning.prior;
    return {
      strategy: 'wait',
      wins: weight * best.chance,
      losses: weight * (1 - best.chance),
      costWell: best.costS,
      costIll: best.costS,
      patienceMs: 1000 * best.waitS,
    };
  }

  #patienceMs(
    { count, mean, deviation }: { count: number; mean: number; deviation: number },
    most: number,
  ): number {
    if (count < 2) return most;
    const enough = 1000 * (mean + this.#tuning.deviations * deviation);
    return Math.min(most, Math.max(this.#tuning.leastPatience, enough));
  }

  #reason(fault: FaultClass, name: StrategyName, after: StrategyName | undefined): string {
    const { tried, cured, took } = this.#memory.arm(fault, after, name);
    const what = after ? `${fault} that ${after} did not cure` : fault;
    if (tried === 0) return `${name} has not been tried for ${what} yet: ${STRATEGIES[name].words}`;
    const time = cured === 0 ? '' : `, in ${took.mean.toFixed(1)} s`;
    return `${name} cured ${what} ${cured} of ${tried} times${time}`;
  }
}

const lossOf = ({ strategy }: Response): number => Math.min(1, STRATEGIES[strategy].loses);

/** Expected cost of going on with this one until it helps. */
function indexOf({ costWell, costIll }: Option, chance: number): number {
  const p = Math.max(1e-3, chance);
  return costWell + (costIll * (1 - p)) / p;
}

/** One draw of Thompson sampling: the place of the cheapest. */
function draw(options: readonly Option[], random: Random): number {
  if (options.length === 1) return 0;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [at, option] of options.entries()) {
    // Chance cannot make it cheaper than its success: no need to draw.
    if (option.costWell >= least) continue;
    const index = indexOf(option, sampleBeta(option.wins, option.losses, random));
    if (index < least) {
      least = index;
      best = at;
    }
  }
  return best;
}
