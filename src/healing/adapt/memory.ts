/**
 * What was learnt of one kind of agent: which strategy cures which fault, how long that takes, how long a fault lasts
 * that goes away by itself. All agents of a driver share it, whatever their level: one alone fails too seldom to learn from.
 */
import type { FaultClass, HealingConfig, StrategyName } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import { Ewma } from '../detect/ewma.ts';
import type { Attempt, Closed, PastOutcome } from '../types.ts';
import { OrganicRecovery } from './organic.ts';

/** Outcomes that are kept for people, and for the next engine to learn from again. */
const KEPT = 400;
const TOOK_ALPHA = 0.1;
const BROKE_ALPHA = 0.3;
/** Failures whose time is remembered. */
const FAILURES = 64;

export interface Arm {
  wins: number;
  losses: number;
  /** Plain counts, for people. */
  tried: number;
  cured: number;
  /** Seconds until a success showed. */
  readonly took: Ewma;
}

/** What does not depend on the discount, and the memories that have it in common. */
interface Common {
  readonly outcomes: PastOutcome[];
  readonly failures: Millis[];
  readonly brokeAt: Map<string, Ewma>;
  readonly organic: Map<FaultClass, OrganicRecovery>;
  readonly memories: DriverMemory[];
}

export class DriverMemory {
  readonly #discount: number;
  readonly #arms = new Map<string, Map<StrategyName, Arm>>();
  #common: Common = { outcomes: [], failures: [], brokeAt: new Map(), organic: new Map(), memories: [this] };

  /** @param outcomes of all its agents, in any order */
  constructor(discount: number, outcomes: readonly PastOutcome[] = []) {
    this.#discount = discount;
    for (const outcome of outcomes.toSorted((a, b) => a.at - b.at)) this.take(outcome);
  }

  /** The same memory by another discount: what one of them is told, all know. */
  discounted(discount: number): DriverMemory {
    const { memories, outcomes } = this.#common;
    const known = memories.find(one => one.#discount === discount);
    if (known) return known;
    const other = new DriverMemory(discount);
    for (const outcome of outcomes) if (outcome.strategy !== 'wait') other.#weigh(outcome);
    other.#common = this.#common;
    memories.push(other);
    return other;
  }

  /** Oldest first. */
  get outcomes(): readonly PastOutcome[] {
    return this.#common.outcomes;
  }

  take(outcome: PastOutcome): void {
    const { fault, strategy, recovered, tookMs } = outcome;
    const { outcomes, memories } = this.#common;
    outcomes.push(outcome);
    if (outcomes.length > KEPT) outcomes.shift();
    if (strategy !== 'wait') for (const memory of memories) memory.#weigh(outcome);
    else if (recovered) this.organic(fault).recovered(tookMs / 1000);
    else this.organic(fault).waited(tookMs / 1000);
  }

  #weigh({ fault, after, strategy, recovered, tookMs }: PastOutcome): void {
    for (const arm of this.#armsOf(fault, after).values()) {
      arm.wins *= this.#discount;
      arm.losses *= this.#discount;
    }
    const arm = this.arm(fault, after, strategy);
    arm.tried += 1;
    if (recovered) {
      arm.cured += 1;
      arm.wins += 1;
      arm.took.push(tookMs / 1000);
    } else arm.losses += 1;
  }

  /** One of its agents has failed. */
  failed(now: Millis): void {
    const { failures } = this.#common;
    failures.push(now);
    if (failures.length > FAILURES) failures.shift();
  }

  /** How many have failed within the last `ms`. */
  failuresWithin(ms: number, now: Millis): number {
    const { failures } = this.#common;
    let count = 0;
    for (let at = failures.length - 1; at >= 0 && now - (failures[at] ?? 0) < ms; at -= 1) count += 1;
    return count;
  }

  /** One of its agents failed while so much of something was used up. */
  brokeAt(what: string, level: number): void {
    const { brokeAt } = this.#common;
    let broke = brokeAt.get(what);
    if (!broke) {
      broke = new Ewma(BROKE_ALPHA);
      brokeAt.set(what, broke);
    }
    broke.push(level);
  }

