/** Its driver has reported an error of a provider or tool. */
import { type Detector, type Look, NO_WAIT } from '../detector.ts';
import type { Anomaly } from '../types.ts';

/** An error that nothing has followed for so long stands; before that the agent's own retry may get past it, ms. */
const STANDS_AFTER_MS = 2000;

export const reportedError: Detector = {
  name: 'error',
  see: (_, look) => judge(look),
  nextLook: ({ picture: { alive, error } }) =>
    alive && error ? error.at + STANDS_AFTER_MS : Number.POSITIVE_INFINITY,
};

function judge({ picture, now }: Look): Anomaly | undefined {
  const { error } = picture;
  if (!picture.alive || !error || now - error.at < STANDS_AFTER_MS) return undefined;
  // When its time has come it is given a moment to get past it.
  const until = error.until === undefined ? undefined : error.until + STANDS_AFTER_MS;
  return {
    fault: error.error,
    at: now,
    since: error.at,
    findings: [{ detector: 'error', words: error.words, score: 1 }],
    waitFor: until !== undefined && until > now ? { until } : NO_WAIT,
  };
}
