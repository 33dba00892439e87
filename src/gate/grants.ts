/**
 * Grants: "like this, for a while", and how a lead's override of a forbidden action reaches the agent that asks again.
 * Each has an end, a number of uses and a reason, and can be revoked.
 */
import type { Action, Facts } from '../model/action.ts';
import { HmsError } from '../model/errors.ts';
import type { Draft } from '../model/event.ts';
import { type AgentId, type Digest, GrantId, type RequestId } from '../model/ids.ts';
import type { FleetState, GrantState, RequestState } from '../model/state.ts';
import { type By, operatorActor, requireRole, unknown } from './by.ts';
import { shapeOf } from './shape.ts';
import type { Asker, Verdict } from './types.ts';

/** How long a lead's override of a forbidden action waits for the agent to ask again, ms. */
export const OVERRIDE_MS = 600_000;

/** "Like this, for a while": every action of the same shape by the same agent. Never for ever, never for a forbid. */
export function issueGrant(
  state: FleetState,
  command: By & {
    readonly request: RequestId;
    readonly minutes: number;
    readonly uses: number;
    readonly reason: string;
    readonly now: number;
  },
): readonly Draft[] {
  const request = state.pending[command.request] ?? state.settled.find(r => r.id === command.request);
  if (!request) throw unknown(command.request);
  requireRole(command, request.from);
  if (request.verdict === 'forbid')
    throw new HmsError('cannot-grant', 'what is forbidden is not granted', 'a lead can override it once');
  if (request.needs > 1)
    throw new HmsError('cannot-grant', `${request.id} needs ${request.needs} people each time`);
  if (request.facts.level === 'critical')
    throw new HmsError('cannot-grant', 'critical actions are decided one by one');
  return [
    {
      kind: 'grant.issued',
      actor: operatorActor(command),
      subject: `agent:${request.agent}`,
      data: {
        grant: newGrant(state),
        agent: request.agent as AgentId,
        match: { digest: '', shape: shapeOf(request.action, request.facts) },
        uses: command.uses,
        expires: command.now + command.minutes * 60_000,
        override: false,
        reason: command.reason,
      },
    },
  ];
}

export function revokeGrant(
  state: FleetState,
  command: By & { readonly grant: GrantId; readonly reason: string },
): readonly Draft[] {
  requireRole(command, '');
  const grant = state.grants[command.grant];
  if (!grant) throw new HmsError('unknown-grant', `there is no grant ${command.grant}`);
  const data = { grant: command.grant, reason: command.reason };
  return [{ kind: 'grant.revoked', actor: operatorActor(command), subject: `agent:${grant.agent}`, data }];
}

/** One use, for exactly this action: the agent has been told no and must ask again. */
export function overrideGrant(
  state: FleetState,
  command: By & { readonly note: string; readonly now: number },
  request: RequestState,
): Draft {
  return {
    kind: 'grant.issued',
    actor: operatorActor(command),
    subject: `agent:${request.agent}`,
    data: {
      grant: newGrant(state),
      agent: request.agent as AgentId,
      match: { digest: request.digest, shape: '' },
      uses: 1,
      expires: command.now + OVERRIDE_MS,
      override: true,
      reason: command.note,
    },
  };
}

/** Ends grants that are used up or over, so that what is shown as in force is. */
export function spentGrants(state: FleetState, now: number): readonly Draft[] {
  return Object.values(state.grants).flatMap(({ id, agent, used, uses, expires }) => {
    if (used < uses && now < expires) return [];
    const data = { grant: id as GrantId, reason: used < uses ? 'its time is over' : 'used up' };
    const actor: Draft['actor'] = { type: 'cell', id: 'gatekeeper', via: 'engine' };
    return [{ kind: 'grant.revoked', actor, subject: `agent:${agent}`, data } satisfies Draft];
  });
}

/** What is asked, as far as a grant must know it. */
export interface Asked {
  readonly asker: Asker;
  readonly action: Action;
  readonly facts: Facts;
  readonly digest: Digest;
  readonly now: number;
}

/** A live grant that covers this action. Only an override reaches past a forbid. */
export function grantFor(state: FleetState, command: Asked, verdict: Verdict): GrantState | undefined {
  const shape = shapeOf(command.action, command.facts);
  return Object.values(state.grants).find(grant => {
    if (grant.agent !== command.asker.id || command.asker.type !== 'agent') return false;
    if (grant.used >= grant.uses || command.now >= grant.expires) return false;
    if (grant.override) return grant.digest === command.digest;
    return (
      verdict.is === 'hold' &&
      verdict.needs <= 1 &&
      (verdict.from !== 'lead' || state.operators[grant.by] === 'lead') &&
      command.facts.level !== 'critical' &&
      grant.shape === shape
    );
  });
}

export function grantWords({ override: isOverride, by, reason, used, uses }: GrantState): string {
  const what = isOverride ? `overridden by ${by}` : `granted by ${by}, use ${used + 1} of ${uses}`;
  return reason ? `${what}: ${reason}` : what;
}

/** One a commit at most, so the place it will have in the journal names it. */
function newGrant(state: FleetState): GrantId {
  return GrantId.parse(`g-${(state.seq + 1).toString(36).padStart(6, '0')}`);
}
