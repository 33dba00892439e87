/** One policy over many seeds of one world. */

import { sum } from '../../src/healing/evolve/paired.ts';
import type { MakePolicy } from '../../src/healing/simulate/policy.ts';
import {
  addCosts,
  COURSE_MS,
  type Costs,
  costOf,
  noCosts,
  type Score,
} from '../../src/healing/simulate/score.ts';
import { type Summary, summaryOf } from '../../src/healing/simulate/summary.ts';
import { World, type WorldOptions } from '../../src/healing/simulate/world.ts';
import { percentile } from '../stats.ts';
import { oracle } from './oracle.ts';

export type Setting = Omit<WorldOptions, 'seed'>;

export interface Judged extends Omit<Summary, 'recoverS' | 'personsPerDay'> {
  /** Of each seed, in seconds of work. */
  readonly costs: readonly number[];
  readonly after: readonly number[];
  /** What one fault of each class cost, on the average: who heals well has more agents for the next to hit. */
  readonly byFault: Readonly<Record<string, number>>;
  readonly downPerHour: number;
  /** p50 */
  readonly detectS: readonly [number];
  /** p50, p95, p99 */
  readonly recoverS: readonly [number, number, number];
  readonly lostMinPerDay: number;
  readonly peoplePerHour: number;
  readonly giveUps: number;
  readonly missed: number;
  readonly startsWhileWaiting: number;
  /** Faults that were cured before they took hold, percent of all. */
  readonly avertedPct: number;
  /** Agents that a fault which can hit several took hold of: mean, p95. */
  readonly cascade: readonly [number, number];
  /** What each span of `COURSE_MS` cost, all seeds together, in seconds of work. */
  readonly course: readonly number[];
}

/** @param make undefined for the oracle, which alone is told the truth */
export function measure(make: MakePolicy | undefined, setting: Setting, seeds: readonly number[]): Judged {
  const scores = seeds.map((seed): Score => {
    const world: World = new World({ ...setting, seed }, make ?? oracle(agent => world.truthOf(agent)));
    return world.run();
  });
  const of = (what: (score: Score) => number): number => sum(scores.map(what));
  const total = noCosts();
  const byFault: Record<string, Costs> = {};
  for (const score of scores) {
    addCosts(total, score.total);
    for (const [fault, costs] of Object.entries(score.byFault)) {
      byFault[fault] ??= noCosts();
      addCosts(byFault[fault], costs);
    }
  }
  const days = of(({ agentDays }) => agentDays);
  const { faults, costPerHour, availability, wastedPerDay, falseActsPerDay } = summaryOf(scores);
  const detect = scores.flatMap(({ detectS }) => detectS);
  const recover = scores.flatMap(({ recoverS }) => recoverS);
  const reach = scores.flatMap(one => one.reach);
  return {
    costs: scores.map(score => costOf(score.total)),
    after: scores.map(score => costOf(score.after)),
    byFault: Object.fromEntries(
      Object.entries(byFault).map(([fault, costs]) => [
        fault,
        costOf(costs) / of(({ counts }) => counts[fault] ?? 0),
      ]),
    ),
    ...{ faults, costPerHour, availability, wastedPerDay, falseActsPerDay },
    downPerHour: total.downS / days / 24,
    detectS: [percentile(detect, 50)],
    recoverS: [percentile(recover, 50), percentile(recover, 95), percentile(recover, 99)],
    lostMinPerDay: total.lostS / 60 / days,
    peoplePerHour: total.persons / days / 24,
    giveUps: of(({ giveUps }) => giveUps),
    missed: of(({ missed }) => missed),
    startsWhileWaiting: of(({ startsWhileWaiting }) => startsWhileWaiting),
    avertedPct: (100 * of(({ averted }) => averted)) / faults,
    cascade: [sum(reach) / reach.length, percentile(reach, 95)],
    course: Array.from({ length: Math.floor(setting.durationMs / COURSE_MS) }, (_, at) =>
      of(({ course }) => course[at] ?? 0),
    ),
  };
}
