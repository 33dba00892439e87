/** Messages to and from this person, as the console has them. */
import { isFor, parseAddress, reachesPeople, written } from '../model/address.ts';
import { HmsError } from '../model/errors.ts';
import type { Event } from '../model/event.ts';
import type { MessageId } from '../model/ids.ts';
import { unread } from '../model/inbox.ts';
import { oneLine } from '../model/text.ts';
import { type Send, type Step, sending, still } from './effects.ts';
import { type ConsoleState, type Overlay, toast, withUi } from './state.ts';
import { mayNot } from './views.ts';

function reader(state: ConsoleState): string {
  return `operator:${state.me?.operator ?? ''}`;
}

/** Messages that wait for this person. */
export function unreadCount(state: ConsoleState): number {
  return state.me ? unread(state.fleet, reader(state)).length : 0;
}

/** Says what has just come for this person. */
export function announced(state: ConsoleState, fresh: readonly Event[]): ConsoleState {
  const me = reader(state);
  const last = fresh.findLast(
    e => e.kind === 'message.sent' && !e.data.typed && e.data.from !== me && isFor(e.data.to, me),
  );
  if (last?.kind !== 'message.sent') return state;
  return toast(state, 'info', `✉ ${oneLine(written(last.data.from), 40)}: ${oneLine(last.data.text, 120)}`);
}

/** A receipt for what this person has before them: the newest rows of a timeline that hides none. */
export function receipt(
  state: ConsoleState,
): { readonly state: ConsoleState; readonly send: Send } | undefined {
  const { focus, event, filters, overlay } = state.ui;
  if (state.link.is !== 'up' || focus !== 'timeline' || event !== 0 || filters.timeline || overlay)
    return undefined;
  const last = unread(state.fleet, reader(state)).at(-1);
  if (!last || last.seq <= state.receipt) return undefined;
  const send: Send = { request: 'message.read', with: { to: last.seq } };
  return { state: { ...state, receipt: last.seq }, send };
}

/** Everybody who can be written to, as it is typed. */
export function addresses({ fleet }: ConsoleState): readonly string[] {
  const people = new Set([
    ...Object.keys(fleet.operators),
    ...Object.values(fleet.sessions).map(s => s.operator),
  ]);
  return [...fleet.order, ...[...people].map(name => `@${name}`), '@people', '@agents', '@all'];
}

/** Why this person may write to nobody just now. */
export function mayNotWrite(state: ConsoleState): string | undefined {
  return state.link.is === 'up' ? undefined : mayNot(state, 'look');
}

/** `TO words…` as typed: sent, or told what is wrong with it. */
export function mailed(state: ConsoleState, overlay: Extract<Overlay, { kind: 'mail' }>): Step {
  const problem = (words: string): Step => still(withUi(state, { overlay: { ...overlay, problem: words } }));
  const [, to = '', text = ''] = /^\s*(\S+)\s*(.*)$/s.exec(overlay.line.text) ?? [];
  if (to === '') return problem('whom to? builder, @alice, @people, @agents or @all');
  if (text.trim() === '') return problem('what? the words come after the name');
  try {
    const address = parseAddress(to, state.fleet);
    const toAgents = !reachesPeople(address) || address === 'all';
    const refused = mayNot(state, toAgents ? 'operate' : 'look');
    if (refused) return problem(refused);
  } catch (error) {
    if (error instanceof HmsError) return problem(`${error.message}: ${error.hint}`);
    throw error;
  }
  const reply = overlay.reply === '' ? {} : { reply: overlay.reply as MessageId };
  return sending(withUi(state, { overlay: null }), { request: 'message.send', with: { to, text, ...reply } });
}

/** The name at the beginning, completed as far as it is clear. */
export function completed(state: ConsoleState, text: string): string {
  const [, begun = '', rest = ''] = /^(\S*)(.*)$/s.exec(text) ?? [];
  const fitting = addresses(state).filter(name => name.startsWith(begun));
  const [first = ''] = fitting;
  if (fitting.length === 0) return text;
  if (fitting.length === 1) return `${first}${rest === '' ? ' ' : rest}`;
  let shared = first;
  while (!fitting.every(name => name.startsWith(shared))) shared = shared.slice(0, -1);
  return `${shared}${rest}`;
}
