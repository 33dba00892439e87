/** The rows of the timeline, which of them is selected, and what must be read from the engine for them. */
import { isStory } from '../model/concern.ts';
import type { Event } from '../model/event.ts';
import { fits, parseQuery, type Query } from '../model/query.ts';
import type { JournalPage, OperatorInput } from '../protocol/messages.ts';
import { type Send, type Step, still } from './effects.ts';
import {
  begun,
  type History,
  hasGap,
  type Reading,
  sameReading,
  withLeft,
  withNewer,
  withOlder,
} from './history.ts';
import { type ConsoleState, toast, withUi } from './state.ts';

/** Rows beyond the selection that are read before they are needed. */
const AHEAD = 40;

type Read = OperatorInput<'journal.read'>;

/** A page that is on its way, and what for. */
export interface PageWanted {
  readonly for: 'older' | 'newer' | 'jump' | 'seek-older' | 'seek-newer';
  readonly with: Read;
}

/** Events that belong to the one in the details. */
export interface Related {
  readonly ref: string;
  readonly events: readonly Event[];
  /** With what they were asked for. */
  readonly asked: Read;
}

let lastText = '';
let lastQuery: Query = parseQuery('');

/** The query in force, and what of it is not understood. */
export function queryOf(text: string | undefined): Query {
  const wanted = text ?? '';
  if (wanted !== lastText) [lastText, lastQuery] = [wanted, parseQuery(wanted)];
  return lastQuery;
}

function readingOf(state: ConsoleState): Reading {
  return { query: state.ui.filters.timeline ?? '', story: state.ui.bottom !== 'audit' };
}

/** What has been read with the query in force. */
function historyOf(state: ConsoleState): History | null {
  const { history } = state;
  return history && sameReading(history, readingOf(state)) ? history : null;
}

function shows({ query, story }: Reading, event: Event): boolean {
  return (!story || isStory(event)) && fits(queryOf(query), event);
}

let made: { readonly of: readonly unknown[]; readonly list: readonly Event[] } = { of: [], list: [] };

/** Every row there is, newest first. Made anew only when what it is made of has changed. */
export function timeline(state: ConsoleState): readonly Event[] {
  const reading = readingOf(state);
  const history = historyOf(state);
  const of = [state.tail, history, reading.query, reading.story];
  if (of.every((part, i) => part === made.of[i]) && made.of.length > 0) return made.list;
  const oldest = state.tail[0]?.seq ?? Infinity;
  const before = history?.events.filter(event => event.seq < oldest) ?? [];
  const list = [...before, ...state.tail.filter(event => shows(reading, event))].reverse();
  made = { of, list };
  return list;
}

/** Index of the selected row; the newest where none is selected. */
export function selectedAt(state: ConsoleState): number {
  return state.ui.event === 0
    ? 0
    : Math.max(
        0,
        timeline(state).findIndex(e => e.seq === state.ui.event),
      );
}

/** The row `by` further on, older rows being further; an end for Infinity. A gap is not stepped over unread. */
export function stepped(state: ConsoleState, by: number): number {
  const list = timeline(state);
  const at = selectedAt(state);
  const to = list[Math.max(0, Math.min(list.length - 1, at + by))];
  const gap = gapAt(state);
  const here = list[at]?.seq ?? 0;
  if (gap === 0 || !Number.isFinite(by) || !to || here > gap === to.seq > gap) return to?.seq ?? 0;
  return (here > gap ? list.findLast(e => e.seq > gap) : list.find(e => e.seq <= gap))?.seq ?? 0;
}

/** The seq after which something has not been read, between the tail and what is older; 0 where nothing is missing. */
export function gapAt(state: ConsoleState): number {
  const history = historyOf(state);
  return history && hasGap(history, state.tail) ? history.to : 0;
}

/** The oldest place that has been looked at: 1 when there is nothing older. */
export function lookedBackTo(state: ConsoleState): number {
  const history = historyOf(state);
  return history ? history.from : (state.tail[0]?.seq ?? 1);
}

/** An event by its place, wherever the console has it. */
export function eventAt(state: ConsoleState, seq: number): Event | undefined {
  return (
    state.tail.find(e => e.seq === seq) ??
    state.history?.events.find(e => e.seq === seq) ??
    state.related?.events.find(e => e.seq === seq)
  );
}

/** The events of the tail that have to go, kept where they can be. */
export function slid(state: ConsoleState, left: readonly Event[]): History | null {
  const { history } = state;
  return history && withLeft(history, left, event => shows(history, event));
}

