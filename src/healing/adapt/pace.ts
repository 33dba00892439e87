/** It goes on, but much more slowly than it used to: a lasting shift of the intervals at which it prints. */
import type { Millis } from '../../model/ids.ts';
import { Ewma } from '../detect/ewma.ts';
import { scoreOf } from '../detect/finding.ts';
import { type Detector, NO_WAIT } from '../detector.ts';

export interface PaceOptions {
  /** So many times slower counts. */
  readonly times: number;
}

export const PACE: PaceOptions = { times: 3 };

/** Intervals before it says anything, and those a pace is taken over. */
const FIRST = 30;
const RECENT = 6;

export function pace({ times }: PaceOptions = PACE): Detector {
  const usual = new Ewma(0.01);
  const recent: number[] = [];
  let last: Millis | undefined;
  let since: Millis | undefined;
  return {
    name: 'pace',
    see(signal, { picture, now }) {
      const paused = !picture.alive || picture.doing === 'idle' || picture.doing === 'waiting';
      if (paused || signal.signal === 'started') {
        last = undefined;
        recent.length = 0;
        since = undefined;
        return undefined;
      }
      if (signal.signal === 'progress') {
        if (last !== undefined && now > last) note(Math.log(now - last), last);
        last = now;
      }
      if (since === undefined) return undefined;
      const slower = Math.exp(meanOf(recent) - usual.mean);
      return {
        fault: 'slow',
        at: now,
        since,
        findings: [
          {
            detector: 'pace',
            words: `${slower.toFixed(1)} times slower than usual over its last ${RECENT} lines`,
            score: scoreOf(slower),
          },
        ],
        waitFor: NO_WAIT,
      };
    },
    nextLook: () => Number.POSITIVE_INFINITY,
  };

  function note(interval: number, began: Millis): void {
    recent.push(interval);
    if (recent.length > RECENT) recent.shift();
    const slow =
      usual.count >= FIRST &&
      recent.length === RECENT &&
      // Most of them, not one long one.
      medianOf(recent) - usual.mean > Math.log(times);
    if (!slow) {
      since = undefined;
      usual.push(interval);
    } else since ??= began;
  }
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
