/**
 * Incidents of the past that are like one: case-based retrieval (Aamodt and Plaza 1994), the nearest neighbours by a
 * weighted overlap of features. Pure.
 */
import { SIMILAR_KEPT } from './incident.ts';
import type { ClosedIncident, IncidentState } from './incident-state.ts';
import { plural, spanWords } from './text.ts';

/** From this likeness on, 0 to 1, one is worth telling of. */
const LEAST = 0.5;
const WEIGHTS = { class: 5, detectors: 2, agent: 2, driver: 1 } as const;

type Case = Pick<ClosedIncident, 'id' | 'agent' | 'class' | 'ladder' | 'result'>;

interface Retrieval {
  /** An agent's driver; '' where it is not known any more. */
  driverOf(agent: string): string;
}

/** How much alike two incidents are, from 0 to 1. */
export function likeness(
  a: Pick<IncidentState, 'agent' | 'class' | 'ladder'>,
  b: Pick<IncidentState, 'agent' | 'class' | 'ladder'>,
  { driverOf }: Retrieval,
): number {
  const [seenA, seenB] = [a, b].map(
    ({ ladder }) => new Set(ladder?.findings.map(({ detector }) => detector)),
  ) as [Set<string>, Set<string>];
  const all = seenA.union(seenB).size;
  const detectors = all === 0 ? 1 : seenA.intersection(seenB).size / all;
  const driver = driverOf(a.agent);
  const total =
    WEIGHTS.class * Number(a.class === b.class) +
    WEIGHTS.detectors * detectors +
    WEIGHTS.agent * Number(a.agent === b.agent) +
    WEIGHTS.driver * Number(driver !== '' && driver === driverOf(b.agent));
  return total / Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0);
}

/** The nearest first, of equals the newest; only what healing saw to, and what was not just let go. */
export function similarTo<Past extends Case>(
  incident: Pick<IncidentState, 'id' | 'agent' | 'class' | 'ladder'>,
  past: readonly Past[],
  retrieval: Retrieval,
): readonly Past[] {
  return past
    .filter(
      ({ id, ladder, result }) => id !== incident.id && ladder && result !== null && result !== 'closed',
    )
    .map(one => ({ one, like: likeness(incident, one, retrieval) }))
    .filter(({ like }) => like >= LEAST)
    .toSorted((a, b) => b.like - a.like)
    .slice(0, SIMILAR_KEPT)
    .map(({ one }) => one);
}

/** `of 5 like it restart cured 4, in 3.4 s on average; 1 went by itself`; '' for none. */
export function similarWords(similar: readonly ClosedIncident[]): string {
  if (similar.length === 0) return '';
  const cures = Map.groupBy(similar, ({ ladder, result }) =>
    result === 'recovered' ? (ladder?.rungs.at(-1)?.strategy ?? '') : '',
  );
  const count = (result: ClosedIncident['result']): number =>
    similar.filter(one => one.result === result).length;
  const parts = [...cures]
    .filter(([strategy]) => strategy !== '')
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([strategy, of]) => {
      const took = of.map(({ ladder }) => ladder?.rungs.at(-1)?.ms ?? 0);
      const mean = Math.round(took.reduce((sum, ms) => sum + ms, 0) / took.length);
      return `${strategy} cured ${of.length}, in ${spanWords(mean)}${of.length > 1 ? ' on average' : ''}`;
    });
  if (count('organic') > 0) parts.push(`${count('organic')} went by itself`);
  if (count('person') > 0) parts.push(`${count('person')} took a person`);
  if (count('false-alarm') > 0) parts.push(`${count('false-alarm')} was no trouble`);
  return `of ${plural(similar.length, 'incident')} like it ${parts.join('; ')}`;
}
