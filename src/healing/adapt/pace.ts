/**
 * It goes on, but much more slowly than it used to: a one-sided CUSUM (Page 1954) on the logarithm of the intervals at
 * which it prints, as a sequential test of "so many times slower" against "as usual"; its sum is evidence in nats.
 */
import type { Millis } from '../../model/ids.ts';
import { Ewma, type EwmaState } from '../detect/ewma.ts';
import { scoreOf } from '../detect/finding.ts';
import { type Detector, NO_WAIT } from '../detector.ts';
import type { Tuning } from '../tuning.ts';

export type PaceOptions = Pick<Tuning, 'paceTimes' | 'paceEvidence' | 'minDeviation'>;

/** Intervals before it says anything. */
const FIRST = 30;
/** Slow intervals it takes at least: one long thought is none. */
const LEAST = 3;
/** One interval alone counts for so much at most, in bans. */
const MOST_EACH = 2;
/** Evidence is kept up to so many times what is needed: what is over is soon over. */
const MOST_SUM = 1.5;

export function pace(options: PaceOptions, before?: EwmaState): Detector {
  const usual = new Ewma(0.003, before);
  let last: Millis | undefined;
  /** Evidence in bans, since when, from how many intervals of which length. */
  let [sum, since, slow, spent] = [0, 0, 0, 0];

  function clear(): void {
    [sum, slow, spent] = [0, 0, 0];
  }

  function note(interval: number, began: Millis, troubled: boolean): void {
    const spread = Math.max(options.minDeviation, usual.deviation);
    const off = (Math.log(interval) - usual.mean) / spread;
    const shift = Math.log(options.paceTimes) / spread;
    // Log-likelihood ratio of a normal moved by `shift`.
    const bans = Math.min(MOST_EACH, (shift * (off - shift / 2)) / Math.LN10);
    if (usual.count >= FIRST && sum + bans > 0) {
      if (slow === 0) since = began;
      sum = Math.min(MOST_SUM * options.paceEvidence, sum + bans);
      slow += 1;
      spent += interval;
    } else clear();
    if (slow < LEAST && !troubled) usual.push(Math.log(interval));
  }

  return {
    name: 'pace',
    see(signal, { picture, now, troubled }) {
      const paused = !picture.alive || picture.doing === 'idle' || picture.doing === 'waiting';
      if (paused || signal.signal === 'started') {
        last = undefined;
        clear();
        return undefined;
      }
      if (signal.signal === 'progress') {
        if (last !== undefined && now > last) note(now - last, last, troubled);
        last = now;
      }
      if (slow < LEAST || sum < options.paceEvidence) return undefined;
      const slower = spent / slow / Math.exp(usual.mean);
      const words = `${slower.toFixed(1)} times slower than usual over its last ${slow} lines`;
      return {
        fault: 'slow',
        at: now,
        since,
        findings: [{ detector: 'pace', words, score: scoreOf(sum) }],
        waitFor: NO_WAIT,
      };
    },
    nextLook: () => Number.POSITIVE_INFINITY,
    usual: () => ({ pace: usual.state }),
  };
}
