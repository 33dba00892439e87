/** How soon a policy has got used to the shift: what it costs beyond the oracle's falls back to what it does later on. */
import { sum } from '../../src/healing/evolve/paired.ts';
import { COURSE_MS } from '../../src/healing/simulate/score.ts';
import type { Judged, Setting } from './measure.ts';

/** Spans that are taken together, and the share above its later regret that counts as adapted. */
const SPANS = 3;
const ADAPTED = 1.1;

/** Minutes until its regret over a quarter of an hour is at most a tenth above that of the second half after the shift. */
export function adaptedAfter(judged: Judged, oracle: Judged, { shiftAt, durationMs }: Setting): number {
  const regret = judged.course.map((cost, at) => cost - (oracle.course[at] ?? 0));
  const [from, to] = [Math.floor(shiftAt / COURSE_MS), Math.floor(durationMs / COURSE_MS)];
  const mean = (begin: number, end: number): number => sum(regret.slice(begin, end)) / (end - begin);
  const later = mean(Math.floor((from + to) / 2), to);
  for (let at = from; at + SPANS <= to; at += 1)
    if (mean(at, at + SPANS) <= ADAPTED * later) return ((at - from) * COURSE_MS) / 60_000;
  return Number.POSITIVE_INFINITY;
}
