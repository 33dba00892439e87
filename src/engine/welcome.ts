/** What somebody who connects is told first: who they are here, and how everything stands. */
import type { Operators } from '../cells/operators.ts';
import type { Recorder } from '../cells/recorder.ts';
import type { JournalReader } from '../journal/types.ts';
import { HmsError } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import { type OperatorWith, PROTOCOL, type Welcome } from '../protocol/messages.ts';
import type { Peer } from '../protocol/server.ts';
import type { TmuxServer } from '../tmux/types.ts';
import type { Core } from './core.ts';
import type { OperatorPeer } from './operator-requests.ts';

interface WelcomeDesk {
  readonly core: Core;
  readonly journal: JournalReader;
  readonly operators: Operators;
  readonly recorder: Recorder;
  readonly tmux: TmuxServer;
  readonly version: string;
}

/** Throws HmsError `protocol` when the two do not understand each other. */
export function welcome(desk: WelcomeDesk, peer: Peer<OperatorPeer>, hello: OperatorWith<'hello'>): Welcome {
  if (hello.protocol !== PROTOCOL) {
    throw new HmsError(
      'protocol',
      `this engine speaks protocol ${PROTOCOL}, not ${hello.protocol}`,
      'hms-tui down and up again with the same version of hms-tui',
    );
  }
  const { core, operators } = desk;
  const state = core.durableState;
  const tail = tailOf(desk.journal, state.seq, hello.tail);
  const session = operators.attach({
    as: hello.as,
    mode: hello.mode,
    client: hello.client,
    follows: hello.follow && hello.client !== 'recorder' && hello.client !== 'chaos',
  });
  peer.data.session = session;
  peer.onClose(() => operators.detach(session, 'disconnected'));
  if (hello.client === 'recorder') peer.onClose(() => desk.recorder.gone());
  if (hello.follow) peer.data.cursor = state.seq;
  return {
    protocol: PROTOCOL,
    session: session.id,
    operator: session.operator,
    role: session.role,
    mode: session.mode,
    state,
    tail,
    tmux: { socket: desk.tmux.socket, session: desk.tmux.session },
    engine: { pid: process.pid, version: desk.version },
    recordings: desk.recorder.folder,
    now: core.now(),
  };
}

function tailOf(journal: JournalReader, to: number, limit: number): readonly Event[] {
  if (limit === 0 || to === 0) return [];
  return [...journal.read({ to, reverse: true, limit })].reverse();
}
