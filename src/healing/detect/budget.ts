/**
 * Fusion under an alert budget: several findings become one alarm or none, and alarms stay affordable. A detector's
 * threshold says nothing about how often it will cry; people can say how many false alarms a day they put up with.
 *
 * Each alarm doubles the surprise the next one needs; that falls back by one doubling for each alarm the budget allows.
 * So with scores that a surprise S makes, T days have at most budget·T + log2(S/first) + 1 alarms, whatever is measured.
 */
import { type Finding, scoreOf, surpriseOf } from './finding.ts';

export interface BudgetOptions {
  /** Alarms a day that are put up with. */
  readonly perDay: number;
  /** Surprise, in bans, that is enough for an alarm when none was lately. */
  readonly first: number;
}

/** One series alone alarms best at 4.2 (what NAB's standard profile chooses); several together need more. */
export const BUDGET: BudgetOptions = { perDay: 1, first: 7 };

const DAY_MS = 86_400_000;

export interface Alarm {
  /** Of all findings together. */
  readonly score: number;
  /** The most telling first. */
  readonly findings: readonly Finding[];
}

/**
 * The score of findings together: surprises are added, less an ordinary one for each finding but the first, since
 * detectors that look at the same thing are not independent.
 */
export function fuse(findings: readonly Finding[]): number {
  const surprises = findings.map(({ score }) => surpriseOf(score)).sort((a, b) => b - a);
  return scoreOf(surprises.reduce((sum, one, at) => sum + (at === 0 ? one : Math.max(0, one - 1)), 0));
}

export class AlertBudget {
  readonly #options: BudgetOptions;
  #spent = 0;
  #since: number | undefined;

  constructor(options: Partial<BudgetOptions> = {}) {
    this.#options = { ...BUDGET, ...options };
  }

  /** The score an alarm needs at `now`, ms. */
  needed(now: number): number {
    return scoreOf(this.#options.first * 2 ** this.#left(now));
  }

  /** An alarm when the findings together are worth one; asking for it spends. */
  judge(findings: readonly Finding[], now: number): Alarm | undefined {
    const score = fuse(findings);
    if (findings.length === 0 || score < this.needed(now)) return undefined;
    this.#spent = this.#left(now) + 1;
    this.#since = now;
    return { score, findings: findings.toSorted((a, b) => b.score - a.score) };
  }

  /** What it alarmed for was trouble: that alarm was worth it, and costs nothing. */
  confirmed(now: number): void {
    this.#spent = Math.max(0, this.#left(now) - 1);
    this.#since = now;
  }

  /** A person said that it was no trouble: as if it had been spent once more. */
  falseAlarm(now: number): void {
    this.#spent = this.#left(now) + 1;
    this.#since = now;
  }

  #left(now: number): number {
    const days = this.#since === undefined ? 0 : Math.max(0, now - this.#since) / DAY_MS;
    return Math.max(0, this.#spent - days * this.#options.perDay);
  }
}
