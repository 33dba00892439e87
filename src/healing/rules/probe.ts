/** A live probe has failed so often that it is believed. */
import { type Detector, type Look, NO_WAIT } from '../detector.ts';
import type { Anomaly } from '../types.ts';

export const liveProbe: Detector = {
  name: 'probe',
  see: (_, look) => judge(look),
  nextLook: () => Number.POSITIVE_INFINITY,
};

/**
 * What it cannot do without is asked first: an agent whose service is down must not be restarted for that (or an
 * outage of the service becomes a storm of restarts).
 */
function judge({ picture, config, now }: Look): Anomaly | undefined {
  if (!picture.alive || picture.probes.size === 0) return undefined;
  for (const [name, run] of picture.probes) {
    const threshold = config.probes[name]?.failures ?? 1;
    if (run.purpose !== 'live' || run.ok || run.streak < threshold) continue;
    const down = [...picture.downDependencies];
    const words = `probe ${name} failed ${run.streak} times: ${run.words}`;
    return {
      fault: down.length > 0 ? 'dependency' : 'hang',
      at: now,
      since: run.since,
      findings: [{ detector: 'probe', words, score: 1 }],
      waitFor: down.length > 0 ? { dependencies: down } : NO_WAIT,
    };
  }
  return undefined;
}
