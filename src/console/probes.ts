/** What the probes of an experiment see: told by its runner, shown, and forgotten. */
import { SERIES_KEPT } from '../model/resources.ts';
import type { ProbeReadings } from '../protocol/messages.ts';

export interface ProbeSeries {
  readonly experiment: string;
  readonly series: Readonly<Record<string, readonly number[]>>;
}

export const NO_PROBES: ProbeSeries = { experiment: '', series: {} };

/** With one more look; what cannot be measured is 0, so that it is seen to be away. */
export function withProbes(before: ProbeSeries, { experiment, probes }: ProbeReadings): ProbeSeries {
  const old = before.experiment === experiment ? before.series : {};
  const series = probes.map(({ name, value }) => {
    const values = Object.hasOwn(old, name) ? (old[name] ?? []) : [];
    return [name, [...values.slice(1 - SERIES_KEPT), value ?? 0]] as const;
  });
  return { experiment, series: Object.fromEntries(series) };
}