  /** The level at which its agents fail, taken a little too low; undefined when none has yet. */
  limitOf(what: string): number | undefined {
    const broke = this.#common.brokeAt.get(what);
    return broke && broke.mean - broke.deviation;
  }

  /** What seemed to help did not: it came again. */
  relapsed(outcome: PastOutcome): void {
    if (outcome.strategy === 'wait') this.organic(outcome.fault).relapsed();
    else for (const memory of this.#common.memories) memory.#unlearn(outcome);
  }

  #unlearn({ fault, after, strategy }: PastOutcome): void {
    const arm = this.arm(fault, after, strategy);
    arm.wins = Math.max(0, arm.wins - 1);
    arm.losses += 1;
    arm.cured -= 1;
  }

  /** @param after what was tried before in the same incident, in vain: what that could not cure is another fault */
  arm(fault: FaultClass, after: StrategyName | undefined, strategy: StrategyName): Arm {
    const arms = this.#armsOf(fault, after);
    let arm = arms.get(strategy);
    if (!arm) {
      arm = { wins: 0, losses: 0, tried: 0, cured: 0, took: new Ewma(TOOK_ALPHA) };
      arms.set(strategy, arm);
    }
    return arm;
  }

  organic(fault: FaultClass): OrganicRecovery {
    const known = this.#common.organic;
    let organic = known.get(fault);
    if (!organic) {
      organic = new OrganicRecovery(fault);
      known.set(fault, organic);
    }
    return organic;
  }

  #armsOf(fault: FaultClass, after: StrategyName | undefined): Map<StrategyName, Arm> {
    const context = after ? `${fault} after ${after}` : fault;
    let arms = this.#arms.get(context);
    if (!arms) {
      arms = new Map();
      this.#arms.set(context, arms);
    }
    return arms;
  }
}

/** Saving its work cures nothing: it makes failing cheaper. */
export const isCure = ({ response }: Attempt): boolean => response.strategy !== 'save';

/** What an incident says of what was tried; waiting, before anything was, counts as the first try. */
export function outcomesOf(
  closed: Closed,
  relapsed: readonly Attempt[],
  { verify }: HealingConfig,
): readonly PastOutcome[] {
  const { incident, outcome, cost } = closed;
  const { fault, since, foreseen, waitFor } = incident.anomaly;
  const shown = closed.at - verify;
  const found: PastOutcome[] = [];
  const gated = foreseen !== undefined || waitFor.until !== undefined || waitFor.dependencies !== undefined;
  if (outcome === 'organic' && !gated) {
    found.push({
      fault,
      strategy: 'wait',
      at: since,
      recovered: true,
      tookMs: shown - since,
      cost,
      propensity: 1,
    });
  } else if (incident.attempts[0] && !gated && relapsed.length === 0) {
    const tookMs = incident.attempts[0].at - since;
    found.push({ fault, strategy: 'wait', at: since, recovered: false, tookMs, cost, propensity: 1 });
  }
  for (const [at, attempt] of incident.attempts.entries()) {
    if (!attempt.result || attempt.result === 'refused' || !isCure(attempt)) continue;
    const recovered = attempt.result === 'recovered';
    const end = recovered ? shown : (incident.attempts[at + 1]?.at ?? closed.at);
    // Of a wait it is the whole time that counts, since it began.
    const from = attempt.response.strategy === 'wait' ? since : attempt.at;
    const before = incident.attempts.slice(0, at).findLast(isCure) ?? relapsed.findLast(isCure);
    const after = before?.response.strategy;
    found.push(outcomeOf(attempt, after, Math.max(0, end - from), closed));
  }
  return found;
}

function outcomeOf(
  attempt: Attempt,
  after: StrategyName | undefined,
  tookMs: number,
  { cost }: Closed,
): PastOutcome {
  const { strategy, candidates } = attempt.response;
  return {
    fault: attempt.fault,
    ...(after && { after }),
    strategy,
    at: attempt.at,
    recovered: attempt.result === 'recovered',
    tookMs,
    cost,
    propensity: candidates.find(candidate => candidate.strategy === strategy)?.propensity ?? 1,
  };
}
