/** The numbers the learning levels run on. The shipped ones are set by hand; the evolutionary level's are evolved. */
import type { FaultClass, StrategyName } from '../model/healing.ts';

export interface Tuning {
  /** Surprise, in bans, from which what a detector guesses is acted on: 4.5 is once in a day of lines alone. */
  readonly threshold: number;
  /** Silence that is always forgiven, ms. */
  readonly pause: number;
  /** Deviation of the logarithm of intervals that is assumed at least: nothing is as regular as its past looks. */
  readonly minDeviation: number;
  /** Memory, output or open files beyond so many times the usual stand out, when it lasts so long, ms. */
  readonly growthTimes: number;
  readonly growthLasting: number;
  /** So many times slower is a fault. */
  readonly paceTimes: number;
  /** Evidence for a slower pace, in bans, from which it is believed. */
  readonly paceEvidence: number;
  /**
   * Chance of failing within the next minutes from which something is done: once its work is saved; from which it is had
   * save its work; and from which one that is slow is started anew at any moment.
   */
  readonly hazard: number;
  readonly hazardSave: number;
  readonly hazardSlow: number;
  /** What it costs more to fail unprepared, in seconds of work. */
  readonly failS: number;
  /** Weight that an outcome keeps with each newer one of its fault. */
  readonly discount: number;
  /** How many outcomes what is assumed beforehand is worth. */
  readonly prior: number;
  /** Patience is this many deviations above the mean of how long successes took, and never below `leastPatience`, ms. */
  readonly deviations: number;
  readonly leastPatience: number;
  /** Work that a fresh start is taken to lose, and what its tokens and a person's leave cost, in seconds of work. */
  readonly inHandS: number;
  readonly tokenS: number;
  readonly leaveS: number;
  /** What calling a person costs, their way included, in seconds of work. */
  readonly askS: number;
  /** How likely each strategy is to help, before anything is known: where this says nothing, `PRIOR_CHANCE` does. */
  readonly chances: Partial<Record<FaultClass, Partial<Record<StrategyName, number>>>>;
  /** What may be tried for a fault: where this says nothing, the default ladder and `MORE`. */
  readonly playbook: Partial<Record<FaultClass, readonly StrategyName[]>>;
}

export const TUNING: Tuning = {
  threshold: 5,
  pause: 1000,
  minDeviation: 0.35,
  growthTimes: 4,
  growthLasting: 4000,
  paceTimes: 3,
  paceEvidence: 8,
  hazard: 0.6,
  hazardSave: 0.6,
  hazardSlow: 0.9,
  failS: 60,
  discount: 0.95,
  prior: 8,
  deviations: 4,
  leastPatience: 3000,
  inHandS: 150,
  tokenS: 30,
  leaveS: 30,
  askS: 420,
  chances: {},
  playbook: {},
};
