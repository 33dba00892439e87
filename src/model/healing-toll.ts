/** What the incidents that are kept came to: how soon they were noticed and over, by what, and at what price. Pure. */
import type { IncidentResult } from './incident.ts';
import type { ClosedIncident } from './incident-state.ts';
import { plural, spanWords } from './text.ts';

export interface Toll {
  /** Those that are over, without what was no trouble or was just let go. */
  readonly incidents: number;
  /** Mean times from when it began, as far as one can tell, until it was noticed (MTTD) and over (MTTR), ms. */
  readonly detectMs: number;
  readonly repairMs: number;
  readonly by: Readonly<Record<Exclude<IncidentResult, 'closed'>, number>>;
  /** Starts that did not help, and work to be done again, ms. */
  readonly wasted: number;
  readonly lostMs: number;
}

export function tollOf(healed: readonly ClosedIncident[]): Toll {
  const by = { recovered: 0, organic: 0, person: 0, 'false-alarm': 0 };
  const real: ClosedIncident[] = [];
  for (const one of healed) {
    if (one.result === 'closed') continue;
    // An end that its restart policy saw to tells no result: it was brought back.
    by[one.result ?? 'recovered'] += 1;
    if (one.result !== 'false-alarm' && one.ms > 0) real.push(one);
  }
  const mean = (of: (one: ClosedIncident) => number): number =>
    real.length === 0 ? 0 : Math.round(real.reduce((sum, one) => sum + of(one), 0) / real.length);
  return {
    incidents: real.length,
    detectMs: mean(({ at, ladder }) => Math.max(0, at - (ladder?.since ?? at))),
    repairMs: mean(({ ms }) => ms),
    by,
    wasted: real.reduce((sum, { cost }) => sum + (cost?.wasted ?? 0), 0),
    lostMs: real.reduce((sum, { cost }) => sum + (cost?.lostMs ?? 0), 0),
  };
}

/** In a line; '' where nothing is over. */
export function tollWords({ incidents, detectMs, repairMs, by, wasted, lostMs }: Toll): string {
  if (incidents === 0 && by['false-alarm'] === 0) return '';
  const parts = [
    `${plural(incidents, 'incident')} over: noticed after ${spanWords(detectMs)}, repaired in ${spanWords(repairMs)} on average`,
    ...(by.organic > 0 ? [`${by.organic} by itself`] : []),
    ...(by.person > 0 ? [`${by.person} by a person`] : []),
    ...(by['false-alarm'] > 0 ? [`${plural(by['false-alarm'], 'false alarm')}`] : []),
    ...(wasted > 0 ? [`${plural(wasted, 'start')} in vain`] : []),
    ...(lostMs > 0 ? [`${spanWords(lostMs)} of work lost`] : []),
  ];
  return parts.join(' · ');
}
