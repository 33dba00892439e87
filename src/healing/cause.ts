/** What has to be over, or to come, before anything is tried. */
import type { StrategyName } from '../model/healing.ts';
import type { Millis } from '../model/ids.ts';
import type { Anomaly } from './types.ts';

interface Cause {
  readonly words: string;
  readonly until: Millis;
  /** What may be done though the cause is not gone: what goes round it, or goes for it. */
  readonly despite: readonly StrategyName[];
}

export function causeOf({ waitFor, foreseen }: Anomaly, now: Millis): Cause | undefined {
  const { until = 0, dependencies = [] } = waitFor;
  if (dependencies.length > 0) {
    const words = `for ${dependencies.join(' and ')}`;
    return { words, until: Number.POSITIVE_INFINITY, despite: ['restart-dependency'] };
  }
  if (until <= now) return undefined;
  if (foreseen !== undefined) return { words: 'for its work to be saved', until, despite: [] };
  return { words: 'until the time the provider gave', until, despite: ['swap'] };
}
