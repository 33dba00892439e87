/** What panes and commands ask of the state: the ranked queue, the agent in view, who may do what. */
import type { StagedItem } from '../model/event.ts';
import { type Mode, type Right, type Role, refusal } from '../model/mode.ts';
import { ranked } from '../model/queue.ts';
import type { AgentState, LeaseState, RequestState, SessionState } from '../model/state.ts';
import type { ConsoleState } from './state.ts';

/** How long a forbidden request stays in reach of an override, ms. */
const FORBIDDEN_SHOWN_MS = 600_000;

export function modeOf(state: ConsoleState): Mode {
  const session = state.me && state.fleet.sessions[state.me.session];
  return session?.mode ?? state.me?.mode ?? state.wanted ?? 'observe';
}

export function roleOf(state: ConsoleState): Role {
  return state.me?.role ?? 'viewer';
}

/** Why this person may not do it just now, or undefined. */
export function mayNot(state: ConsoleState, right: Right): string | undefined {
  if (state.link.is !== 'up') return 'the engine is not connected: nothing can be done until it is back';
  return refusal(roleOf(state), modeOf(state), right);
}

function matches(filter: string | undefined, ...texts: readonly string[]): boolean {
  if (!filter) return true;
  const wanted = filter.toLowerCase().split(/\s+/);
  const text = texts.join(' ').toLowerCase();
  return wanted.every(word => text.includes(word));
}

/** Has this person said all they can say about it? */
export function decidedByMe(state: ConsoleState, request: RequestState): boolean {
  return request.approvals.some(a => a.by === state.me?.operator);
}

/** Not now: put off, or waiting for others only. */
export function restsFor(state: ConsoleState, request: RequestState): boolean {
  return request.deferredUntil > state.now || decidedByMe(state, request);
}

/** Requests that wait, as the approvals pane lists them. */
export function queue(state: ConsoleState): readonly RequestState[] {
  const filter = state.ui.filters.approvals;
  const shown = Object.values(state.fleet.pending).filter(r =>
    matches(filter, r.agent, r.facts.title, r.facts.level, r.action.tool),
  );
  return ranked(shown, r => restsFor(state, r));
}

/** Requests a policy forbade lately and nobody has overridden: a lead can. */
export function forbidden(state: ConsoleState): readonly RequestState[] {
  const overridden = new Set(
    Object.values(state.fleet.grants)
      .filter(g => g.override)
      .map(g => g.digest),
  );
  return state.fleet.settled.filter(
    r =>
      r.outcome === 'forbidden' &&
      state.now - r.settledAt < FORBIDDEN_SHOWN_MS &&
      !overridden.has(r.digest) &&
      matches(state.ui.filters.approvals, r.agent, r.facts.title, r.facts.level, r.action.tool),
  );
}

/** Everything the approvals pane lists, in its order. */
export function approvalsList(state: ConsoleState): readonly RequestState[] {
  return [...queue(state), ...forbidden(state)];
}

/** The request the queue's keys are about: listed, so never one a filter hides. */
export function selectedRequest(state: ConsoleState): RequestState | undefined {
  const id = state.ui.request;
  return id === '' ? undefined : approvalsList(state).find(r => r.id === id);
}

/** How many more people must approve. */
export function stillNeeded(request: RequestState): number {
  return Math.max(0, request.needs - request.approvals.filter(a => a.decision === 'approve').length);
}

/** Agents in the order of the fleet file, those that are no longer in it last. */
export function agents(state: ConsoleState): readonly AgentState[] {
  const filter = state.ui.filters.agents;
  return state.fleet.order.flatMap(id => {
    const agent = state.fleet.agents[id];
    return agent && matches(filter, agent.id, agent.status, agent.driver, agent.title) ? [agent] : [];
  });
}

/** The agent whose screen is in view: in watch mode attention follows the selected request. */
export function shownAgent(state: ConsoleState): AgentState | undefined {
  const { fleet, ui } = state;
  if (ui.stage) return fleet.agents[ui.stage];
  const asking = ui.focus === 'approvals' ? selectedRequest(state)?.agent : undefined;
  return fleet.agents[asking ?? ''] ?? fleet.agents[ui.agent];
}

export function keyboardOf(state: ConsoleState, agent: string): LeaseState | undefined {
  return state.fleet.leases[`keyboard:${agent}`];
}

/** The agent whose keyboard this console holds while its stage is open: keys go there, not to commands. */
export function typing(state: ConsoleState): { readonly agent: string; readonly fence: number } | undefined {
  const agent = state.ui.stage;
  if (!agent || state.ui.overlay !== null || state.link.is !== 'up' || modeOf(state) !== 'collaborate')
    return undefined;
  const lease = keyboardOf(state, agent);
  return lease && lease.session === state.me?.session ? { agent, fence: lease.fence } : undefined;
}

function ownSession(state: ConsoleState): SessionState | undefined {
  return state.me ? state.fleet.sessions[state.me.session] : undefined;
}

export interface Staged {
  readonly item: number;
  readonly staged: StagedItem;
}

/** What this console has staged, oldest first. */
export function tray(state: ConsoleState): readonly Staged[] {
  return Object.entries(ownSession(state)?.staged ?? {}).map(([item, staged]) => ({
    item: Number(item),
    staged,
  }));
}
