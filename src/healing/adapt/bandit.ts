/**
 * Learns which strategy cures which fault: discounted Thompson sampling (Thompson 1933; discounting after Raj and
 * Kalyani 2017) over the rungs that are open, priced by what each costs. Of strategies tried one after the other until
 * one helps, the cheapest order is by cost divided by chance; that is what is sampled here.
 */
import type { FaultClass, StrategyName } from '../../model/healing.ts';
import { Ewma } from '../detect/ewma.ts';
import { type Choosing, delayOf, openRungs, type Selector } from '../selector.ts';
import { STRATEGIES } from '../strategy.ts';
import type { Attempt, Candidate, Closed, PastOutcome, Response } from '../types.ts';
import { sampleBeta } from './beta.ts';
import { OrganicRecovery } from './organic.ts';

export interface BanditOptions {
  /** Weight that an outcome keeps with each newer one of its fault. */
  readonly discount: number;
  /** How many outcomes the prior is worth. */
  readonly prior: number;
  /** Patience is this many deviations above the mean of how long successes took. */
  readonly deviations: number;
  /** What a fresh start costs in tokens, in seconds of work. */
  readonly tokenS: number;
}

export const BANDIT: BanditOptions = { discount: 0.97, prior: 2, deviations: 4, tokenS: 30 };

/** Chance of helping before anything is known: larger steps help more often. */
const PRIOR_CHANCE: Readonly<Record<StrategyName, number>> = {
  wait: 0.4,
  nudge: 0.5,
  interrupt: 0.55,
  resume: 0.75,
  restart: 0.85,
  restore: 0.85,
  'restart-dependency': 0.6,
  swap: 0.6,
  shed: 0.4,
  isolate: 0.1,
};

/** How often the choice is made again to find out how likely it was. */
const REPLAYS = 12;
/** Outcomes that are kept for the next level and for people. */
const KEPT = 200;
/** Work in hand that a fresh start is taken to lose, s. */
const IN_HAND_S = 150;
/** A gated strategy waits for a person, s. */
const GATED_S = 10;

interface Arm {
  wins: number;
  losses: number;
  /** Seconds until a success showed. */
  readonly took: Ewma;
}

export class BanditSelector implements Selector {
  readonly outcomes: PastOutcome[] = [];
  readonly #options: BanditOptions;
  readonly #arms = new Map<string, Arm>();
  readonly #organic = new Map<FaultClass, OrganicRecovery>();

  constructor(options: BanditOptions = BANDIT, outcomes: readonly PastOutcome[] = []) {
    this.#options = options;
    for (const outcome of outcomes) this.#take(outcome);
  }

  choose(choosing: Choosing): Response | undefined {
    const { incident, random, config } = choosing;
    const { fault } = incident.anomaly;
    const rungs = openRungs(choosing);
    if (rungs.length === 0) return undefined;
    const draw = (): StrategyName => this.#draw(fault, rungs, random);
    const strategy = draw();
    const counts = new Map<StrategyName, number>([[strategy, 1]]);
    if (rungs.length > 1) {
      for (let replay = 1; replay < REPLAYS; replay += 1) {
        const again = draw();
        counts.set(again, (counts.get(again) ?? 0) + 1);
      }
    }
    const total = rungs.length > 1 ? REPLAYS : 1;
    const candidates = rungs.map(
      (name): Candidate => ({
        strategy: name,
        cost: this.#costS(fault, name) / this.#chance(fault, name),
        propensity: (counts.get(name) ?? 0) / total,
      }),
    );
    return {
      strategy,
      rung: incident.attempts.length,
      delayMs: delayOf(strategy, choosing),
      patienceMs: this.#patienceMs(fault, strategy, config.patience),
      candidates,
      reason: this.#reason(fault, strategy),
    };
  }

