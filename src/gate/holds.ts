/**
 * The life of a request at the gate, as functions from the fleet's state to the events that follow. Nothing here
 * has a clock, a memory or a way out: what is decided depends on the arguments alone, and a restart in the middle
 * changes nothing.
 *
 * A request ends exactly once. Only `permitted`, `approved` and `overridden` let anything run, and what runs is the
 * action whose digest stands in `gate.settled`.
 */
import type { Action, Facts } from '../model/action.ts';
import { HmsError } from '../model/errors.ts';
import type { Data, DecisionEvidence, Draft, Outcome } from '../model/event.ts';
import type { AgentId, Digest, GrantId, RequestId } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { Role } from '../model/mode.ts';
import type { FleetState, GrantState, RequestState } from '../model/state.ts';
import type { GateAnswer } from '../protocol/messages.ts';
import { type By, operatorActor, requireRole, unknown } from './by.ts';
import { grantFor, grantWords, overrideGrant, spentGrants } from './grants.ts';
import type { Asker, FactsReader, Policy, Verdict } from './types.ts';

export type { By } from './by.ts';
export { issueGrant, OVERRIDE_MS, revokeGrant } from './grants.ts';

interface AskCommand {
  readonly request: RequestId;
  readonly asker: Asker;
  readonly action: Action;
  readonly facts: Facts;
  readonly digest: Digest;
  readonly can: { readonly edit: boolean; readonly note: boolean };
  readonly via: string;
  /** ms since the epoch. */
  readonly now: number;
  /** How long a hold waits when the policy does not say, ms; 0: for ever. */
  readonly ttlMs: number;
  readonly gate: 'ask' | 'observe' | 'off';
}

interface DecideCommand extends By {
  readonly request: RequestId;
  readonly decision: 'approve' | 'deny' | 'override';
  /** The digest the person was shown. */
  readonly digest: Digest;
  readonly note: string;
  readonly edit?: JsonObject | undefined;
  readonly evidence: DecisionEvidence;
  readonly now: number;
  readonly readFacts: FactsReader;
  digestOf(action: Action): Digest;
}

interface Settled {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly grant?: GrantState;
}

/**
 * A new request, or one asked again after a restart (then there is nothing to write down).
 * Throws HmsError `request-reused` when the id belongs to another request.
 */
export function ask(state: FleetState, policy: Policy, command: AskCommand): readonly Draft[] {
  const before = state.pending[command.request] ?? state.settled.find(r => r.id === command.request);
  if (before) {
    const same =
      before.outcome === null && before.agent === command.asker.id && before.digest === command.digest;
    if (!same)
      throw new HmsError(
        'request-reused',
        `${command.request} was another request`,
        'ask again with a new id',
      );
    return [];
  }
  const { asker, action, facts } = command;
  const verdict = policy.decide({ asker, action, facts, operators: deciders(state), approvedBy: [] });
  const end = endAtOnce(state, command, verdict);
  const actor: Draft['actor'] = {
    type: asker.type,
    id: asker.type === 'cell' ? asker.driver : asker.id,
    via: command.via,
  };
  const about = `request:${command.request}`;
  const requested: Draft = {
    kind: 'gate.requested',
    actor,
    subject: about,
    data: requestedData(policy, command, verdict, end === undefined),
  };
  return end ? [requested, settledDraft(command.request, command.digest, end)] : [requested];
}

/**
 * A person's decision. Throws HmsError: `unknown-request`, `already-ended`, `expired`, `stale` (another digest than
 * the one shown), `cannot-edit`, `edit-forbidden`, `wrong-role`, `decided-already`, `reason-needed`.
 */
export function decide(state: FleetState, policy: Policy, command: DecideCommand): readonly Draft[] {
  if (command.decision === 'override') return override(state, command);
  const request = pendingOf(state, command.request);
  if (request.digest !== command.digest) {
    throw new HmsError('stale', `${request.id} is not what you were shown`, 'look at it again');
  }
  checkTime(request, command.now);
  requireRole(command, '');
  if (command.decision === 'deny') {
    const reason = command.note || `denied by ${command.operator}`;
    return [
      decided(command, request, null),
      settledDraft(request.id, request.digest, { outcome: 'denied', reason }),
    ];
  }
  return approve(state, policy, command, request);
}

