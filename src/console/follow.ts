/**
 * What follows from every change, whatever it was: selections stay on what they were on, questions about what has
 * ended close, and the clock of a decision starts anew for what is newly in view.
 */
import type { RequestState } from '../model/state.ts';
import { decidableView, reachable } from './layout.ts';
import { stillLooking } from './look-back.ts';
import { type ConsoleState, type Overlay, toast, withUi } from './state.ts';
import { approvalsList, queue, restsFor, selectedRequest } from './views.ts';

export function settle(before: ConsoleState, after: ConsoleState): ConsoleState {
  if (before === after) return after;
  let next = followRequest(before, after);
  next = closeEnded(before, next);
  next = followAgent(next);
  // Whoever goes elsewhere leaves the screen that had the whole body.
  if (next.ui.zoom !== null && next.ui.focus !== 'screen') next = withUi(next, { zoom: null });
  if (next.ui.back !== null && !stillLooking(next)) next = withUi(next, { back: null });
  if (!reachable(next).includes(next.ui.focus)) next = withUi(next, { focus: 'approvals' });
  if (asksAnew(before, next) && next.ui.drawerShut) next = withUi(next, { drawerShut: false });
  // In another view, or out of view, is not "on screen": the next paint starts the clock again.
  if (next.shown && next.shown.view !== decidableView(next)) next = { ...next, shown: null };
  return next;
}

/** The selection sticks to its request; when that has ended or rests, it goes to what then stands in its place. */
function followRequest(before: ConsoleState, after: ConsoleState): ConsoleState {
  const { request } = after.ui;
  const selected = selectedRequest(after);
  if (selected && !cameToRest(before, after, selected)) return after;
  const list = queue(after);
  if (selected) return select(after, list[0]?.id ?? request);
  if (request === '') return list[0] ? select(after, list[0].id) : after;
  const place = approvalsList(before).findIndex(r => r.id === request);
  return select(after, (list[Math.min(Math.max(0, place), list.length - 1)] ?? list[0])?.id ?? '');
}

function select(state: ConsoleState, request: string): ConsoleState {
  return request === state.ui.request ? state : withUi(state, { request, scroll: 0 });
}

function cameToRest(before: ConsoleState, after: ConsoleState, request: RequestState): boolean {
  const was = before.fleet.pending[request.id];
  return was !== undefined && was !== request && !restsFor(before, was) && restsFor(after, request);
}

function requestOf(overlay: Overlay): string {
  if ('request' in overlay) return overlay.request;
  if ('decision' in overlay) return overlay.decision.request;
  return overlay.kind === 'confirm' && overlay.ask.yes.is === 'decide'
    ? overlay.ask.yes.decision.request
    : '';
}

function closeEnded(before: ConsoleState, after: ConsoleState): ConsoleState {
  const { overlay } = after.ui;
  if (overlay === null) return after;
  const id = requestOf(overlay);
  if (id === '' || selectedRequest(after)?.id === id) return after;
  const ended = after.fleet.settled.find(r => r.id === id);
  const closed = withUi(after, { overlay: null });
  if (before.fleet === after.fleet) return closed;
  return toast(
    closed,
    'warn',
    ended ? `it has ended: ${ended.outcome}${ended.reason ? `, ${ended.reason}` : ''}` : 'it waits no more',
  );
}

function followAgent(state: ConsoleState): ConsoleState {
  const { agent, stage } = state.ui;
  const { agents: known, order } = state.fleet;
  const next = known[agent] ? agent : (order[0] ?? '');
  const staged = stage === '' || known[stage] ? stage : '';
  const prefix = staged === '' ? 'none' : state.ui.prefix;
  return next === agent && staged === stage && prefix === state.ui.prefix
    ? state
    : withUi(state, { agent: next, stage: staged, prefix });
}

function asksAnew(before: ConsoleState, after: ConsoleState): boolean {
  if (before.fleet.pending === after.fleet.pending) return false;
  return queue(after).some(r => !before.fleet.pending[r.id]);
}
