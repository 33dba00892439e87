/**
 * Whether a tuning that some agents try is worse than what the others run on, from incidents as they really went. Two
 * things are compared: what an incident costs, as a mean of logarithms (such costs are skewed) by the posterior of its
 * difference, Student's t as of Bayes with a flat prior (Box and Tiao 1973) and one incident's worth of "there is no
 * difference" on each side; and how often there are false alarms, by the posterior of two Poisson rates.
 */

import type { CanaryCase } from '../../model/evolution-state.ts';
import type { Millis } from '../../model/ids.ts';
import { sampleBeta } from '../adapt/beta.ts';
import { normalTail } from '../detect/phi.ts';
import { randomAt, seeded } from '../random.ts';
import { costOf } from '../simulate/score.ts';

/** Incidents of one side, and how long its agents together were watched. */
export interface Side {
  readonly cases: readonly Pick<CanaryCase, 'ms' | 'lostMs' | 'tokens' | 'falseAlarm' | 'asked'>[];
  readonly agentMs: Millis;
}

export interface CanaryRules {
  /** So many incidents of those that try it are enough, or so much time. */
  readonly incidents: number;
  readonly forMs: Millis;
}

export interface CanaryVerdict {
  readonly is: 'wait' | 'promote' | 'revert';
  /** How likely it is to be worse, by what incidents cost and by false alarms. */
  readonly worse: number;
  readonly words: string;
}

/** Fewer incidents prove nothing. */
export const LEAST_CASES = 3;
const TOO_LIKELY = 0.9;
/** Incidents that are assumed on both sides, as dear as all were together. */
const ASSUMED = 1;
/** What is assumed of the spread of logarithms of costs, as so many incidents. */
const SPREAD = 1;
const SPREAD_COUNTS = 2;
const DRAWS = 2000;
const LEAST_ALARMS = 2;

export function judgeCanary(
  canary: Side,
  others: Side,
  sinceMs: Millis,
  { incidents, forMs }: CanaryRules,
): CanaryVerdict {
  const n = canary.cases.length;
  const worse = Math.max(dearer(canary.cases, others.cases), alarmsMore(canary, others));
  const than = others.cases.length === 0 ? '' : ` than ${others.cases.length} without it`;
  const words = `${n} incidents with it${n === 0 ? '' : `, worse${than} with ${Math.round(100 * worse)} %`}`;
  if (n < LEAST_CASES) return { is: 'wait', worse, words };
  if (worse > TOO_LIKELY) return { is: 'revert', worse, words };
  return { is: n >= incidents || sinceMs >= forMs ? 'promote' : 'wait', worse, words };
}

type Costly = Side['cases'][number];

/** Seconds of an agent's work; of a person's time too, where one was called. */
export function costOfCase({ ms, lostMs, tokens, falseAlarm, asked }: Costly): number {
  return costOf({
    downS: ms / 1000,
    lostS: lostMs / 1000,
    tokens,
    persons: asked ? 1 : 0,
    leaves: 0,
    falseActs: falseAlarm ? 1 : 0,
  });
}

/** How likely it is that an incident costs more on the one side. */
function dearer(canary: readonly Costly[], others: readonly Costly[]): number {
  if (canary.length === 0 || others.length === 0) return 0.5;
  const [a, b] = [canary, others].map(cases => cases.map(one => Math.log(Math.max(0.1, costOfCase(one)))));
  if (!a || !b) return 0.5;
  const all = mean([...a, ...b]);
  const shrunk = (values: readonly number[]): number =>
    (mean(values) * values.length + all * ASSUMED) / (values.length + ASSUMED);
  const squares = (values: readonly number[]): number =>
    values.reduce((total, value) => total + (value - mean(values)) ** 2, 0);
  const freedom = Math.max(0, a.length + b.length - 2) + SPREAD_COUNTS;
  const variance = (squares(a) + squares(b) + SPREAD_COUNTS * SPREAD ** 2) / freedom;
  const error = Math.sqrt(variance * (1 / (a.length + ASSUMED) + 1 / (b.length + ASSUMED)));
  return studentCdf((shrunk(a) - shrunk(b)) / error, freedom);
}

/** How likely it is that there are more false alarms an hour on the one side: Jeffreys' prior for both rates. */
function alarmsMore(canary: Side, others: Side): number {
  const [a = 0, b = 0] = [canary, others].map(({ cases }) => cases.filter(one => one.falseAlarm).length);
  // One alone is no rate, and without a time to compare with there is none.
  if (a < LEAST_ALARMS || canary.agentMs <= 0 || others.agentMs <= 0) return 0;
  const share = canary.agentMs / (canary.agentMs + others.agentMs);
  const random = seeded(1);
  const draws = Array.from({ length: DRAWS }, () => sampleBeta(a + 0.5, b + 0.5, random));
  return draws.filter(drawn => drawn > share).length / DRAWS;
}

const mean = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / Math.max(1, values.length);

/** Wallace's approximation (1959), good to three digits from three degrees of freedom on. */
function studentCdf(t: number, freedom: number): number {
  const z = ((8 * freedom + 1) / (8 * freedom + 3)) * Math.sqrt(freedom * Math.log(1 + (t * t) / freedom));
  return 1 - 10 ** -normalTail(Math.sign(t) * z);
}

/** Those that try it: so many percent, one at least; which ones depends on what is tried. */
export function chosenFor(agents: readonly string[], sharePct: number, what: string): readonly string[] {
  const count = Math.max(1, Math.floor((agents.length * sharePct) / 100));
  const place = (agent: string): number =>
    randomAt(1, ...Array.from(`${what} ${agent}`, char => char.codePointAt(0) ?? 0));
  return agents.toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1)).slice(0, count);
}
