/** What people decide about healing. */
import type { Healer } from '../cells/healer/healer.ts';
import type { Operators, Session } from '../cells/operators.ts';
import type { OPERATOR_REQUESTS } from '../protocol/messages.ts';
import type { RequestOf } from '../protocol/server.ts';
import type { Core } from './core.ts';
import { agentOf } from './known-agent.ts';

interface HealDesk {
  readonly core: Core;
  readonly operators: Operators;
  readonly healer: Pick<Healer, 'setLevel' | 'dismiss'>;
}

type HealRequest = Extract<RequestOf<typeof OPERATOR_REQUESTS>, { do: `heal.${string}` }>;

export function carryOutHeal(
  { core, operators, healer }: HealDesk,
  session: Session,
  request: HealRequest,
): unknown {
  const actor = operators.actor(session);
  operators.require(session, 'operate');
  switch (request.do) {
    case 'heal.set-level':
      agentOf(core, request.with.agent);
      return healer.setLevel(request.with.agent, request.with.level, actor);
    case 'heal.dismiss':
      return healer.dismiss(request.with.incident, actor);
  }
}
