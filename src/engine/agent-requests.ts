/** What each request of an agent does. Whose it is says the token of the connection, never the request. */

import { subject } from '../cells/cell.ts';
import type { Gatekeeper } from '../cells/gatekeeper/gatekeeper.ts';
import type { Healer } from '../cells/healer/healer.ts';
import type { Messages } from '../cells/messages/messages.ts';
import { told } from '../cells/messages/told.ts';
import type { StatusTeller } from '../cells/status.ts';
import type { Driver } from '../drivers/types.ts';
import type { Asker } from '../gate/types.ts';
import { HmsError } from '../model/errors.ts';
import type { Draft } from '../model/event.ts';
import type { JsonObject } from '../model/json.ts';
import { AGENT_PROTOCOL, type AGENT_REQUESTS, type HookAnswer } from '../protocol/messages.ts';
import type { Peer, RequestOf } from '../protocol/server.ts';
import type { Core } from './core.ts';
import type { Tokens } from './tokens.ts';

/** Messages looked at for one hook. */
const TOLD_AT_ONCE = 20;

export interface AgentPeer {
  agent: string;
  readonly gone: AbortController;
}

interface AgentDesk {
  readonly core: Core;
  readonly tokens: Tokens;
  readonly gatekeeper: Gatekeeper;
  readonly status: StatusTeller;
  readonly messages: Messages;
  readonly healer: Healer;
  askerOf(agent: string): Asker;
  driverOf(agent: string): Driver | undefined;
}

type Request = RequestOf<typeof AGENT_REQUESTS>;

export async function handleAgent(
  desk: AgentDesk,
  peer: Peer<AgentPeer>,
  request: Request,
): Promise<unknown> {
  const { core, gatekeeper } = desk;
  if (request.do === 'hello') return greet(desk, peer, request.with);
  const { agent, gone } = peer.data;
  if (request.do === 'beat') {
    if (!core.isHeld(desk.healer.name)) desk.healer.sensing.beat(agent);
    return {};
  }
  core.requireJournal();
  switch (request.do) {
    case 'gate.ask': {
      const { request: id, action, edit, note } = request.with;
      const can = { edit, note };
      const answer = gatekeeper.ask(
        desk.askerOf(agent),
        { request: id, action, can, via: 'gate' },
        gone.signal,
      );
      void tellHeld(core, peer, id);
      return answer;
    }
    case 'gate.effect':
      gatekeeper.effect(agent, request.with);
      break;
    case 'hook':
      return withMessages(
        desk,
        agent,
        request.with.payload,
        await gatekeeper.hook(agent, request.with.request, request.with.payload, gone.signal),
        gone.signal,
      );
    case 'report':
      desk.status.report(agent, {
        status: request.with.status,
        evidence: { source: 'protocol', detail: request.with.detail, sure: 1 },
      });
      break;
    case 'message': {
      const sent = desk.messages.send(actorOf(agent), request.with);
      await core.durable;
      return sent;
    }
    case 'message.list': {
      const { unread, limit } = request.with;
      const reader = subject.agent(agent);
      return { messages: desk.messages[unread ? 'unread' : 'list'](reader, limit) };
    }
    case 'message.read':
      desk.messages.markRead(actorOf(agent), request.with.to);
      break;
    case 'message.wait':
      return desk.messages.wait(subject.agent(agent), gone.signal);
  }
  await core.durable;
  return {};
}

function actorOf(agent: string): Draft['actor'] {
  return { type: 'agent', id: agent, via: 'agent.sock' };
}

/** What waits for the agent goes along with an answer its model reads; from then on it has been given it. */
function withMessages(
  { core, messages, driverOf }: AgentDesk,
  agent: string,
  payload: JsonObject,
  answer: HookAnswer,
  gone: AbortSignal,
): HookAnswer {
  const away = gone.aborted || core.isIsolated(messages.name);
  const waiting = away ? undefined : told(messages.unread(subject.agent(agent), TOLD_AT_ONCE));
  const full = waiting && driverOf(agent)?.tell?.(payload, answer, waiting.words);
  if (!waiting || !full) return answer;
  messages.markRead(actorOf(agent), waiting.to);
  return full;
}

/** The asker may say to whoever looks at its pane that it waits, and why. */
async function tellHeld(core: Core, peer: Peer<AgentPeer>, request: string): Promise<void> {
  await core.durable;
  const pending = core.state.pending[request];
  if (pending) peer.send({ push: 'held', request, why: pending.why });
}

function greet(desk: AgentDesk, peer: Peer<AgentPeer>, hello: { protocol: number; token: string }): unknown {
  if (hello.protocol !== AGENT_PROTOCOL) {
    throw new HmsError(
      'protocol',
      `this engine speaks protocol ${AGENT_PROTOCOL}, not ${hello.protocol}`,
      'restart the agent',
    );
  }
  const known = desk.tokens.read(hello.token);
  const agent = known && desk.core.state.agents[known.agent];
  if (!known || !agent)
    throw new HmsError(
      'bad-token',
      'this token is not one of this fleet',
      'run inside an agent of the fleet',
    );
  // An agent that has just been started may say hello before its start is written down: one ahead is its own.
  if (known.incarnation < agent.incarnation) {
    throw new HmsError(
      'old-token',
      `this token belongs to an earlier run of ${known.agent}`,
      'that run has been replaced',
    );
  }
  peer.data.agent = known.agent;
  peer.onClose(() => peer.data.gone.abort());
  return { agent: known.agent, fleet: desk.core.state.fleet };
}
