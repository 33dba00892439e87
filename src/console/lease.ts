/** The keyboard of the agent on stage: asked for when one comes there in collaborate mode, given back on leaving. */
import type { Event } from '../model/event.ts';
import { type Send, type Step, sending, still } from './effects.ts';
import { type ConsoleState, toast } from './state.ts';
import { keyboardOf, modeOf } from './views.ts';

/** Whose keyboard is wanted by whom: '' for none. */
function wanted(state: ConsoleState): string {
  const { stage } = state.ui;
  const mine = stage !== '' && state.link.is === 'up' && modeOf(state) === 'collaborate';
  return mine ? `${state.me?.session} ${stage}` : '';
}

/** What follows for the keyboard from a change: requests, or nothing. */
export function keyboardSends(before: ConsoleState, after: ConsoleState): readonly Send[] {
  const was = wanted(before);
  const is = wanted(after);
  if (was === is) return [];
  const sends: Send[] = [];
  const left = before.ui.stage;
  // A change of mode and the end of a connection give it back without our help.
  if (left !== '' && left !== after.ui.stage && after.link.is === 'up' && holds(after, left))
    sends.push({ request: 'lease.release', with: { agent: left } });
  const { stage } = after.ui;
  if (is !== '' && !holds(after, stage) && !othersBefore(before, after))
    sends.push({ request: 'lease.take', with: { agent: stage } });
  return sends;
}

/** A connection is back, and before it went another person had the keyboard: it is theirs to take again. */
function othersBefore(before: ConsoleState, after: ConsoleState): boolean {
  const { stage } = after.ui;
  const lease = keyboardOf(before, stage);
  const cameBack = before.link.is !== 'up' && before.ui.stage === stage;
  return cameBack && lease !== undefined && lease.session !== before.me?.session;
}

/** Says it when somebody asks for a keyboard that is ours. @param seen the newest event known before */
export function asksForMine(state: ConsoleState, seen: number, events: readonly Event[]): ConsoleState {
  let next = state;
  for (const event of events) {
    if (event.kind !== 'lease.asked' || event.seq <= seen) continue;
    const agent = event.data.name.replace(/^keyboard:/, '');
    const asker = state.fleet.sessions[event.data.session]?.operator ?? event.actor.id;
    if (holds(state, agent)) next = toast(next, 'warn', `${asker} asks for ${agent}’s keyboard`);
  }
  return next;
}

function holds(state: ConsoleState, agent: string): boolean {
  const session = keyboardOf(state, agent)?.session;
  return session !== undefined && session === state.me?.session;
}

/** The key for the keyboard: takes it, asks its holder for it, or, for a lead, asks whether to take it over. */
export function reachFor(state: ConsoleState, agent: string): Step {
  const lease = keyboardOf(state, agent);
  if (!lease) return sending(state, { request: 'lease.take', with: { agent } });
  if (state.me?.role !== 'lead') {
    const holder = state.fleet.sessions[lease.session]?.operator ?? 'its holder';
    const said = toast(state, 'info', `asked ${holder} for the keyboard`);
    return sending(said, { request: 'lease.ask', with: { agent } });
  }
  // The engine refuses it, with the holder's name; to that the question is asked.
  return sending(state, { request: 'lease.take', with: { agent } });
}

/** Hands the keyboard to whoever asked first; without anybody, gives it up. */
export function handOver(state: ConsoleState, agent: string): Step {
  const lease = keyboardOf(state, agent);
  if (!lease) return still(state);
  const to = lease.asked?.find(session => state.fleet.sessions[session]);
  return sending(
    state,
    to ? { request: 'lease.give', with: { agent, to } } : { request: 'lease.release', with: { agent } },
  );
}
