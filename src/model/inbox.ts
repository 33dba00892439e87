/** Inboxes as a fold: what waits to be read, by whom. Texts stay in the journal; here are their places. */
import { isFor, reachesPeople } from './address.ts';
import type { EventOf } from './event.ts';
import type { FleetState, Letter } from './state.ts';

/** Unread messages an agent's inbox holds. One more is refused; of a message to many, a full inbox gets none. */
export const INBOX_KEPT = 100;
/** Messages to people that are remembered as unread. */
const PEOPLE_KEPT = 200;

/** The inbox of all people: who has read how far is in `readTo`. */
export const PEOPLE = 'people';

/** The agents a message reaches: those it is for, without its sender. Full inboxes are left out. */
export function agentsReached(
  { agents, inboxes }: Pick<FleetState, 'agents' | 'inboxes'>,
  from: string,
  to: string,
): readonly string[] {
  return Object.keys(agents)
    .map(id => `agent:${id}`)
    .filter(box => box !== from || to === from)
    .filter(box => isFor(to, box) && (inboxes[box]?.length ?? 0) < INBOX_KEPT);
}

export function received(state: FleetState, { seq, time, data }: EventOf<'message.sent'>): FleetState {
  const { id, from, to } = data;
  // One without an id was typed into a pane by an earlier version: it has been delivered.
  if (id === undefined || data.typed) return state;
  const letter: Letter = { id, seq, at: time, from, to, thread: data.thread ?? id };
  const inboxes = { ...state.inboxes };
  for (const box of agentsReached(state, from, to)) inboxes[box] = [...(inboxes[box] ?? []), letter];
  if (reachesPeople(to)) inboxes[PEOPLE] = [...(inboxes[PEOPLE] ?? []), letter].slice(-PEOPLE_KEPT);
  return { ...state, inboxes };
}

export function read(state: FleetState, { data: { by, to } }: EventOf<'message.read'>): FleetState {
  if (by.startsWith('agent:')) {
    const left = (state.inboxes[by] ?? []).filter(letter => letter.seq > to);
    return { ...state, inboxes: { ...state.inboxes, [by]: left } };
  }
  return { ...state, readTo: { ...state.readTo, [by]: Math.max(to, state.readTo[by] ?? 0) } };
}

/** What waits for this reader (`agent:NAME`, `operator:NAME`), oldest first. */
export function unread(state: FleetState, reader: string): readonly Letter[] {
  if (reader.startsWith('agent:')) return state.inboxes[reader] ?? [];
  const from = state.readTo[reader] ?? 0;
  return (state.inboxes[PEOPLE] ?? []).filter(
    letter => letter.seq > from && letter.from !== reader && isFor(letter.to, reader),
  );
}
