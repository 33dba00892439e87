/** What breakers keep back: starts of one that is dead, and whatever asks its provider for something while it lives. */
import type { Picture } from './picture.ts';
import type { Anomaly } from './types.ts';

export function keptBack(anomaly: Anomaly, { alive, refusing }: Picture): Anomaly {
  const breakers = [...refusing].filter(name => name.startsWith(alive ? 'provider:' : 'start:'));
  return breakers.length === 0 ? anomaly : { ...anomaly, waitFor: { ...anomaly.waitFor, breakers } };
}
