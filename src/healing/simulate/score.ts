/** What a policy cost the simulated fleet, in seconds of an agent's work where one number is wanted. */

export interface Costs {
  /** Seconds in which an agent should have worked and did not; slow ones count in part. */
  downS: number;
  /** Seconds of work that had to be done again. */
  lostS: number;
  /** In fresh starts. */
  tokens: number;
  /** Times a person had to come. */
  persons: number;
  /** Times a person gave leave for a risky act. */
  leaves: number;
  /** Acts on agents with which nothing was wrong. */
  falseActs: number;
}

/** What was spent when is kept by spans of so long, ms. */
export const COURSE_MS = 300_000;

export interface Score {
  readonly total: Costs;
  /** Of that, what fell after the shift. */
  readonly after: Costs;
  /** By fault; `none` for what was done to agents that had none. */
  readonly byFault: Readonly<Record<string, Costs>>;
  /** How often each fault came. */
  readonly counts: Readonly<Record<string, number>>;
  readonly starts: number;
  /** Starts after which the fault was still there. */
  readonly wasted: number;
  readonly startsWhileWaiting: number;
  /** Faults a person came upon by looking round that the policy had left and told nobody of. */
  readonly giveUps: number;
  /** The same, which the policy had never acted on: it had not noticed. */
  readonly missed: number;
  readonly faults: number;
  /** Faults that showed a sign for ten seconds at least before they took hold. */
  readonly announced: number;
  /** Faults that were cured while they only showed a sign. */
  readonly averted: number;
  /** Of each fault that can hit several agents, how many it took hold of. */
  readonly reach: readonly number[];
  /** What each span of `COURSE_MS` cost, in seconds of work. */
  readonly course: readonly number[];
  /** Seconds from when each fault took hold to the first act on it, and to its end. */
  readonly detectS: readonly number[];
  readonly recoverS: readonly number[];
  readonly agentDays: number;
  /** Share of time in which agents worked. */
  readonly availability: number;
}

/**
 * What things cost in seconds of an agent's work. An agent that works costs about a dollar in ten minutes of model and
 * machine, and stands for a person's time worth many times that; so:
 *
 * - a fresh start reads its context again: about 30 s worth of tokens;
 * - calling a person breaks into two minutes of theirs (and the wait for them is downtime on top);
 * - leave for a risky act is one look and one key of a person's: 12 s, while the agent waits another 15 s for it;
 * - an act on an agent with which nothing was wrong breaks into its thought: 20 s, beside what the act itself loses.
 */
export const PRICES = { token: 30, person: 120, leave: 12, falseAct: 20 } as const;

/** Seconds of an agent's work that everything together cost. */
export function costOf({ downS, lostS, tokens, persons, leaves, falseActs }: Costs): number {
  const people = PRICES.person * persons + PRICES.leave * leaves;
  return downS + lostS + PRICES.token * tokens + people + PRICES.falseAct * falseActs;
}

export const noCosts = (): Costs => ({ downS: 0, lostS: 0, tokens: 0, persons: 0, leaves: 0, falseActs: 0 });

export function addCosts(into: Costs, more: Costs): void {
  into.downS += more.downS;
  into.lostS += more.lostS;
  into.tokens += more.tokens;
  into.persons += more.persons;
  into.leaves += more.leaves;
  into.falseActs += more.falseActs;
}
