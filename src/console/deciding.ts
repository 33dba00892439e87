/**
 * From the first key to the request that goes to the engine. Each step asks for what the risk still needs; only
 * `finish` sends, and it sends what the person was shown: the digest, how long, and the keys.
 */

import { oneLine } from '../model/text.ts';
import { editable } from './editable.ts';
import type { Decision, Send, Step } from './effects.ts';
import { sending, still } from './effects.ts';
import { NEXT_STEP, shownFor } from './guard.ts';
import { newLine } from './line.ts';
import { type ConsoleState, type Overlay, toast, withUi } from './state.ts';
import { modeOf, selectedRequest } from './views.ts';
import { CLICK } from './yes.ts';

/** What a grant made with one key covers. */
export const GRANT = { minutes: 15, uses: 10 } as const;

const MAX_KEYS = 64;

/** The first key of a decision on the selected request. */
export function begin(state: ConsoleState, as: Decision['as'], key: string, at: number): Step {
  const request = selectedRequest(state);
  if (!request) return still(state);
  const decision: Decision = { request: request.id, as, note: '', edit: null, keys: [key] };
  if (as === 'deny' && request.can.note)
    return still(ask(state, { kind: 'note', decision, line: newLine() }));
  if (as === 'override') return still(ask(state, { kind: 'reason', decision, line: newLine() }));
  return proceed(state, decision, at);
}

/** Starts edit-then-approve on the selected request. */
export function beginEdit(state: ConsoleState, key: string): Step {
  const request = selectedRequest(state);
  if (!request) return still(state);
  const line = newLine(editable(request.action).text, true);
  return still(ask(state, { kind: 'edit', request: request.id, line, problem: '', keys: [key] }));
}

/** Asks for what the risk needs next, or sends the decision when it needs nothing more. */
export function proceed(state: ConsoleState, decision: Decision, at: number): Step {
  const request = selectedRequest(state);
  if (!request || request.id !== decision.request) return still(withUi(state, { overlay: null }));
  // A click only ever opens the question.
  const clicked = decision.keys.length === 1 && decision.keys[0] === CLICK;
  if (decision.as === 'deny' && !clicked) return finish(state, decision, at);
  const next = NEXT_STEP[request.facts.level];
  if (next === 'type-name' && decision.as !== 'deny') {
    return still(ask(state, { kind: 'name', expected: request.agent || 'yes', decision, line: newLine() }));
  }
  // The review of an edit has asked for its second key already.
  const second = clicked || decision.as === 'grant' || (next === 'second-key' && decision.edit === null);
  if (!second) return finish(state, decision, at);
  return still(
    ask(state, { kind: 'confirm', ask: { ...wording(state, decision), yes: { is: 'decide', decision } } }),
  );
}

/** Sends the decision, or stages it in prepare mode. */
export function finish(state: ConsoleState, decision: Decision, at: number): Step {
  const request = selectedRequest(state);
  if (!request || request.id !== decision.request) return still(withUi(state, { overlay: null }));
  const closed = withUi(state, { overlay: null, scroll: 0 });
  const { as, note, edit } = decision;
  const { id, digest } = request;
  if (modeOf(state) === 'prepare' && (as === 'approve' || as === 'deny')) {
    const staged = { type: 'decision', request: id, decision: as, note, digest } as const;
    const words = `staged: ${as} ${oneLine(request.facts.title, 60)} · C commits the tray`;
    return sending(toast(closed, 'info', words), { request: 'stage.add', with: { staged } });
  }
  const evidence = { shownMs: shownFor(state, at), keys: decision.keys.slice(-MAX_KEYS), shown: digest };
  const decided = as === 'grant' ? 'approve' : as;
  const decide: Send = {
    request: 'approval.decide',
    with: { request: id, decision: decided, digest, note, evidence, ...(edit === null ? {} : { edit }) },
  };
  // A grant is for the like that comes later; the one that waits is approved with it.
  const grant: Send = { request: 'grant.issue', with: { request: id, ...GRANT, reason: note } };
  const sent = withUi(closed, { sent: [...closed.ui.sent, id] });
  return as === 'grant' ? sending(sent, decide, grant) : sending(sent, decide);
}

function wording(
  state: ConsoleState,
  { request, as }: Decision,
): { readonly title: string; readonly detail: string } {
  const entry = state.fleet.pending[request];
  const agent = entry?.agent || 'the engine';
  if (as === 'grant') {
    const scope = [
      entry?.action.tool,
      ...(entry?.facts.programs ?? []),
      ...(entry?.facts.classes ?? []),
    ].join(' ');
    return {
      title: `Approve it, and let ${agent} do the like without asking?`,
      detail: `like this (${scope}), for ${GRANT.minutes} minutes, at most ${GRANT.uses} times; revocable`,
    };
  }
  const level = entry?.facts.level.toUpperCase() ?? '';
  return { title: `${level}: ${as} ${agent}?`, detail: entry?.facts.title ?? '' };
}

function ask(state: ConsoleState, overlay: Overlay): ConsoleState {
  return withUi(state, { overlay });
}
