/**
 * How long a hold should wait for people, from how long they have taken. Pure. Answers are taken to come at a constant
 * rate; a request that expired says only that it took longer (maximum likelihood of a censored exponential).
 */
import type { CellProposal } from '../../model/cell.ts';
import type { RequestState } from '../../model/state.ts';
import { plural, spanWords } from '../../model/text.ts';

/** Fewer say nothing. */
const LEAST = 5;
/** A share of expired requests that is put up with, and the one that is aimed at. */
const PUT_UP_WITH = 0.1;
const AIM = 0.05;
const LONGEST_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;

export function betterTtl(settled: readonly RequestState[], ttlMs: number): CellProposal | null {
  if (ttlMs === 0) return null;
  const held = settled.filter(
    ({ verdict, via, expires }) => verdict === 'hold' && via !== 'cell' && expires > 0,
  );
  const answered = held.filter(({ outcome }) => outcome !== 'expired' && outcome !== 'withdrawn');
  const expired = held.filter(({ outcome }) => outcome === 'expired');
  const all = answered.length + expired.length;
  if (all < LEAST || answered.length === 0 || expired.length / all <= PUT_UP_WITH) return null;
  const waited = [...answered, ...expired].reduce(
    (sum, { at, settledAt }) => sum + Math.max(0, settledAt - at),
    0,
  );
  const meanMs = waited / answered.length;
  const wanted = Math.ceil((-Math.log(AIM) * meanMs) / MINUTE_MS) * MINUTE_MS;
  const to = Math.min(LONGEST_MS, wanted);
  if (to <= ttlMs) return null;
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  return {
    parameter: 'approvals.ttl',
    from: `${Math.round(ttlMs / 1000)}s`,
    to: `${to / MINUTE_MS}m`,
    gain: `${percent(Math.exp(-to / meanMs))} of what is asked would end without an answer, not ${percent(expired.length / all)}`,
    evidence: `${expired.length} of the last ${plural(all, 'held request')} expired; an answer takes ${spanWords(Math.round(meanMs))} on average`,
  };
}
