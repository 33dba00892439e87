/** What an agent is about, from what is known of it. Pure. */
import type { Doing } from '../../healing/types.ts';
import type { AgentState, FleetState } from '../../model/state.ts';

export interface Sensed {
  readonly doing: Doing;
  readonly words: string;
}

/** What else is known of it. */
interface Seen {
  /** Its driver says what it is about. */
  readonly reports: boolean;
  /** Its driver has reported an error that nothing has followed. */
  readonly failing: boolean;
  /** It waits for somebody to type, as its system tells; undefined where that is not known. */
  readonly reads: boolean | undefined;
}

export function doingOf(agent: AgentState, leases: FleetState['leases'], seen: Seen): Sensed {
  const { status, evidence } = agent;
  if (leases[`keyboard:${agent.id}`]) return { doing: 'waiting', words: 'a person has its keyboard' };
  if (seen.failing) return { doing: 'unknown', words: evidence.detail };
  if (status === 'asking') return { doing: 'waiting', words: evidence.detail };
  if (!seen.reports && ['screen', 'process', 'engine'].includes(evidence.source)) {
    // What is only guessed from a silent screen is no proof of idleness: a hang looks the same.
    return seen.reads
      ? { doing: 'waiting', words: 'waits for somebody to type' }
      : { doing: 'working', words: evidence.detail };
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
