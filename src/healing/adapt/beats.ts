/** Heartbeats that have stopped, by the rhythm the agent itself has: found sooner than any limit people would set. */
import { PhiAccrual } from '../detect/phi.ts';
import { type Detector, NO_WAIT } from '../detector.ts';

/** Beats before it says anything: until then the rhythm is not known. */
const FIRST = 10;

export function beats(): Detector {
  const phi = new PhiAccrual();
  let count = 0;
  return {
    name: 'phi-accrual',
    see(signal, { picture, now, lag }) {
      if (!picture.alive || picture.doing === 'idle' || picture.doing === 'waiting') {
        phi.rest();
        return undefined;
      }
      if (signal.signal === 'started') phi.rest();
      const found = count < FIRST ? undefined : phi.judge('heartbeat', now, lag);
      if (signal.signal === 'heartbeat') {
        // What was late is not usual.
        if (found) phi.rest();
        phi.heard(now);
        count += 1;
        return undefined;
      }
      if (!found) return undefined;
      return { fault: 'hang', at: now, since: picture.beatAt, findings: [found], waitFor: NO_WAIT };
    },
    nextLook: ({ picture: { alive }, lag }) =>
      alive && count >= FIRST ? phi.failsAt(lag) : Number.POSITIVE_INFINITY,
  };
}
