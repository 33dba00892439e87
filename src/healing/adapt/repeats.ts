/** It goes round in circles: the same screens again and again. */

import { RepeatDetector, repeatFinding } from '../detect/repeat.ts';
import { type Detector, NO_WAIT } from '../detector.ts';
import type { Anomaly } from '../types.ts';

export function repeats(): Detector {
  const detector = new RepeatDetector();
  let standing: Anomaly | undefined;
  return {
    name: 'repeat',
    see(signal, { picture, now }) {
      if (!picture.alive || signal.signal === 'started') {
        detector.clear();
        standing = undefined;
      }
      if (signal.signal !== 'screen') return standing;
      const loop = detector.push(signal.digest);
      if (!loop) standing = undefined;
      else {
        standing ??= {
          fault: 'repeat',
          at: now,
          since: now,
          findings: [repeatFinding('screen', loop)],
          waitFor: NO_WAIT,
        };
      }
      return standing;
    },
    nextLook: () => Number.POSITIVE_INFINITY,
  };
}
