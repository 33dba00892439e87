/** What a driver's hook tells, as the journal records it. */
import type { HookMeaning } from '../../drivers/types.ts';
import type { Data, Draft } from '../../model/event.ts';
import type { Digest } from '../../model/ids.ts';
import { subject } from '../cell.ts';

/** The way in of a request that came by a hook; a sub-agent's carries its id. */
export function viaHook(driver: string, part: string | undefined): string {
  return part ? `hook:${driver}:${part}`.slice(0, 64) : `hook:${driver}`;
}

/** The part of the agent that a request of a hook is about; '' the main one. */
export function partOf(via: string): string {
  return via.split(':').slice(2).join(':');
}

export function conversationStarted(actor: Draft['actor'], agent: string, conversation: string): Draft {
  const data = { agent: agent as Data<'conversation.started'>['agent'], conversation };
  return { kind: 'conversation.started', actor, subject: subject.agent(agent), data };
}

/** A tool call that ran without asking. */
export function toolUsed(
  agent: string,
  { tool, exit, ms, outcome }: NonNullable<HookMeaning['effect']>,
  digest: Digest,
  title: string,
): Draft {
  const of = { agent: agent as Data<'tool.used'>['agent'], tool, digest, title, exit, ms };
  const data = { ...of, ...(outcome && { outcome }) };
  const actor: Draft['actor'] = { type: 'agent', id: agent, via: 'hook' };
  return { kind: 'tool.used', actor, subject: subject.agent(agent), data };
}

export function gatingChanged(
  actor: Draft['actor'],
  agent: string,
  gating: NonNullable<HookMeaning['gating']>,
): Draft {
  const data = { agent: agent as Data<'gating.changed'>['agent'], ...gating };
  return { kind: 'gating.changed', actor, subject: subject.agent(agent), data };
}
