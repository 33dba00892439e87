/** What a console knows of agents' resources: the newest reading, and a value a second of the last minutes. */
import { extended, NO_SERIES, type Reading, type Sample, type Series } from '../model/resources.ts';
import type { AgentState } from '../model/state.ts';
import type { ConsoleState } from './state.ts';
import { agents } from './views.ts';

export interface ResourcesState {
  readonly reading: Reading | null;
  readonly series: Readonly<Record<string, Series>>;
}

export const NO_RESOURCES: ResourcesState = { reading: null, series: {} };

/** With one more reading; `history` comes with the first of a connection and has that reading in it. */
export function withReading(
  state: ResourcesState,
  reading: Reading,
  history: Readonly<Record<string, Series>> | undefined,
): ResourcesState {
  if (history) return { reading, series: history };
  const names = new Set([...Object.keys(state.series), ...Object.keys(reading.samples)]);
  const series = [...names].map(id => [id, extended(state.series[id] ?? NO_SERIES, reading.samples[id])]);
  return { reading, series: Object.fromEntries(series) };
}

/** Columns the resources can be sorted by, in their order. */
export const SORTS = ['agent', 'cpu', 'memory', 'threads', 'processes', 'output', 'tokens', 'cost'] as const;
export type Sort = (typeof SORTS)[number];

export interface UsageRow {
  readonly agent: AgentState;
  readonly sample: Sample | undefined;
  readonly series: Series;
}

/** Agents in the order of the column; names from a to z, everything else the most first. */
export function usageRows(state: ConsoleState, sort: Sort): readonly UsageRow[] {
  const { reading, series } = state.resources;
  const rows = agents(state).map(agent => ({
    agent,
    sample: reading?.samples[agent.id],
    series: series[agent.id] ?? NO_SERIES,
  }));
  if (sort === 'agent') return rows;
  return rows.toSorted((a, b) => amount(b, sort) - amount(a, sort) || a.agent.id.localeCompare(b.agent.id));
}

function amount({ agent, sample }: UsageRow, sort: Exclude<Sort, 'agent'>): number {
  switch (sort) {
    case 'cpu':
      return sample?.cpu ?? -1;
    case 'memory':
      return sample?.rss ?? -1;
    case 'threads':
      return sample?.threads ?? -1;
    case 'processes':
      return sample?.processes ?? -1;
    case 'output':
      return sample?.output ?? -1;
    case 'tokens':
      return agent.usage ? agent.usage.input + agent.usage.output : -1;
    case 'cost':
      return agent.usage?.cost ?? -1;
  }
}
