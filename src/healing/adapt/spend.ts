/** It spends far more than is usual for this agent: tokens of the last hour against its hours before. */
import type { Millis } from '../../model/ids.ts';
import { Ewma, type EwmaState } from '../detect/ewma.ts';
import { scoreOf, short } from '../detect/finding.ts';
import { type Detector, NO_WAIT } from '../detector.ts';
import type { Tuning } from '../tuning.ts';

export type SpendOptions = Pick<Tuning, 'threshold' | 'growthTimes'>;

/** Reports before it says anything: the first hour says nothing of hours. */
const FIRST = 60;
/** Below this nothing is much, tokens a minute. */
const FLOOR = 20_000;

export function spend(options: SpendOptions, before?: EwmaState): Detector {
  const usual = new Ewma(0.01, before);
  let since: Millis | undefined;
  let words = '';
  let score = 0;
  return {
    name: 'spend',
    see(signal, { picture, now }) {
      if (!picture.alive || signal.signal === 'started') since = undefined;
      if (signal.signal === 'usage') {
        const { tokensPerMin } = signal;
        const most = Math.max(FLOOR, options.growthTimes * usual.mean);
        if (usual.count < FIRST || tokensPerMin <= most) {
          usual.push(tokensPerMin);
          since = undefined;
        } else {
          since ??= now;
          words = `${short(tokensPerMin)} tokens a minute within the last hour, usually ${short(usual.mean)}`;
          score = scoreOf((options.threshold * tokensPerMin) / most);
        }
      }
      if (since === undefined) return undefined;
      const findings = [{ detector: 'spend', words, score }];
      return { fault: 'runaway', at: now, since, findings, waitFor: NO_WAIT };
    },
    nextLook: () => Number.POSITIVE_INFINITY,
    usual: () => ({ spend: usual.state }),
  };
}