/** The page to ask for now, because the selection comes near an end of what there is. */
export function pageWanted(state: ConsoleState): PageWanted | undefined {
  if (state.reading || state.link.is !== 'up' || state.ui.focus !== 'timeline' || state.tail.length === 0)
    return undefined;
  const reading = readingOf(state);
  const at = selectedAt(state);
  const list = timeline(state);
  const gap = gapAt(state);
  if (gap > 0) {
    const edge = list.findIndex(e => e.seq <= gap);
    const beyond = edge >= 0 && at >= edge;
    if (beyond && at - edge < AHEAD) return { for: 'newer', with: { ...reading, after: gap } };
    // From this side the way back begins at the tail again, and what was read far away is let go.
    const [oldest] = state.tail;
    if (!beyond && edge - at <= AHEAD && oldest)
      return { for: 'older', with: { ...reading, before: oldest.seq } };
    if (!beyond) return undefined;
  }
  const back = lookedBackTo(state);
  if (back <= 1 || list.length - at > AHEAD) return undefined;
  return { for: 'older', with: { ...reading, before: back } };
}

/** What follows from a page that came. */
export function pageRead(state: ConsoleState, asked: Read, page: JournalPage): Step {
  const { reading: wanted } = state;
  if (wanted?.with !== asked) return still(state);
  const next: ConsoleState = { ...state, reading: null };
  const reading = readingOf(state);
  const history = historyOf(state);
  const current = wanted.with.query === reading.query || wanted.for.startsWith('seek');
  if (!current) return still(next);
  switch (wanted.for) {
    case 'older':
      return still({
        ...next,
        history: history && page.to === history.from - 1 ? withOlder(history, page) : begun(reading, page),
      });
    case 'newer':
      return still(history ? { ...next, history: withNewer(history, page) } : next);
    case 'jump': {
      const event = page.events.at(-1);
      if (!event) return still(toast(next, 'warn', 'nothing is that old'));
      return still(withUi({ ...next, history: begun(reading, page) }, { event: event.seq }));
    }
    case 'seek-older':
    case 'seek-newer':
      return found(next, wanted, page);
  }
}

function found(state: ConsoleState, wanted: PageWanted, page: JournalPage): Step {
  const older = wanted.for === 'seek-older';
  const event = older ? page.events.at(-1) : page.events[0];
  if (event) return goTo(state, event.seq);
  const over = older ? page.from <= 1 : page.to >= state.fleet.seq;
  if (over)
    return still(toast(state, 'info', `nothing ${older ? 'older' : 'newer'} fits “${state.ui.find}”`));
  return asked(state, {
    for: wanted.for,
    with: { ...wanted.with, ...(older ? { before: page.from } : { after: page.to }) },
  });
}

/** Selects the event; reads the page around it when it is not among the rows. */
export function goTo(state: ConsoleState, seq: number): Step {
  if (timeline(state).some(e => e.seq === seq)) return still(withUi(state, { event: seq }));
  return asked(state, { for: 'jump', with: { ...readingOf(state), before: seq + 1 } });
}

/** Selects what was newest at a time, ms since the epoch. */
export function goToTime(state: ConsoleState, time: number): Step {
  const [oldest] = state.tail;
  if (oldest && oldest.time <= time) {
    const at = timeline(state).find(e => e.time <= time);
    if (at) return still(withUi(state, { event: at.seq }));
  }
  return asked(state, { for: 'jump', with: { ...readingOf(state), until: time } });
}

/** The next row that fits what is searched for, `older` or newer than the selected one. */
export function seek(state: ConsoleState, older: boolean): Step {
  const { find } = state.ui;
  const query = parseQuery(find);
  const [problem] = query.problems;
  if (problem) return still(toast(state, 'warn', problem));
  const list = timeline(state);
  const at = selectedAt(state);
  const gap = gapAt(state);
  const reachable = (event: Event): boolean => gap === 0 || event.seq > gap === (list[at]?.seq ?? 0) > gap;
  const near = older
    ? list.slice(at + 1).find(event => fits(query, event))
    : list.slice(0, at).findLast(event => fits(query, event));
  if (near && reachable(near)) return still(withUi(state, { event: near.seq }));
  const reading = readingOf(state);
  const both = { ...reading, query: `${reading.query} ${find}`.trim(), limit: 1 };
  const from = list[at]?.seq ?? state.fleet.seq;
  const oldest = gap > 0 && from > gap ? (state.tail[0]?.seq ?? 1) : lookedBackTo(state);
  if (older && oldest > 1)
    return asked(state, { for: 'seek-older', with: { ...both, before: Math.max(1, oldest) } });
  if (!older && gap > 0 && from <= gap)
    return asked(state, { for: 'seek-newer', with: { ...both, after: gap } });
  return still(toast(state, 'info', `nothing ${older ? 'older' : 'newer'} fits “${find}”`));
}

/** Asks the engine for a page; what was on its way before is no longer waited for. */
export function asked(state: ConsoleState, wanted: PageWanted): Step {
  if (state.link.is !== 'up')
    return still(toast(state, 'warn', 'older events are the engine’s to read: it is not connected'));
  const send: Send = { request: 'journal.read', with: wanted.with };
  return { state: { ...state, reading: wanted }, effects: [{ do: 'send', send }] };
}
