/** What an agent is about, from what is known of it. Pure. */
import type { Doing } from '../../healing/types.ts';
import type { AgentState, FleetState } from '../../model/state.ts';

export interface Sensed {
  readonly doing: Doing;
  readonly words: string;
}

/**
 * @param failing its driver has reported an error that nothing has followed
 * @param reads it waits for somebody to type, as its system tells; undefined where that is not known
 */
export function doingOf(
  agent: AgentState,
  leases: FleetState['leases'],
  failing: boolean,
  reads: boolean | undefined,
): Sensed {
  const { status, evidence } = agent;
  if (leases[`keyboard:${agent.id}`]) return { doing: 'waiting', words: 'a person has its keyboard' };
  if (failing) return { doing: 'unknown', words: evidence.detail };
  if (status === 'asking') return { doing: 'waiting', words: evidence.detail };
  // What is only guessed from a silent screen is no proof of idleness: a hang looks the same.
  if (evidence.source === 'screen' || evidence.source === 'process') {
    if (reads) return { doing: 'waiting', words: 'waits for somebody to type' };
    if (evidence.source === 'screen') return { doing: 'working', words: evidence.detail };
  }
  switch (status) {
    case 'waiting':
    case 'idle':
    case 'working':
    case 'starting':
      return { doing: status, words: evidence.detail };
    default:
      return { doing: 'unknown', words: evidence.detail };
  }
}
