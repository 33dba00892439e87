/** It ended and should not have. */
import type { FaultClass } from '../../model/healing.ts';
import { type Detector, type Look, NO_WAIT } from '../detector.ts';
import type { Anomaly } from '../types.ts';

/** So many deaths within the window are a loop: the cause is not gone when it starts again. */
const LOOP_DEATHS = 3;
const LOOP_WITHIN_MS = 60_000;

export const death: Detector = {
  name: 'death',
  see: (_, look) => judge(look),
  nextLook: () => Number.POSITIVE_INFINITY,
};

function judge({ picture, now }: Look): Anomaly | undefined {
  if (picture.alive || picture.over || picture.incarnation === 0) return undefined;
  const deaths = picture.deathsWithin(LOOP_WITHIN_MS, now);
  const down = [...picture.downDependencies];
  const { fault, words } = classOf(picture.lost, down, deaths);
  return {
    fault,
    at: now,
    since: picture.endedAt,
    findings: [{ detector: 'death', words: `${picture.ending}${words}`, score: 1 }],
    waitFor: down.length > 0 ? { dependencies: down } : NO_WAIT,
  };
}

function classOf(
  lost: boolean,
  down: readonly string[],
  deaths: number,
): { fault: FaultClass; words: string } {
  if (lost) return { fault: 'lost', words: '' };
  if (down.length > 0) return { fault: 'dependency', words: `, while ${down.join(' and ')} is down` };
  if (deaths >= LOOP_DEATHS) {
    return { fault: 'crash-loop', words: `, ${deaths} times within ${LOOP_WITHIN_MS / 1000} s` };
  }
  return { fault: 'crash', words: '' };
}
