/**
 * Approving must be hard to do by accident. Everything that stands between a key and a decision is here, as a function
 * of the state, the key and the time; the engine checks identity, mode and digest again.
 */
import type { RiskLevel } from '../model/action.ts';
import { decidableView } from './layout.ts';
import type { ConsoleState } from './state.ts';
import { decidedByMe, mayNot, modeOf, roleOf, selectedRequest } from './views.ts';

/** What must follow the first key of a yes, by risk. Nothing is preselected to yes. */
export const NEXT_STEP: Readonly<Record<RiskLevel, 'none' | 'second-key' | 'type-name'>> = {
  low: 'none',
  medium: 'none',
  high: 'second-key',
  critical: 'type-name',
};

/**
 * Why a decision key does not count, in words, or undefined when it does. It counts only while the queue has the focus,
 * for the request that is selected and has been on the person's screen for `armMs`. That a key was pressed on its own, not
 * pasted, is checked where keys come in.
 */
export function heldBack(state: ConsoleState, at: number): string | undefined {
  const request = selectedRequest(state);
  if (state.link.is !== 'up') return 'the engine is not connected: nothing is decided until it is back';
  if (!request) return 'nothing is selected in the queue';
  if (state.ui.focus !== 'approvals') return 'decisions count only while the approvals pane has the focus';
  if (state.ui.sent.includes(request.id)) return 'your decision is on its way';
  const view = decidableView(state);
  if (view === '' || state.shown?.view !== view) return 'it is not on your screen: nothing was decided';
  const forMs = at - state.shown.since;
  if (forMs < state.armMs) return `it has just appeared: keys count after ${state.armMs} ms`;
  return undefined;
}

/** Why this person may not decide it at all, or undefined: mode, role, and what they have said already. */
export function notTheirs(state: ConsoleState): string | undefined {
  const request = selectedRequest(state);
  if (!request) return 'nothing is selected in the queue';
  if (request.outcome === 'forbidden') return 'a policy forbids it: only a lead can override it';
  const refused = mayNot(state, modeOf(state) === 'prepare' ? 'stage' : 'decide');
  if (refused) return refused;
  if (decidedByMe(state, request)) return 'you have decided this; it waits for others';
  if (request.from === 'lead' && roleOf(state) !== 'lead') return 'this one needs a lead';
  return undefined;
}

/** How long the request has been on screen, ms, for the record. */
export function shownFor(state: ConsoleState, at: number): number {
  return state.shown ? Math.max(0, Math.round(at - state.shown.since)) : 0;
}
