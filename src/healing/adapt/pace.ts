/** It goes on, but much more slowly than it used to. */
import type { EwmaState } from '../detect/ewma.ts';
import { scoreOf } from '../detect/finding.ts';
import { type Detector, NO_WAIT } from '../detector.ts';
import type { Tuning } from '../tuning.ts';
import { Children } from './children.ts';
import { Slowing } from './slowing.ts';

export type PaceOptions = Pick<Tuning, 'paceTimes' | 'paceEvidence' | 'minDeviation'>;

/** Slow intervals it takes at least: one long thought is none. */
export const LEAST_LINES = 3;
/** Evidence is kept up to so many times what is needed: what is over is soon over. */
const MOST_SUM = 1.5;

export function pace({ paceTimes, paceEvidence, minDeviation }: PaceOptions, before?: EwmaState): Detector {
  const slowing = new Slowing({ times: paceTimes, most: MOST_SUM * paceEvidence, minDeviation }, before);
  const children = new Children();
  return {
    name: 'pace',
    see(signal, { picture, now, troubled }) {
      if (signal.signal === 'resources') children.saw(signal.use);
      // What it has started sets the pace now.
      const rests = children.helping || picture.doing === 'idle' || picture.doing === 'waiting';
      if (!picture.alive || rests) {
        slowing.rest();
        return undefined;
      }
      if (signal.signal === 'started') slowing.rest();
      else if (signal.signal === 'progress') slowing.heard(now, troubled);
      if (slowing.lines < LEAST_LINES || slowing.bans < paceEvidence) return undefined;
      return {
        fault: 'slow',
        at: now,
        since: slowing.since,
        findings: [{ detector: 'pace', words: slowing.words, score: scoreOf(slowing.bans) }],
        waitFor: NO_WAIT,
      };
    },
    nextLook: () => Number.POSITIVE_INFINITY,
    usual: () => ({ pace: slowing.usual }),
  };
}
