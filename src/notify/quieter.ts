/** How long notifications of a rule should be gathered, by playing again what it has told people lately. Pure; ms. */
import type { CellProposal } from '../model/cell.ts';
import { plural, spanWords } from '../model/text.ts';
import { type Gathering, gathered, windowEnded } from './gather.ts';

/** More than one in this time is a lot for somebody who does other things. */
const ONE_IN_MS = 600_000;
const LONGEST_MS = 600_000;
/** Fewer say nothing. */
const LEAST = 12;

/** @param times of what was told by the rule, oldest first */
export function quieter(rule: string, times: readonly number[], gatherMs: number): CellProposal | null {
  const spanMs = (times.at(-1) ?? 0) - (times[0] ?? 0);
  if (times.length < LEAST || gatherMs >= LONGEST_MS) return null;
  const most = Math.ceil(spanMs / ONE_IN_MS) + 1;
  const now = told(times, gatherMs);
  if (now <= most) return null;
  let to = Math.max(1000, gatherMs);
  while (to < LONGEST_MS && told(times, to) > most) to = Math.min(LONGEST_MS, to * 2);
  const then = told(times, to);
  if (then >= now) return null;
  return {
    parameter: `notifications.${rule}.gather`,
    from: `${gatherMs / 1000}s`,
    to: `${Math.round(to / 1000)}s`,
    gain: `${plural(then, 'notification')} instead of ${now}; the first of each bout still comes at once`,
    evidence: `the last ${times.length} occasions, within ${spanWords(spanMs)}, played again`,
  };
}

/** How often people would have been told. */
function told(times: readonly number[], windowMs: number): number {
  let gathering: Gathering<number> | undefined;
  let count = 0;
  const passTo = (at: number): void => {
    while (gathering && gathering.until <= at) {
      const ended = windowEnded(gathering, gathering.until, () => true);
      gathering = ended.gathering;
      if (ended.now.length > 0) count += 1;
    }
  };
  for (const at of times) {
    passTo(at);
    const next = gathered(gathering, at, at, windowMs);
    gathering = next.gathering;
    if (next.now.length > 0) count += 1;
  }
  passTo(Number.MAX_SAFE_INTEGER);
  return count;
}
