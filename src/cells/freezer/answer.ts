/** How each agent stands, for whoever used the brake. */
import type { FreezeState } from '../../model/freeze.ts';
import type { FleetState } from '../../model/state.ts';
import type { Stopped } from '../../processes/stop.ts';
import type { FreezeAnswer } from '../../protocol/messages.ts';
import { resisting } from './drafts.ts';

/** @param found what was seen of agents whose freeze could not be written down yet */
export function answerFor(state: FleetState, found: ReadonlyMap<string, Stopped>): FreezeAnswer {
  const agents = Object.values(state.agents).map(({ id, alive, freeze }) => {
    const seen = found.get(id);
    if (freeze) {
      const is = freeze.is === 'frozen' ? ('frozen' as const) : ('partly frozen' as const);
      return { agent: id, state: is, ...pick(freeze) };
    }
    if (seen) {
      const is = seen.running.length === 0 ? ('frozen' as const) : ('partly frozen' as const);
      const counts = { stopped: seen.stopped.length, running: seen.running.length };
      return { agent: id, state: is, ...counts, resisting: resisting(seen) };
    }
    const is = alive ? ('running' as const) : ('not running' as const);
    return { agent: id, state: is, stopped: 0, running: 0, resisting: [] };
  });
  return { agents, recorded: found.size === 0 };
}

function pick({ stopped, running, resisting }: FreezeState) {
  return { stopped, running, resisting };
}
