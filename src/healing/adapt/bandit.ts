/**
 * Learns which strategy cures which fault: discounted Thompson sampling (Thompson 1933; discounting after Raj and
 * Kalyani 2017) over the rungs that are open, priced by what each costs. Of strategies tried one after the other until
 * one helps, the cheapest order is by cost divided by chance; that is what is sampled here. Waiting is one of them: its
 * cost and chance come from how long the fault lasted when it went away by itself, or from the time a provider gave.
 */
import type { FaultClass, StrategyName } from '../../model/healing.ts';
import { causeOf } from '../cause.ts';
import type { Random } from '../random.ts';
import { type Choosing, openRungs, type Selector, triedBefore } from '../selector.ts';
import { DEFAULT_LADDERS, ladderFor, STRATEGIES, type Strategy } from '../strategy.ts';
import type { Tuning } from '../tuning.ts';
import type { Ask, Candidate, Response } from '../types.ts';
import { sampleBeta } from './beta.ts';
import { type DriverMemory, isCure } from './memory.ts';
import { bestWait, PASSES, type Wait } from './organic.ts';

/** Chance of helping before anything is known: larger steps help more often. */
export const PRIOR_CHANCE: Readonly<Record<StrategyName, number>> = {
  wait: 0.3,
  save: 0.5,
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
  // What ails one provider often ails the next.
  swap: 0.4,
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
/** A time that was given is not kept so often. */
const BROKEN_WORD = 0.1;

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
    const { fault, foreseen } = incident.anomaly;
    const known = this.#tuning.playbook[fault] ?? PLAYBOOK[fault];
    const playbook: readonly StrategyName[] = foreseen === undefined ? known : ['save', ...known];
    const open = openRungs(choosing, playbook);
    // While a cause lasts only what goes round it can be done.
    const despite = causeOf(incident.anomaly, choosing.now)?.despite;
    const may = (rung: StrategyName): boolean =>
      rung !== 'wait' && (despite?.includes(rung) ?? rung !== 'save');
    const rungs = 'ask' in open ? [] : open.rungs.filter(may);
    const startDelayMs = 'ask' in open ? 0 : open.startDelayMs;
    const options = rungs.map(rung => this.#option(fault, rung, choosing, startDelayMs));
    // Waiting can go on, unlike what did not help: what it is worth falls with the time that has passed.
    const waits = this.#waits(choosing, playbook);
    const draw = (): Drawn => this.#draw(options, waits, random);
    const chosen = draw();
    const { strategy } = chosen;
    if (strategy === undefined) {
      return 'ask' in open ? open : { ask: `${fault} is not thought to go away by itself` };
    }
    return {
      strategy,
      rung: incident.attempts.length,
      delayMs: STRATEGIES[strategy].restarts ? startDelayMs : 0,
      patienceMs: chosen.patienceMs,
      candidates: candidatesOf(options, waits, chosen, draw),
      reason: this.#reason(fault, strategy, triedBefore(choosing).findLast(isCure)?.response.strategy),
    };
  }

  /** One draw of Thompson sampling: the cheapest act, or the wait that is worth it before that, or before asking. */
  #draw(options: readonly Option[], waits: readonly Wait[], random: Random): Drawn {
    let best: Option | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const option of options) {
      // Chance cannot make it cheaper than its success: no need to draw.
      if (option.costWell >= least) continue;
      const chance = options.length > 1 ? sampleBeta(option.wins, option.losses, random) : chanceOf(option);
      const index = indexOf(option, chance);
      if (index < least) {
        least = index;
        best = option;
      }
    }
    const wait = bestWait(waits, Math.min(least, this.#tuning.askS));
    if (wait) return { strategy: 'wait', patienceMs: 1000 * wait.waitS, cost: wait.totalS };
    return { strategy: best?.strategy, patienceMs: best?.patienceMs ?? 0, cost: least };
  }

  #waits(choosing: Choosing, playbook: readonly StrategyName[]): readonly Wait[] {
    const { incident, picture, config, can, now } = choosing;
    const { fault, since, foreseen, waitFor } = incident.anomaly;
    // While it works still, waiting for it to pass is what has been done.
    if (foreseen !== undefined) return [];
    if (!ladderFor(fault, config, picture, can, playbook).includes('wait')) return [];
    const told = ((waitFor.until ?? now) - now) / 1000;
    if (told > 0) return [{ waitS: told, costS: told, left: BROKEN_WORD }];
    return this.#memory.organic(fault).waits((now - since) / 1000);
  }

  #option(fault: FaultClass, strategy: StrategyName, choosing: Choosing, startDelayMs: number): Option {
    const { prior, chances, inHandS, tokenS, leaveS } = this.#tuning;
    const attempts = triedBefore(choosing).filter(isCure);
    const { wins, losses, took } = this.#memory.arm(fault, attempts.at(-1)?.response.strategy, strategy);
    const chance = chances[fault]?.[strategy] ?? priorChance(fault, strategy);
    const counts = { wins: wins + prior * chance, losses: losses + prior * (1 - chance) };
    const { loses, tokens, takesMs, risky, restarts } = STRATEGIES[strategy];
    const patienceMs = this.#patienceMs(took, STRATEGIES[strategy], choosing);
    // Work is lost once; what was saved is undone by what goes back beyond it.
    const atHand = unsavedS(choosing) ?? inHandS;
    const inHand = attempts.reduce((left, { response }) => left * (1 - lossOf(response)), atHand);
    const price =
      Math.min(1, loses) * inHand +
      Math.max(0, loses - 1) * inHandS +
      tokens * tokenS +
      (risky ? leaveS : 0) +
      (restarts ? startDelayMs / 1000 : 0);
    // What still works as ever goes on while it is seen whether this helped.
    const idle = choosing.incident.anomaly.foreseen !== undefined && fault !== 'slow' ? 0 : 1;
    const shows = took.count > 0 ? took.mean : takesMs / 1000;
    return {
      strategy,
      ...counts,
      costWell: price + idle * shows,
      costIll: price + (idle * patienceMs) / 1000,
      patienceMs,
    };
  }

  /**
   * What is done to an agent that runs shows within a pause that is usual for it; a start takes as long as it takes, and
   * so does what is not the agent's own.
   */
  #patienceMs(
    { count, mean, deviation }: { count: number; mean: number; deviation: number },
    { takesMs, restarts, risky }: Strategy,
    { config, pauseMs, incident }: Choosing,
  ): number {
    const known = count >= 2;
    if (!known && (restarts || risky || PASSES.has(incident.anomaly.fault))) return config.patience;
    const enough = known ? 1000 * (mean + this.#tuning.deviations * deviation) : Math.max(takesMs, pauseMs);
    return Math.min(config.patience, Math.max(this.#tuning.leastPatience, enough));
  }

  #reason(fault: FaultClass, name: StrategyName, after: StrategyName | undefined): string {
    const { tried, cured, took } = this.#memory.arm(fault, after, name);
    const what = after ? `${fault} that ${after} did not cure` : fault;
    if (tried === 0) return `${name} has not been tried for ${what} yet: ${STRATEGIES[name].words}`;
    const time = cured === 0 ? '' : `, in ${took.mean.toFixed(1)} s`;
    return `${name} cured ${what} ${cured} of ${tried} times${time}`;
  }
}

/** Work since it was saved, until it failed; undefined where nobody tells when it saves. */
function unsavedS({ picture: { savedAt }, incident: { anomaly }, now }: Choosing): number | undefined {
  if (savedAt === 0) return undefined;
  return Math.max(0, (anomaly.foreseen === undefined ? anomaly.since : now) - savedAt) / 1000;
}

const lossOf = ({ strategy }: Response): number => Math.min(1, STRATEGIES[strategy].loses);

interface Drawn {
  /** undefined: a person is to be asked. */
  readonly strategy: StrategyName | undefined;
  readonly patienceMs: number;
  readonly cost: number;
}

/** Expected cost of going on with this one until it helps. */
function indexOf({ costWell, costIll }: Option, chance: number): number {
  const p = Math.max(1e-3, chance);
  return costWell + (costIll * (1 - p)) / p;
}

const chanceOf = ({ wins, losses }: Option): number => wins / (wins + losses);

/** All that was possible, and how often each is drawn. */
function candidatesOf(
  options: readonly Option[],
  waits: readonly Wait[],
  chosen: Drawn,
  draw: () => Drawn,
): readonly Candidate[] {
  const names = options.map(({ strategy }) => strategy);
  if (waits.length > 0) names.push('wait');
  const draws = [chosen];
  while (names.length > 1 && draws.length < REPLAYS) draws.push(draw());
  return names.map((strategy, at): Candidate => {
    const option = options[at];
    const drawn = draws.filter(one => one.strategy === strategy);
    const cost = option ? indexOf(option, chanceOf(option)) : (drawn[0]?.cost ?? Number.NaN);
    return { strategy, cost, propensity: drawn.length / draws.length };
  });
}