function approve(
  state: FleetState,
  policy: Policy,
  command: DecideCommand,
  request: RequestState,
): readonly Draft[] {
  requireRole(command, request.from);
  if (command.operator === request.agent)
    throw new HmsError('self-approval', 'nobody approves their own request');
  if (request.approvals.some(a => a.by === command.operator && a.decision === 'approve')) {
    throw new HmsError(
      'decided-already',
      `${command.operator} has approved this already`,
      'another person must agree',
    );
  }
  const edited = command.edit ? edit(state, policy, command, request, command.edit) : null;
  const by = [...new Set([...request.approvals.map(a => a.by), command.operator])];
  const drafts: Draft[] = [decided(command, request, edited)];
  if (by.length < request.needs) return drafts;
  const verdict = edited ? undefined : verdictNow(state, policy, command, request, by);
  if (verdict?.is === 'hold') return drafts;
  const end: Settled =
    verdict?.is === 'forbid'
      ? { outcome: 'forbidden', reason: `the policy has changed: ${verdict.why}` }
      : { outcome: 'approved', reason: command.note || `approved by ${by.join(', ')}` };
  return [...drafts, settledDraft(request.id, edited?.digest ?? request.digest, end)];
}

/**
 * What the policy in force says now that these people agree: it may name people, or be another than when the request
 * came. A cell's request counts heads only, since which cell asked is not part of the state.
 */
function verdictNow(
  state: FleetState,
  policy: Policy,
  { operator, role }: By,
  request: RequestState,
  approvedBy: readonly string[],
): Verdict | undefined {
  if (request.via === 'cell') return undefined;
  const { action, facts } = request;
  const operators = { ...deciders(state), [operator]: role };
  return policy.decide({ asker: agentOf(state, request), action, facts, operators, approvedBy });
}

function agentOf(state: FleetState, { agent: id }: RequestState): Asker {
  const agent = state.agents[id];
  return { id, type: 'agent', driver: agent?.driver ?? '', capabilities: agent?.capabilities ?? [] };
}

/** The edited action is judged like any other, with the one who edited it agreeing: the policy must permit it then. */
function edit(
  state: FleetState,
  policy: Policy,
  command: DecideCommand,
  request: RequestState,
  input: JsonObject,
): NonNullable<Data<'approval.decided'>['edited']> {
  if (!request.can.edit) {
    throw new HmsError(
      'cannot-edit',
      `${request.id} came in a way that takes no edits`,
      'deny it with words instead',
    );
  }
  if (request.needs > 1) {
    // Everyone must agree to the same action, and the others would not see it.
    throw new HmsError(
      'cannot-edit',
      'several people must agree to it as it is',
      'deny it with words instead',
    );
  }
  const action = { ...request.action, input };
  const facts = command.readFacts(action);
  const operators = { ...deciders(state), [command.operator]: command.role };
  const approvedBy = [command.operator];
  const verdict = policy.decide({ asker: agentOf(state, request), action, facts, operators, approvedBy });
  if (verdict.is === 'forbid') {
    throw new HmsError(
      'edit-forbidden',
      `the edited action is forbidden: ${verdict.why}`,
      'edit it again, or deny',
    );
  }
  if (verdict.is === 'hold') {
    throw new HmsError(
      'edit-forbidden',
      `the edited action needs ${verdict.from || 'more people'} to agree: ${verdict.why}`,
      'deny it with words instead',
    );
  }
  return { input, digest: command.digestOf(action) };
}

/**
 * A lead lets a held or recently forbidden action run once. A forbidden one has been answered: a grant of one use
 * waits for the agent to ask for exactly the same again.
 */
function override(state: FleetState, command: DecideCommand): readonly Draft[] {
  if (command.role !== 'lead') throw new HmsError('wrong-role', 'only a lead may override');
  if (command.note.trim() === '') {
    throw new HmsError('reason-needed', 'an override needs a reason', 'say why; it goes on the record');
  }
  const pending = state.pending[command.request];
  const request = pending ?? state.settled.find(r => r.id === command.request);
  if (!request) throw unknown(command.request);
  if (request.digest !== command.digest) {
    throw new HmsError('stale', `${request.id} is not what you were shown`, 'look at it again');
  }
  if (pending) {
    checkTime(pending, command.now);
    const end = { outcome: 'overridden' as const, reason: command.note };
    return [decided(command, request, null), settledDraft(request.id, request.digest, end)];
  }
  if (request.outcome !== 'forbidden') {
    throw new HmsError(
      'already-ended',
      `${request.id} has ended as ${request.outcome}`,
      'only what was forbidden can be overridden',
    );
  }
  return [decided(command, request, null), overrideGrant(state, command, request)];
}

/** Holds whose time has come end as expired: never as approved. Grants that can cover nothing any more go too. */
export function expire(state: FleetState, now: number): readonly Draft[] {
  const holds = Object.values(state.pending)
    .filter(r => r.expires > 0 && now >= r.expires)
    .map(r => settledDraft(r.id, r.digest, { outcome: 'expired', reason: 'nobody answered in time' }));
  return [...holds, ...spentGrants(state, now)];
}

