/** What is asked about experiments: by their runners, by people who agree, and by whoever has had enough. */
import type { Chaos } from '../cells/chaos.ts';
import type { Operators, Session } from '../cells/operators.ts';
import { HmsError } from '../model/errors.ts';
import type { OPERATOR_REQUESTS, Push } from '../protocol/messages.ts';
import type { Peer, RequestOf } from '../protocol/server.ts';
import type { Core } from './core.ts';
import type { OperatorPeer } from './operator-requests.ts';

interface ChaosDesk {
  readonly core: Core;
  readonly operators: Operators;
  readonly chaos: Chaos;
  toFollowers(push: Push): void;
}

type ChaosRequest = Extract<RequestOf<typeof OPERATOR_REQUESTS>, { do: `chaos.${string}` }>;

export function carryOutChaos(
  { operators, chaos, toFollowers }: ChaosDesk,
  session: Session,
  request: ChaosRequest,
  peer: Peer<OperatorPeer>,
): unknown {
  const actor = operators.actor(session);
  if (request.do === 'chaos.halt') {
    // Whoever may steer may stop it; only who may break things may go on breaking them.
    operators.require(session, 'operate');
    if (!request.with.on) operators.requireChaos(session);
    chaos.halt(actor, request.with.on, request.with.reason);
    return undefined;
  }
  if (session.client !== 'chaos')
    throw new HmsError('not-allowed', 'only the runner of an experiment may ask that', 'hms chaos run');
  const experiment = request.do === 'chaos.tell' ? request.with.data.experiment : request.with.experiment;
  // A game day's experiments come one after the other; an engine that is new learns of its runner by the first word.
  if (
    peer.data.experiment === '' ||
    (request.do === 'chaos.propose' && peer.data.experiment !== experiment)
  ) {
    peer.data.experiment = experiment;
    peer.onClose(chaos.connected(experiment));
  }
  if (peer.data.experiment !== experiment)
    throw new HmsError('not-allowed', `this is the runner of ${peer.data.experiment}: one connection each`);
  switch (request.do) {
    case 'chaos.propose': {
      operators.require(session, 'operate');
      const made = chaos.propose(session.operator, request.with);
      // A runner that goes before it was answered wants nothing any more.
      peer.onClose(() => chaos.forget(made.request));
      return made;
    }
    case 'chaos.tell':
      chaos.tell(actor, request.with);
      return undefined;
    case 'chaos.measure':
      toFollowers({ push: 'probes', readings: request.with });
      return undefined;
    case 'chaos.hang':
      chaos.hang(experiment, request.with.fault, request.with.forMs);
      return undefined;
  }
}

/** A yes to an experiment is not everybody's to give. Throws HmsError `not-allowed`. */
export function requireForChaos(
  { core, operators }: Pick<ChaosDesk, 'core' | 'operators'>,
  session: Session,
  { request: id, decision }: { readonly request: string; readonly decision: string },
): void {
  if (decision !== 'deny' && core.state.pending[id]?.facts.verb === 'Chaos') operators.requireChaos(session);
}
