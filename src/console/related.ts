/** The events that belong together with one: its request's, its incident's, its conversation's. */
import { referencesOf } from '../model/concern.ts';
import type { Event } from '../model/event.ts';
import { type Step, still } from './effects.ts';
import { type ConsoleState, type Overlay, withUi } from './state.ts';
import { eventAt } from './timeline.ts';

/** Oldest first, the event itself among them; [] when it stands alone. */
export function relatedTo(state: ConsoleState, event: Event): readonly Event[] {
  const [ref] = referencesOf(event);
  if (ref === undefined) return [];
  const known = [...(state.related?.events ?? []), ...(state.history?.events ?? []), ...state.tail];
  const found = new Map<number, Event>();
  for (const other of known) if (referencesOf(other).includes(ref)) found.set(other.seq, other);
  return [...found.values()].sort((a, b) => a.seq - b.seq);
}

const STEP: Readonly<Record<string, number>> = { right: 1, ']': 1, left: -1, '[': -1 };

/** A key in the details that goes to another event; undefined for other keys. */
export function toRelated(
  state: ConsoleState,
  overlay: Extract<Overlay, { kind: 'event' }>,
  key: string,
): Step | undefined {
  const by = STEP[key];
  const event = eventAt(state, overlay.seq);
  if (by === undefined || !event) return undefined;
  const events = relatedTo(state, event);
  const next = events[events.findIndex(e => e.seq === overlay.seq) + by];
  return still(next ? withUi(state, { overlay: { ...overlay, seq: next.seq, scroll: 0 } }) : state);
}
