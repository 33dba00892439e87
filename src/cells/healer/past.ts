/** What engines before have been through, for the next one to learn from. Pure. */
import { outcomesOf } from '../../healing/adapt/memory.ts';
import type { PastOutcome } from '../../healing/types.ts';
import type { HealingConfig } from '../../model/healing.ts';
import type { ClosedIncident } from '../../model/incident-state.ts';
import { incidentOf } from './telling.ts';

/** Outcomes of the incidents of one agent that are kept in the state. */
export function pastOutcomes(
  healed: readonly ClosedIncident[],
  agent: string,
  config: HealingConfig,
): readonly PastOutcome[] {
  return healed.flatMap(closed => {
    const incident = closed.agent === agent ? incidentOf(closed) : undefined;
    if (!incident || closed.result === null) return [];
    const { lostMs = 0, wasted = 0, tokens = 0 } = closed.cost ?? {};
    const cost = { downMs: closed.ms, lostMs, wasted, tokens };
    return outcomesOf({ incident, at: closed.closed, outcome: closed.result, cost }, [], config);
  });
}