/** The request has become moot. Nothing when it has ended already. */
export function withdraw(state: FleetState, request: string, reason: string): readonly Draft[] {
  const pending = state.pending[request];
  return pending ? [settledDraft(pending.id, pending.digest, { outcome: 'withdrawn', reason })] : [];
}

/** "Later" is not "deny": the request stays, at the end of the queue. */
export function defer(
  state: FleetState,
  command: By & { readonly request: RequestId; readonly until: number },
): readonly Draft[] {
  requireRole(command, '');
  const request = pendingOf(state, command.request);
  const data = { request: command.request, until: command.until };
  return [
    { kind: 'approval.deferred', actor: operatorActor(command), subject: `request:${request.id}`, data },
  ];
}

/** What the asker of an ended request is told. Throws HmsError `still-pending` for one that has not ended. */
export function answerOf(request: RequestState): GateAnswer {
  const { outcome } = request;
  if (outcome === null) throw new HmsError('still-pending', `${request.id} has not ended`);
  const run = outcome === 'permitted' || outcome === 'approved' || outcome === 'overridden';
  const edited = run && outcome === 'approved' ? request.edited : null;
  return {
    request: request.id as RequestId,
    outcome,
    run,
    action: edited ? { ...request.action, input: edited.input } : request.action,
    digest: edited?.digest ?? request.digest,
    edited: edited !== null,
    message: request.reason,
  };
}

/** Everybody who could decide now: the configured operators and whoever is attached. */
function deciders(state: FleetState): Readonly<Record<string, Role>> {
  const attached = Object.values(state.sessions).map(s => [s.operator, s.role] as const);
  return { ...Object.fromEntries(attached), ...state.operators };
}

function requestedData(
  policy: Policy,
  command: AskCommand,
  verdict: Verdict,
  waits: boolean,
): Data<'gate.requested'> {
  const { request, asker, action, digest, facts, can, via, now } = command;
  const holds = verdict.is === 'hold';
  const ttl = holds && waits ? (verdict.ttlMs ?? command.ttlMs) : 0;
  return {
    request,
    agent: asker.id as AgentId,
    action,
    digest,
    facts,
    verdict: verdict.is,
    needs: holds ? verdict.needs : 0,
    from: holds ? verdict.from : '',
    rules: [...verdict.rules],
    why: verdict.why,
    policy: policy.digest as Digest,
    expires: ttl > 0 ? now + ttl : 0,
    can,
    via,
  };
}

/** How a request ends without people, or undefined when it must wait for them. */
function endAtOnce(state: FleetState, command: AskCommand, verdict: Verdict): Settled | undefined {
  if (verdict.is === 'permit') return { outcome: 'permitted', reason: verdict.why };
  if (command.gate !== 'ask') {
    const words = command.gate === 'observe' ? 'observed only' : 'the gate is off';
    return { outcome: 'permitted', reason: `${words}; the policy says ${verdict.is}: ${verdict.why}` };
  }
  const grant = grantFor(state, command, verdict);
  if (grant)
    return { outcome: grant.override ? 'overridden' : 'permitted', reason: grantWords(grant), grant };
  if (verdict.is === 'forbid') return { outcome: 'forbidden', reason: verdict.why };
  return undefined;
}

/** A hold is over when its time has come, whether or not anybody has written that down yet. */
function checkTime({ id, expires }: RequestState, now: number): void {
  if (expires > 0 && now >= expires)
    throw new HmsError('expired', `${id} has expired`, 'the agent may ask again');
}

function pendingOf(state: FleetState, id: string): RequestState {
  const pending = state.pending[id];
  if (pending) return pending;
  const ended = state.settled.find(r => r.id === id);
  if (!ended) throw unknown(id);
  throw new HmsError(
    'already-ended',
    `${id} has ended as ${ended.outcome}`,
    'there is nothing left to decide',
  );
}

function decided(
  command: DecideCommand,
  request: RequestState,
  edited: Data<'approval.decided'>['edited'],
): Draft {
  const { decision, digest, note, evidence } = command;
  return {
    kind: 'approval.decided',
    actor: operatorActor(command),
    subject: `request:${request.id}`,
    data: { request: command.request, decision, digest, note, edited, evidence },
  };
}

function settledDraft(request: string, digest: Digest, end: Settled): Draft {
  return {
    kind: 'gate.settled',
    actor: { type: 'cell', id: 'gatekeeper', via: 'engine' },
    subject: `request:${request}`,
    data: {
      request: request as RequestId,
      outcome: end.outcome,
      reason: end.reason,
      digest,
      grant: (end.grant?.id ?? '') as GrantId | '',
    },
  };
}
