/** The order of the approval queue, one for consoles and command line. */
import { RiskLevel } from './action.ts';
import type { RequestState } from './state.ts';

/**
 * Held requests: riskiest level first, then who has waited longest. What rests (was put off, or waits for others only)
 * comes last. The level and not the number ranks, so that a point more of risk does not outrank an hour of waiting.
 */
export function ranked(
  requests: Iterable<RequestState>,
  rests: (request: RequestState) => boolean,
): readonly RequestState[] {
  const level = (r: RequestState): number => RiskLevel.options.indexOf(r.facts.level);
  // A permitted or forbidden request is pending only for the moment until it is settled.
  return [...requests]
    .filter(r => r.verdict === 'hold')
    .sort(
      (a, b) => Number(rests(a)) - Number(rests(b)) || level(b) - level(a) || a.at - b.at || a.seq - b.seq,
    );
}
