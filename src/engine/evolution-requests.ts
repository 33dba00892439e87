/** What people ask of evolution: how far it is, to have it at work now, to have something proposed, to take a tuning back. */
import { randomInt } from 'node:crypto';
import type { Operators, Session } from '../cells/operators.ts';
import type { Optimizer } from '../cells/optimizer/optimizer.ts';
import type { OPERATOR_REQUESTS } from '../protocol/messages.ts';
import type { Peer, RequestOf } from '../protocol/server.ts';
import type { OperatorPeer } from './operator-requests.ts';

export interface EvolutionDesk {
  readonly optimizer: Optimizer;
}

type EvolutionRequest = Extract<RequestOf<typeof OPERATOR_REQUESTS>, { do: `evolution.${string}` }>;

export function carryOutEvolution(
  { operators, optimizer }: EvolutionDesk & { readonly operators: Operators },
  session: Session,
  request: EvolutionRequest,
  peer: Peer<OperatorPeer>,
): unknown {
  operators.require(session, request.do === 'evolution.look' ? 'look' : 'operate');
  const by = session.operator;
  switch (request.do) {
    case 'evolution.look':
      return optimizer.look();
    case 'evolution.begin': {
      const { steps, seed = randomInt(2 ** 31) } = request.with;
      const run = optimizer.begin({ by, steps, seed });
      // Whoever has had enough leaves; what was done is kept.
      peer.onClose(() => optimizer.end(run));
      return { run };
    }
    case 'evolution.propose':
      return {
        run: optimizer.begin({
          by,
          steps: 0,
          seed: randomInt(2 ** 31),
          propose: request.with.cell ?? 'best',
        }),
      };
    case 'evolution.revert':
      return { from: optimizer.revert(operators.actor(session), request.with.reason) };
  }
}
