/** What many simulated worlds say of one policy, in numbers that people compare. */
import { addCosts, costOf, noCosts, type Score } from './score.ts';

export interface Summary {
  readonly faults: number;
  /** Seconds of work lost to trouble, an agent and hour. */
  readonly costPerHour: number;
  /** Share of time in which agents worked. */
  readonly availability: number;
  /** Seconds from when a fault took hold to its end; null where there was none. */
  readonly recoverS: { readonly p50: number; readonly p95: number } | null;
  /** Times a person had to come, starts that did not help, acts on agents that were well: an agent and day. */
  readonly personsPerDay: number;
  readonly wastedPerDay: number;
  readonly falseActsPerDay: number;
}

/** @param scores of the same world on other seeds; one at least */
export function summaryOf(scores: readonly Score[]): Summary {
  const total = noCosts();
  for (const score of scores) addCosts(total, score.total);
  const of = (what: (score: Score) => number): number => scores.reduce((sum, score) => sum + what(score), 0);
  const days = of(({ agentDays }) => agentDays);
  const recover = scores.flatMap(({ recoverS }) => recoverS).toSorted((a, b) => a - b);
  const at = (share: number): number => recover[Math.floor(share * (recover.length - 1))] ?? 0;
  return {
    faults: of(({ faults }) => faults),
    costPerHour: costOf(total) / days / 24,
    availability: of(({ availability }) => availability) / scores.length,
    recoverS: recover.length > 0 ? { p50: at(0.5), p95: at(0.95) } : null,
    personsPerDay: total.persons / days,
    wastedPerDay: of(({ wasted }) => wasted) / days,
    falseActsPerDay: total.falseActs / days,
  };
}
