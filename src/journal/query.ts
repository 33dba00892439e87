/** Answers a `Filter`: by seq from the rows, by time with a binary search, by all else with the search index. */
import { agentsOf } from '../model/concern.ts';
import type { Event } from '../model/event.ts';
import { SearchIndex, searchQuery } from './search.ts';
import type { Rows } from './store.ts';
import type { Filter } from './types.ts';

/** Events read and parsed at once. */
const PAGE = 512;
/** So many events are looked through faster than an index is asked. */
const FEW = 256;

export function parseEvent(text: string): Event {
  // Written by append from a checked draft; `verify` is who distrusts it.
  return JSON.parse(text) as Event;
}

/** Does the event have the kind, subject, actor and agent asked for? Everything but places, times and words. */
function fits({ kinds, subject, actor, agent }: Filter, event: Event): boolean {
  return (
    (kinds === undefined || kinds.includes(event.kind)) &&
    (subject === undefined || event.subject === subject) &&
    (actor === undefined || event.actor.id === actor || `${event.actor.type}:${event.actor.id}` === actor) &&
    (agent === undefined || agentsOf(event).has(agent))
  );
}

function* only(filter: Filter, events: Iterable<Event>): Generator<Event> {
  for (const event of events) if (fits(filter, event)) yield event;
}

function* pages(rows: Rows, from: number, to: number, reverse: boolean): Generator<Event> {
  let [low, high] = [from, to];
  while (low <= high) {
    const texts = rows.texts(low, high, PAGE, reverse);
    for (const text of texts) yield parseEvent(text);
    if (texts.length < PAGE) return;
    if (reverse) high -= PAGE;
    else low += PAGE;
  }
}

/** First seq whose event is not before `time`; head + 1 when there is none. Time never goes back along seq. */
function firstAt(rows: Rows, head: number, time: number): number {
  let [low, high] = [1, head + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [text] = rows.texts(middle, middle, 1);
    if (text !== undefined && parseEvent(text).time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function* one(rows: Rows, places: Iterable<number>): Generator<Event> {
  for (const seq of places) {
    const [text] = rows.texts(seq, seq, 1);
    if (text !== undefined) yield parseEvent(text);
  }
}

/** Words in events that the index does not have yet: indexed in memory, so that words mean the same to both. */
function* findIn(events: Iterable<Event>, query: string, reverse: boolean): Generator<Event> {
  const byPlace = new Map<number, Event>();
  for (const event of events) byPlace.set(event.seq, event);
  if (byPlace.size === 0) return;
  const index = SearchIndex.inMemory();
  try {
    index.add([...byPlace.values()].sort((a, b) => a.seq - b.seq));
    for (const seq of index.find(query, 0, Number.MAX_SAFE_INTEGER, reverse)) {
      const event = byPlace.get(seq);
      if (event !== undefined) yield event;
    }
  } finally {
    index.close();
  }
}

/** Events from `from` to `to` that fit, without the index. */
function* lookThrough(rows: Rows, filter: Filter, query: string, from: number, to: number): Generator<Event> {
  const reverse = filter.reverse === true;
  const fitting = only(filter, pages(rows, from, to, reverse));
  yield* filter.text === undefined ? fitting : findIn(fitting, query, reverse);
}

/** Events from `from` to `to` that fit: what is indexed by the index, the rest looked through. */
function* search(
  rows: Rows,
  index: SearchIndex | undefined,
  filter: Filter,
  query: string,
  from: number,
  to: number,
): Generator<Event> {
  const reverse = filter.reverse === true;
  const indexed = index === undefined || to - from < FEW ? 0 : Math.min(to, index.upto());
  const later = () => lookThrough(rows, filter, query, Math.max(from, indexed + 1), to);
  if (reverse) yield* later();
  if (index !== undefined && indexed >= from) {
    yield* only(filter, one(rows, index.find(query, from, indexed, reverse)));
  }
  if (!reverse) yield* later();
}

function* first(count: number, events: Iterable<Event>): Generator<Event> {
  let left = count;
  if (left <= 0) return;
  for (const event of events) {
    yield event;
    left -= 1;
    if (left <= 0) return;
  }
}

/** The events a filter asks for, up to the head as it is now. Lazy: what is not taken is not read. */
export function select(rows: Rows, index: SearchIndex | undefined, filter: Filter): Iterable<Event> {
  const { since, until, kinds, limit, reverse = false } = filter;
  const head = rows.head().seq;
  const from = Math.max(1, filter.from ?? 1, since === undefined ? 1 : firstAt(rows, head, since));
  const to = Math.min(
    head,
    filter.to ?? head,
    until === undefined ? head : firstAt(rows, head, until + 1) - 1,
  );
  if (from > to || kinds?.length === 0) return [];
  const query = searchQuery(filter);
  const events =
    query === undefined ? pages(rows, from, to, reverse) : search(rows, index, filter, query, from, to);
  return limit === undefined ? events : first(limit, events);
}
