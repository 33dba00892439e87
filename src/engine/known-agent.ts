/** The agent a request names. */
import { HmsError } from '../model/errors.ts';
import type { AgentId } from '../model/ids.ts';
import type { AgentState } from '../model/state.ts';
import type { Core } from './core.ts';

/** Throws HmsError `unknown-agent`. */
export function agentOf(core: Core, id: AgentId): AgentState {
  const agent = core.state.agents[id];
  if (!agent) {
    throw new HmsError(
      'unknown-agent',
      `there is no agent called ${id}`,
      `the agents are ${core.state.order.join(', ')}`,
    );
  }
  return agent;
}
