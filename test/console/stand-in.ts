/**
 * The other end of the console's socket, for tests: the real protocol server and the real reducer, with the shortest
 * possible engine behind them. It keeps what it was asked, so that a test can look at it.
 */
import { HmsError } from '../../src/model/errors.ts';
import type { Draft, Event } from '../../src/model/event.ts';
import { SessionId } from '../../src/model/ids.ts';
import { reduce } from '../../src/model/reduce.ts';
import { EMPTY, type FleetState } from '../../src/model/state.ts';
import { OPERATOR_REQUESTS, PROTOCOL, type Welcome } from '../../src/protocol/messages.ts';
import { type RequestOf, type SocketServer, serve } from '../../src/protocol/server.ts';

type Request = RequestOf<typeof OPERATOR_REQUESTS>;
type Of<R extends Request['do']> = Extract<Request, { do: R }>['with'];

export interface StandIn {
  readonly path: string;
  /** Everything asked after hello. */
  readonly asked: readonly Request[];
  readonly state: () => FleetState;
  emit(...drafts: readonly Draft[]): void;
  /** To every console. */
  push(push: object): void;
  /** Ends it as a crash would, connections included. */
  close(): Promise<void>;
}

const ZEROS = '0'.repeat(64);

export async function standIn(
  path: string,
  start: readonly Draft[],
  clock: () => number = Date.now,
): Promise<StandIn> {
  let state = EMPTY;
  const events: Event[] = [];
  const asked: Request[] = [];
  let sessions = 0;
  let items = 0;

  const emit = (...drafts: readonly Draft[]): void => {
    for (const draft of drafts) {
      const event: Event = { ...draft, seq: state.seq + 1, time: clock(), prev: ZEROS };
      state = reduce(state, event);
      events.push(event);
      for (const peer of server?.peers() ?? [])
        if (peer.data.session !== '') peer.send({ push: 'event', event });
    }
  };
  const push = (push: object): void => {
    for (const peer of server?.peers() ?? []) peer.send(push);
  };
  let server: SocketServer<{ session: string }> | undefined;
  emit(...start);

  server = await serve({
    path,
    table: OPERATOR_REQUESTS,
    onConnect: () => ({ session: '' }),
    log: () => {},
    handle: (peer, request) => {
      if (request.do === 'hello') {
        if (request.with.as === 'mallory')
          throw new HmsError('unknown-operator', 'mallory is no operator of this fleet');
        const before = state;
        sessions += 1;
        peer.data.session = `s-${process.pid}-${sessions}-${clock()}`;
        const { session } = peer.data;
        const operator = request.with.as ?? 'alice';
        const mode = request.with.mode ?? 'watch';
        setImmediate(() =>
          emit({
            kind: 'operator.attached',
            actor: { type: 'operator', id: operator, via: 'console' },
            subject: `operator:${operator}`,
            data: { session: SessionId.parse(session), operator, role: 'lead', mode, client: 'console' },
          } as Draft),
        );
        const tmux = { socket: `${path}.tmux`, session: 'main' };
        const engine = { pid: process.pid, version: '0.0.0' };
        const tail = events.slice(-request.with.tail);
        return {
          protocol: PROTOCOL,
          session,
          operator,
          role: 'lead',
          mode,
          state: before,
          tail,
          tmux,
          engine,
          recordings: '',
          now: clock(),
        } satisfies Welcome;
      }
      asked.push(request);
      return answer(request, SessionId.parse(peer.data.session));
    },
  });

  function answer(request: Request, session: SessionId): object {
    const actor = { type: 'operator', id: 'alice', via: 'console' } as const;
    switch (request.do) {
      case 'mode.set':
        emit({
          kind: 'mode.changed',
          actor,
          subject: 'operator:alice',
          data: { session, from: state.sessions[session]?.mode ?? 'watch', to: request.with.mode },
        });
        return {};
      case 'approval.decide':
        decide(request.with, actor);
        return {};
      case 'approval.defer':
        emit({
          kind: 'approval.deferred',
          actor,
          subject: `request:${request.with.request}`,
          data: { request: request.with.request, until: clock() + request.with.minutes * 60_000 },
        });
        return {};
      case 'stage.add':
        items += 1;
        emit({
          kind: 'stage.added',
          actor,
          subject: 'operator:alice',
          data: { session, item: items, staged: request.with.staged },
        });
        return { item: items };
      case 'stage.drop':
      case 'stage.commit':
        emit({
          kind: request.do === 'stage.drop' ? 'stage.dropped' : 'stage.committed',
          actor,
          subject: 'operator:alice',
          data: { session, items: request.with.items },
        });
        return {};
      case 'lease.take': {
        const fence = (state.fences[`keyboard:${request.with.agent}`] ?? 0) + 1;
        emit({
          kind: 'lease.taken',
          actor,
          subject: `agent:${request.with.agent}`,
          data: { name: `keyboard:${request.with.agent}`, session, fence },
        });
        return { fence };
      }
      case 'lease.release': {
        const name = `keyboard:${request.with.agent}`;
        emit({
          kind: 'lease.released',
          actor,
          subject: `agent:${request.with.agent}`,
          data: { name, fence: state.fences[name] ?? 0, reason: 'given back' },
        });
        return {};
      }
      default:
        return {};
    }
  }

  function decide(
    { request, decision, digest, note, edit, evidence }: Of<'approval.decide'>,
    actor: Draft['actor'],
  ): void {
    const outcome = decision === 'deny' ? 'denied' : decision === 'override' ? 'overridden' : 'approved';
    emit(
      {
        kind: 'approval.decided',
        actor,
        subject: `request:${request}`,
        data: { request, decision, digest, note, edited: edit ? { input: edit, digest } : null, evidence },
      },
      {
        kind: 'gate.settled',
        actor,
        subject: `request:${request}`,
        data: { request, outcome, reason: `by ${actor.id}`, digest, grant: '' },
      },
    );
  }

  const serving = server;
  return { path, asked, state: () => state, emit, push, close: () => serving.close('gone') };
}
