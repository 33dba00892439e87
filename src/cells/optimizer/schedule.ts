/** When evolution has a turn: rarely, sooner when something happens, and not at all while nothing does. Pure. */
import type { EvolutionConfig } from '../../model/evolution.ts';
import type { ClosedIncident, IncidentState } from '../../model/incident-state.ts';
import type { FleetState } from '../../model/state.ts';
import { openProposal } from './proposing.ts';

/** An incident is taken up so long after it opened, ms: what is tried first about it is known by then. */
const SOON_MS = 5000;
/** However much happens, there is a pause of this share of the time between two cycles. */
const PAUSE_SHARE = 0.2;

/** ms since the epoch, or why there will be none. */
export type NextCycle = { readonly at: number } | { readonly never: string };

export function evolutionaryAgents({
  agents,
  order,
}: Pick<FleetState, 'agents' | 'order'>): readonly string[] {
  return order.filter(id => {
    const agent = agents[id];
    return agent && !agent.removed && agent.healing?.level === 'evolutionary';
  });
}

export function nextCycle(state: FleetState, settings: EvolutionConfig | null, now: number): NextCycle {
  if (!settings) return { never: 'the fleet file has switched it off' };
  if (evolutionaryAgents(state).length === 0)
    return { never: 'no agent is healed at the level evolutionary' };
  const { cycle } = state.evolution;
  const last = cycle?.ended ?? 0;
  const began = cycle?.began ?? 0;
  const opened = Object.values(state.incidents).filter(isNew(began));
  const closed = state.healed.filter(one => isNew(began)(one) || (one.ladder && one.closed > began));
  // A challenge has to wait while another one is before people, or is tried.
  const due = cycle?.due === true && !openProposal(state) && !state.evolution.canary;
  if (opened.length + closed.length === 0 && !due)
    return { never: 'nothing has happened since the last cycle' };
  if (opened.length === 0) return { at: Math.max(now, last + settings.every) };
  const first = Math.min(...opened.map(({ at }) => at));
  return { at: Math.max(first + SOON_MS, last + PAUSE_SHARE * settings.every) };
}

/** What healing has a part in. */
const isNew =
  (since: number) =>
  ({ at, ladder }: IncidentState | ClosedIncident): boolean =>
    ladder !== undefined && at > since;
