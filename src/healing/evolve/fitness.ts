/**
 * What a genome is worth: its cost over worlds with the same faults and the same luck for all (common random numbers),
 * against what the rules alone cost there. The bad tail counts, not the mean; and no class of faults may pay for others.
 */
import { HealingConfig } from '../../model/healing.ts';
import type { FaultModel } from '../simulate/catalogue.ts';
import { loopPolicy } from '../simulate/loop-policy.ts';
import type { MakePolicy } from '../simulate/policy.ts';
import { costOf, type Score } from '../simulate/score.ts';
import { World, type WorldOptions } from '../simulate/world.ts';
import { type Genome, tuningOf } from './genome.ts';
import { cvar, sum } from './paired.ts';

export interface Trial extends Omit<WorldOptions, 'seed' | 'catalogue'> {
  /** The catalogue of each seed; the one that is shipped when absent. */
  readonly catalogueFor?: (seed: number) => readonly FaultModel[];
}

/** An eventful afternoon of a small fleet, with a shift at half time. */
export const TRIAL: Trial = { agents: 16, durationMs: 7_200_000, shiftAt: 3_600_000, faultEveryMs: 400_000 };

/** Share of seeds that counts as the bad tail. */
const TAIL = 0.5;
/** A class of faults may cost so much more than with rules alone. */
const TOLERATED = 1.02;

export interface Judged {
  /** Cost of each seed in seconds of work, of all and after the shift. */
  readonly costs: readonly number[];
  readonly after: readonly number[];
  readonly byFault: Readonly<Record<string, number>>;
  /** Acts an agent and day, starts an agent and day, tokens an agent and day: how it behaves. */
  readonly starts: number;
  readonly falseActs: number;
  readonly tokens: number;
}

export const evolutionary = (genome: Genome): MakePolicy =>
  loopPolicy(HealingConfig.parse({ level: 'evolutionary' }), tuningOf(genome));

export function judge(make: MakePolicy, trial: Trial, seeds: readonly number[]): Judged {
  const { catalogueFor, ...world } = trial;
  const scores = seeds.map((seed): Score => {
    const catalogue = catalogueFor ? { catalogue: catalogueFor(seed) } : {};
    return new World({ ...world, ...catalogue, seed }, make).run();
  });
  const byFault: Record<string, number> = {};
  for (const score of scores) {
    for (const [fault, costs] of Object.entries(score.byFault)) {
      byFault[fault] = (byFault[fault] ?? 0) + costOf(costs);
    }
  }
  const days = sum(scores.map(({ agentDays }) => agentDays));
  return {
    costs: scores.map(({ total }) => costOf(total)),
    after: scores.map(({ after }) => costOf(after)),
    byFault,
    starts: sum(scores.map(({ starts }) => starts)) / days,
    falseActs: sum(scores.map(({ total }) => total.falseActs)) / days,
    tokens: sum(scores.map(({ total }) => total.tokens)) / days,
  };
}

/** Of trials on as many seeds each, one after the other. */
export function together(parts: readonly Judged[]): Judged {
  const mean = (of: (judged: Judged) => number): number => sum(parts.map(of)) / Math.max(1, parts.length);
  const byFault: Record<string, number> = {};
  for (const part of parts)
    for (const [fault, cost] of Object.entries(part.byFault)) byFault[fault] = (byFault[fault] ?? 0) + cost;
  return {
    costs: parts.flatMap(({ costs }) => costs),
    after: parts.flatMap(({ after }) => after),
    byFault,
    starts: mean(({ starts }) => starts),
    falseActs: mean(({ falseActs }) => falseActs),
    tokens: mean(({ tokens }) => tokens),
  };
}

/** One number, smaller is better: 1 is what `rules` cost. */
export function fitnessOf(judged: Judged, rules: Judged): number {
  const ratios = judged.costs.map((cost, at) => cost / Math.max(1, rules.costs[at] ?? 1));
  const total = sum(rules.costs);
  const regress = sum(
    Object.entries(rules.byFault).map(([fault, cost]) =>
      Math.max(0, (judged.byFault[fault] ?? 0) - TOLERATED * cost),
    ),
  );
  return cvar(ratios, TAIL) + regress / total;
}
