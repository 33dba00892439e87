/** People and healing: what they are asked when nothing is left, and what becomes moot. */
import type { Action } from '../../model/action.ts';
import { AgentId } from '../../model/ids.ts';
import type { FleetState, RequestState } from '../../model/state.ts';

/** The tool of the request by which a person is asked, once nothing is left to try. */
export const ASK_TOOL = 'heal.restart';

export function questionOf(agent: AgentId, incident: string, words: string, cwd: string): Action {
  const about = `start ${agent} afresh: ${words}`;
  return { tool: ASK_TOOL, input: { agent, incident, reason: words, about }, cwd: cwd || '/' };
}

/** A request of the healer that was answered just now, of those that are kept. */
export function answerOf({ settled }: FleetState, id: string): RequestState | undefined {
  const request = settled.find(one => one.id === id);
  return request?.via === 'cell' && request.action.tool.startsWith('heal.') ? request : undefined;
}

/** Whether it says yes to another start, which is still to be made; of which agent. */
export function startAgreed({ agent, action, outcome, exit }: RequestState): AgentId | undefined {
  const yes = outcome === 'approved' || outcome === 'overridden' || outcome === 'permitted';
  if (action.tool !== ASK_TOOL || !yes || exit !== null) return undefined;
  return AgentId.safeParse(agent).data;
}

/** What waits for an answer about this incident. */
export function askedAbout({ pending }: FleetState, incident: string): readonly RequestState[] {
  return Object.values(pending).filter(
    ({ via, action }) =>
      via === 'cell' && action.tool.startsWith('heal.') && action.input['incident'] === incident,
  );
}
