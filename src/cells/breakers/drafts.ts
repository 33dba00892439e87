/** What a change of a breaker is in the journal. Pure. */
import type { BreakerSnapshot, Transition } from '../../healing/breaker/breaker.ts';
import { type BreakerName, kindOf } from '../../model/breaker.ts';
import type { Draft } from '../../model/event.ts';
import { AgentId } from '../../model/ids.ts';
import { subject } from '../cell.ts';

export function draftOf(
  name: BreakerName,
  { to, cause }: Transition,
  { waitLeft, openings, tally }: BreakerSnapshot,
  { actor, why }: { readonly actor: Draft['actor']; readonly why: string },
): Draft {
  const about = { actor, subject: subjectOf(name) };
  const data = { breaker: name, why: why.slice(0, 400) };
  switch (to) {
    case 'open': {
      const counted =
        'tally' in cause
          ? cause.tally
          : 'failed' in cause
            ? { ...tally, calls: cause.failed, failed: cause.failed }
            : tally;
      return {
        kind: 'breaker.opened',
        ...about,
        data: { ...data, ...counted, waitMs: Math.round(waitLeft), openings },
      };
    }
    case 'half-open':
      return { kind: 'breaker.half-opened', ...about, data };
    case 'closed':
      return { kind: 'breaker.closed', ...about, data };
    case 'isolated':
      return { kind: 'breaker.isolated', ...about, data };
  }
}

/** Of an agent's start and probes, the agent. */
export function subjectOf(name: BreakerName): string {
  const kind = kindOf(name);
  if (kind !== 'start' && kind !== 'probe') return subject.fleet;
  const agent = AgentId.safeParse(name.slice(kind.length + 1).split('/')[0]);
  return agent.success ? subject.agent(agent.data) : subject.fleet;
}
