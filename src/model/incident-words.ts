/** Incidents in words: the same in consoles and on the command line. Pure. */
import type { ClosedIncident, IncidentState, RungState } from './incident-state.ts';
import { oneLine, spanWords } from './text.ts';

export const RUNG_MARK: Readonly<Record<Exclude<RungState['result'], null> | 'open', string>> = {
  open: '…',
  recovered: '✔',
  failed: '✖',
  refused: '⊘',
};

/** `interrupt did not help after 3.0 s: no sign of life`. */
export function rungWords({ strategy, result, detail, ms, at, patienceMs }: RungState, now: number): string {
  const why = detail ? `: ${oneLine(detail, 160)}` : '';
  switch (result) {
    case null:
      return `${strategy} is being watched for ${spanWords(Math.max(0, now - at))} of at most ${spanWords(patienceMs)}`;
    case 'recovered':
      return `${strategy} helped in ${spanWords(ms)}`;
    case 'failed':
      return `${strategy} did not help within ${spanWords(ms)}${why}`;
    case 'refused':
      return `${strategy} was not possible${why}`;
  }
}

/** What is happening about an open incident, in a line. */
export function progressWords({ ladder, detail }: IncidentState, now: number): string {
  if (!ladder) return `its restart policy sees to it: ${oneLine(detail, 120)}`;
  if (ladder.asked) return `nothing is left to try: ${ladder.asked} asks a person`;
  if (ladder.waits) return `waits ${oneLine(ladder.waits, 120)}`;
  const last = ladder.rungs.at(-1);
  return last ? rungWords(last, now) : oneLine(detail, 120);
}

/** Why it was tried, and what else could have been: `restart 62 % (12 s), resume 38 % (20 s)`. */
export function choiceWords({ candidates }: Pick<RungState, 'candidates'>): string {
  return candidates
    .toSorted((a, b) => b.propensity - a.propensity)
    .map(({ strategy, propensity, cost }) => {
      const price = cost === undefined ? '' : ` (${cost.toFixed(cost < 10 ? 1 : 0)} s)`;
      return `${strategy} ${Math.round(propensity * 100)} %${price}`;
    })
    .join(', ');
}

/** ms from trouble to its end of those that ended well, oldest first: what the trend is made of. */
export function repairTimes(healed: readonly ClosedIncident[]): readonly number[] {
  return healed
    .filter(({ ms, result }) => ms > 0 && result !== 'false-alarm' && result !== 'closed')
    .map(({ ms }) => ms)
    .reverse();
}
