/** "Start it again?": what people are asked about agents whose restarts are spent. Pure. */
import type { FleetState, RequestState } from '../../model/state.ts';

const TOOLS: readonly string[] = ['agent.restart', 'heal.restart'];

/** Those about this agent that wait for an answer. */
export function restartQuestions(state: FleetState, agent: string): readonly RequestState[] {
  return all(state).filter(request => request.agent === agent);
}

/** Those about agents that the fleet file no longer has: no answer would do anything. */
export function mootQuestions(state: FleetState): readonly RequestState[] {
  return all(state).filter(request => state.agents[request.agent]?.removed ?? true);
}

function all({ pending }: FleetState): readonly RequestState[] {
  return Object.values(pending).filter(r => r.via === 'cell' && TOOLS.includes(r.action.tool));
}
