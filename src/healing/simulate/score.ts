/** What a policy cost the simulated fleet, in seconds of an agent's work where one number is wanted. */

export interface Score {
  /** Seconds in which an agent should have worked and did not; slow ones count in part. */
  readonly downS: number;
  /** Seconds of work that had to be done again. */
  readonly lostS: number;
  /** In fresh starts. */
  readonly tokens: number;
  readonly personAsked: number;
  readonly starts: number;
  /** Starts after which the fault was still there. */
  readonly wasted: number;
  /** Acts on agents with which nothing was wrong. */
  readonly falseActs: number;
  readonly startsWhileWaiting: number;
  /** Faults the policy left for good, without telling anybody. */
  readonly giveUps: number;
  readonly faults: number;
  /** Seconds from the beginning of each fault to the first act on it, and to its end. */
  readonly detectS: readonly number[];
  readonly recoverS: readonly number[];
  /** Cost by fault. */
  readonly byFault: Readonly<Record<string, number>>;
  readonly agentDays: number;
}

/** Prices: a fresh start of an agent costs 30 s worth of tokens, calling a person 120 s, an act in error 20 s. */
export const PRICES = { token: 30, person: 120, falseAct: 20 } as const;

/** Seconds of an agent's work that everything together cost. */
export function costOf(score: Score): number {
  const { downS, lostS, tokens, personAsked, falseActs } = score;
  return downS + lostS + PRICES.token * tokens + PRICES.person * personAsked + PRICES.falseAct * falseActs;
}
