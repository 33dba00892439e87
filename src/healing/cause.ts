/** What has to be over, or to come, before anything is tried. */
import type { StrategyName } from '../model/healing.ts';
import type { Millis } from '../model/ids.ts';
import type { Anomaly } from './types.ts';

interface Cause {
  readonly words: string;
  readonly until: Millis;
  /** What may be done though the cause is not gone: what goes round it, or goes for it. */
  readonly despite: readonly StrategyName[];
  /** What was planned before it came is not done either. */
  readonly refuses: boolean;
}

export function causeOf({ waitFor, foreseen }: Anomaly, now: Millis): Cause | undefined {
  const { until = 0, dependencies = [], breakers = [], save } = waitFor;
  const forever = Number.POSITIVE_INFINITY;
  if (breakers.length > 0)
    return {
      words: `for the breaker of ${breakers.join(' and ')}`,
      until: forever,
      despite: ['swap'],
      refuses: true,
    };
  if (dependencies.length > 0) {
    const words = `for ${dependencies.join(' and ')}`;
    return { words, until: forever, despite: ['restart-dependency'], refuses: false };
  }
  if (until <= now) return undefined;
  if (foreseen !== undefined) {
    const words = save ? 'for it to save its work' : 'for its work to be saved';
    return { words, until, despite: save ? ['save'] : [], refuses: false };
  }
  return { words: 'until the time the provider gave', until, despite: ['swap'], refuses: false };
}
