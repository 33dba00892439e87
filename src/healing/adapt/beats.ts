/** Heartbeats that have stopped, by the rhythm the agent itself has: found sooner than any limit people would set. */
import type { Millis } from '../../model/ids.ts';
import { PhiAccrual } from '../detect/phi.ts';
import { type Detector, NO_WAIT } from '../detector.ts';

/** Beats before it says anything: until then the rhythm is not known. */
const FIRST = 10;
/** Beats come after pieces of work, not from a timer: Akka's pause, and five times its least deviation. */
const RHYTHM = { acceptableHeartbeatPause: 3000, minStdDeviation: 500 } as const;
/** What was so many times as long as usual was no beat that was late: it was frozen, or nobody was there to hear it. */
const FAR = 10;

export function beats(): Detector {
  const phi = new PhiAccrual(RHYTHM);
  let count = 0;
  let last: Millis = 0;
  return {
    name: 'phi-accrual',
    see(signal, { picture, now, lag }) {
      if (!picture.alive || picture.doing === 'idle' || picture.doing === 'waiting') {
        phi.rest();
        return undefined;
      }
      if (signal.signal === 'started') phi.rest();
      if (signal.signal === 'heartbeat') {
        if (now - last > FAR * (phi.mean + RHYTHM.acceptableHeartbeatPause)) phi.rest();
        // One that came late by itself is what comes late: the next time that is less of a surprise.
        phi.heard(now);
        last = now;
        count += 1;
        return undefined;
      }
      const found = count < FIRST ? undefined : phi.judge('heartbeat', now, lag);
      if (!found) return undefined;
      return { fault: 'hang', at: now, since: picture.beatAt, findings: [found], waitFor: NO_WAIT };
    },
    nextLook: ({ picture: { alive }, lag }) =>
      alive && count >= FIRST ? phi.failsAt(lag) : Number.POSITIVE_INFINITY,
  };
}