  learn(closed: Closed): { readonly words: string } {
    const { incident, outcome } = closed;
    const { fault, since } = incident.anomaly;
    const first = incident.attempts[0];
    const untilAct = ((first?.at ?? closed.at) - since) / 1000;
    if (outcome === 'organic') this.#organicOf(fault).recovered((closed.at - since) / 1000);
    else if (first) this.#organicOf(fault).waited(untilAct);
    for (const [at, attempt] of incident.attempts.entries()) {
      if (!attempt.result || attempt.result === 'refused') continue;
      const end = incident.attempts[at + 1]?.at ?? closed.at;
      this.#take(outcomeOf(fault, attempt, end, closed));
    }
    const last = incident.attempts.at(-1);
    if (!last) return { words: `${fault} went away by itself after ${untilAct.toFixed(1)} s` };
    const { strategy } = last.response;
    const chance = Math.round(100 * this.#chance(fault, strategy));
    return {
      words: `${fault}: ${strategy} ${last.result ?? outcome}; now thought to help ${chance} times in 100`,
    };
  }

  #take(outcome: PastOutcome): void {
    const { fault, strategy, recovered, tookMs } = outcome;
    this.outcomes.push(outcome);
    if (this.outcomes.length > KEPT) this.outcomes.shift();
    for (const [key, arm] of this.#arms) {
      if (!key.startsWith(`${fault}/`)) continue;
      arm.wins *= this.#options.discount;
      arm.losses *= this.#options.discount;
    }
    const arm = this.#arm(fault, strategy);
    if (recovered) {
      arm.wins += 1;
      arm.took.push(tookMs / 1000);
    } else arm.losses += 1;
  }

  #draw(fault: FaultClass, rungs: readonly StrategyName[], random: () => number): StrategyName {
    let best = rungs[0] ?? 'restart';
    let least = Number.POSITIVE_INFINITY;
    for (const name of rungs) {
      const { wins, losses } = this.#arm(fault, name);
      const { prior } = this.#options;
      const chance = sampleBeta(
        wins + prior * PRIOR_CHANCE[name],
        losses + prior * (1 - PRIOR_CHANCE[name]),
        random,
      );
      const index = this.#costS(fault, name) / Math.max(1e-3, chance);
      if (index < least) {
        least = index;
        best = name;
      }
    }
    return best;
  }

  #chance(fault: FaultClass, name: StrategyName): number {
    const { wins, losses } = this.#arm(fault, name);
    const { prior } = this.#options;
    return (wins + prior * PRIOR_CHANCE[name]) / (wins + losses + prior);
  }

  /** What trying it costs, helpful or not, s. */
  #costS(fault: FaultClass, name: StrategyName): number {
    const { loses, tokens, takesMs, risky } = STRATEGIES[name];
    const { took } = this.#arm(fault, name);
    const shows = took.count > 0 ? took.mean : takesMs / 1000;
    return shows + loses * IN_HAND_S + tokens * this.#options.tokenS + (risky ? GATED_S : 0);
  }

  #patienceMs(fault: FaultClass, name: StrategyName, most: number): number {
    if (name === 'wait') {
      const act = Math.min(...Object.values(STRATEGIES).map(({ name: other }) => this.#costS(fault, other)));
      const wait = this.#organicOf(fault).bestWait(act);
      return wait > 0 ? 1000 * wait : most;
    }
    const { took } = this.#arm(fault, name);
    if (took.count < 2) return most;
    const enough = 1000 * (took.mean + this.#options.deviations * took.deviation + 1);
    return Math.min(most, Math.max(1500, enough));
  }

  #reason(fault: FaultClass, name: StrategyName): string {
    const past = this.outcomes.filter(one => one.fault === fault && one.strategy === name);
    const cured = past.filter(({ recovered }) => recovered);
    if (past.length === 0) return `${name} has not been tried for ${fault} yet: ${STRATEGIES[name].words}`;
    const mean = cured.reduce((sum, { tookMs }) => sum + tookMs, 0) / Math.max(1, cured.length) / 1000;
    return `${cured.length} of ${past.length} times ${fault} was cured by ${name}, in ${mean.toFixed(1)} s`;
  }

  #arm(fault: FaultClass, strategy: StrategyName): Arm {
    const key = `${fault}/${strategy}`;
    let arm = this.#arms.get(key);
    if (!arm) {
      arm = { wins: 0, losses: 0, took: new Ewma(0.1) };
      this.#arms.set(key, arm);
    }
    return arm;
  }

  #organicOf(fault: FaultClass): OrganicRecovery {
    let organic = this.#organic.get(fault);
    if (!organic) {
      organic = new OrganicRecovery();
      this.#organic.set(fault, organic);
    }
    return organic;
  }
}

function outcomeOf(fault: FaultClass, attempt: Attempt, end: number, { cost }: Closed): PastOutcome {
  const { strategy, candidates } = attempt.response;
  return {
    fault,
    strategy,
    at: attempt.at,
    recovered: attempt.result === 'recovered',
    tookMs: end - attempt.at,
    cost,
    propensity: candidates.find(candidate => candidate.strategy === strategy)?.propensity ?? 1,
  };
}
