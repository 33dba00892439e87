/** What reducers of events share: their type, and small changes of one part of the state. */
import type { EventOf, Kind } from './event.ts';
import type { AgentState, FleetState, Totals } from './state.ts';

export type Reducers = { readonly [K in Kind]?: (state: FleetState, event: EventOf<K>) => FleetState };

export function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record;
  const { [key]: _gone, ...rest } = record;
  return rest;
}

export function onAgent(
  state: FleetState,
  id: string,
  change: (agent: AgentState) => Partial<AgentState>,
): FleetState {
  const agent = state.agents[id];
  if (!agent) return state;
  return { ...state, agents: { ...state.agents, [id]: { ...agent, ...change(agent) } } };
}

export function count(state: FleetState, more: Partial<Record<keyof Totals, number>>): FleetState {
  const totals = { ...state.totals };
  for (const key of Object.keys(more) as (keyof Totals)[]) totals[key] += more[key] ?? 0;
  return { ...state, totals };
}
