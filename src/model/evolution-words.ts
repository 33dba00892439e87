/** Evolution in words and as a chart: the same in consoles and on the command line. Pure. */
import type { CanaryState, EvolutionFold } from './evolution-state.ts';
import { plural, spanWords } from './text.ts';

/** Fewer generations say nothing of where it goes. */
const LOOKED_BACK = 10;
/** A change of less than this over so many generations is none, percent. */
const FLAT_PCT = 1;
const EIGHTHS = '▁▂▃▄▅▆▇█';

/**
 * How much the best has changed over the last ten generations, percent, by the slope of a line through them (least
 * squares), since chance moves each of them; undefined while there are fewer.
 */
export function recentChangePct(history: readonly number[]): number | undefined {
  const last = history.slice(-LOOKED_BACK);
  if (last.length < LOOKED_BACK) return undefined;
  const middle = (last.length - 1) / 2;
  const mean = last.reduce((sum, value) => sum + value, 0) / last.length;
  const rise = last.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0);
  const run = last.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  return mean === 0 ? 0 : (100 * (rise / run) * last.length) / mean;
}

export function isConverged(history: readonly number[]): boolean {
  const change = recentChangePct(history);
  return change !== undefined && Math.abs(change) < FLAT_PCT;
}

export function convergenceWords(history: readonly number[]): string {
  const change = recentChangePct(history);
  if (change === undefined) return `not known before ${LOOKED_BACK} generations`;
  const words = `${change > 0 ? '+' : ''}${change.toFixed(1)} % over the last ${LOOKED_BACK} generations`;
  return Math.abs(change) < FLAT_PCT ? `converged: ${words}` : words;
}

/** `84.2 %`: of what rules alone cost in the same worlds. */
export const fitnessWords = (fitness: number): string => `${(100 * fitness).toFixed(1)} %`;

/** A column a generation, the newest at the right, between the least and the most of those that are shown; lower is better. */
export function fitnessChart(history: readonly number[], width: number, height: number): readonly string[] {
  const label = 8;
  const shown = history.slice(-Math.max(1, width - label - 2));
  if (shown.length === 0) return [];
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const levels = shown.map(value => {
    const share = high > low ? (value - low) / (high - low) : 0;
    return 1 + Math.round(share * (8 * height - 1));
  });
  return Array.from({ length: height }, (_, row) => {
    const below = 8 * (height - 1 - row);
    const name = row === 0 ? fitnessWords(high) : row === height - 1 ? fitnessWords(low) : '';
    const columns = levels.map(level =>
      level <= below ? ' ' : (EIGHTHS[Math.min(8, level - below) - 1] ?? ' '),
    );
    return `${name.padStart(label)} ${row === 0 || row === height - 1 ? '┤' : '│'}${columns.join('')}`;
  });
}

/** What the evolutionary level runs on. */
export function tuningWords({ tuning, before, canary }: EvolutionFold, now: number): string {
  const held = tuning
    ? 'a tuning that people agreed to'
    : before
      ? 'what is shipped, again'
      : 'what is shipped';
  return canary ? `${held}; ${canaryWords(canary, now)}` : held;
}

export function canaryWords({ request, agents, since, cases }: CanaryState, now: number): string {
  const mine = cases.filter(({ agent }) => agents.includes(agent)).length;
  return `${request} is tried on ${agents.join(', ')} since ${spanWords(Math.max(0, now - since))}, ${plural(mine, 'incident')} so far`;
}
