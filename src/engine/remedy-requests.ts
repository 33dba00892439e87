/** What people ask about what healing goes back to and goes on with. */
import type { Operators, Session } from '../cells/operators.ts';
import type { Snapshots } from '../cells/snapshots.ts';
import type { Swaps } from '../cells/swaps.ts';
import { HmsError } from '../model/errors.ts';
import type { OPERATOR_REQUESTS } from '../protocol/messages.ts';
import type { RequestOf } from '../protocol/server.ts';
import { agentOf } from './known-agent.ts';
import { bringBack, type UndoDesk, undo } from './undo.ts';

export interface RemedyDesk extends UndoDesk {
  readonly operators: Operators;
  readonly snapshots: Snapshots;
  readonly swaps: Swaps;
}

type RemedyRequest = Extract<RequestOf<typeof OPERATOR_REQUESTS>, { do: `remedy.${string}` }>;

export async function carryOutRemedy(
  desk: RemedyDesk,
  session: Session,
  request: RemedyRequest,
): Promise<unknown> {
  const { core, operators, snapshots, swaps } = desk;
  const actor = operators.actor(session);
  operators.require(session, request.do === 'remedy.snapshots' ? 'look' : 'operate');
  if (request.do === 'remedy.undo') return undo(desk, request.with.incident, actor);
  const { agent } = request.with;
  agentOf(core, agent);
  switch (request.do) {
    case 'remedy.swap': {
      const { to } = request.with;
      const detail = `by ${session.operator}`;
      if (to === '') return swaps.back(agent, { actor, detail });
      return swaps.swap(agent, to, { actor, detail, until: 0 });
    }
    case 'remedy.snapshots':
      return snapshots.list(agent);
    case 'remedy.snapshot': {
      const number = await snapshots.take(agent, actor, `by ${session.operator}`);
      return { snapshot: number ?? null };
    }
    case 'remedy.restore':
      if (core.state.agents[agent]?.freeze)
        throw new HmsError('frozen', `${agent} is frozen`, 'thaw it first: hms thaw');
      return { done: await bringBack(desk, agent, request.with.snapshot, actor) };
  }
}
