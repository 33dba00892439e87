/**
 * The timeline as lanes: a column for each agent and person, time downwards, and an arrow for each event that goes from
 * one to another. Pure: what is drawn is a function of the events, the lanes and the width. Direction is told by the
 * arrow's head, never by colour alone.
 */
import { written } from '../model/address.ts';
import type { Event } from '../model/event.ts';
import type { FleetState } from '../model/state.ts';
import { summarise } from '../model/summary.ts';
import { oneLine } from '../model/text.ts';
import { columns, cut, pad } from './cells.ts';

/** The lane of all people: what is asked of whoever decides. */
export const PEOPLE = '@people';

/** The lane of what concerns nobody alone; no agent can be called so. */
const FLEET = 'the fleet';

/** From whom to whom, and what is said about it. `to` is '' for what concerns one alone. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly words: string;
}

/** Whose a request is, where the console still knows; ''. */
export interface Known {
  agentOf(request: string): string;
}

export function flowOf(event: Event, known: Known): Flow {
  const alone = { from: laneOf(event, known), to: '', words: summarise(event) };
  switch (event.kind) {
    case 'message.sent': {
      const { from, to, text } = event.data;
      const [lane, words] = [written(to), oneLine(text, 200)];
      // To many: one arrow to the people, else a mark with the address in words.
      return lane === '@agents' || lane === '@all'
        ? { from: written(from), to: '', words: `to ${lane}: ${words}` }
        : { from: written(from), to: lane, words };
    }
    case 'gate.requested':
      if (event.data.verdict !== 'hold' || event.data.agent === '') return alone;
      return { from: event.data.agent, to: PEOPLE, words: `asks ${oneLine(event.data.facts.title, 120)}` };
    case 'approval.decided': {
      const agent = known.agentOf(event.data.request);
      const done = { approve: 'approves', deny: 'denies', override: 'overrides' }[event.data.decision];
      return agent === '' ? alone : { from: `@${event.actor.id}`, to: agent, words: done };
    }
    case 'lease.taken':
    case 'lease.released': {
      const [, agent = ''] = /^keyboard:(.+)$/.exec(event.data.name) ?? [];
      const who = `@${event.actor.id}`;
      if (agent === '') return alone;
      return event.kind === 'lease.taken'
        ? { from: who, to: agent, words: 'takes the keyboard' }
        : { from: agent, to: who, words: 'keyboard back' };
    }
    default:
      return alone;
  }
}

function laneOf(event: Event, known: Known): string {
  const [type, name = ''] = event.subject.split(':', 2);
  if (type === 'agent') return name;
  if (event.actor.type === 'operator') return `@${event.actor.id}`;
  if (event.actor.type === 'agent') return event.actor.id;
  const { data } = event;
  if ('agent' in data && typeof data.agent === 'string' && data.agent) return data.agent;
  return ('request' in data && known.agentOf(data.request)) || FLEET;
}

/** The lanes there are: agents in their order, all people, each person seen by name, the fleet as a whole. */
export function lanesOf(
  { order, sessions, operators }: FleetState,
  flows: readonly Flow[],
): readonly string[] {
  const people = new Set([
    ...Object.keys(operators).map(name => `@${name}`),
    ...Object.values(sessions).map(s => `@${s.operator}`),
    ...flows.flatMap(f => [f.from, f.to]).filter(lane => lane.startsWith('@')),
  ]);
  people.delete(PEOPLE);
  return [...order, PEOPLE, ...[...people].sort(), FLEET];
}

/** Columns a lane needs at least. */
const LEAST = 12;

interface Page {
  /** Index of the first lane that is shown. */
  readonly first: number;
  readonly shown: readonly string[];
  /** Columns of one lane. */
  readonly w: number;
}

/** The lanes that fit `width` columns, from `first` or as near as there are enough. */
export function pageOf(lanes: readonly string[], first: number, width: number): Page {
  const most = Math.max(1, Math.floor(width / LEAST));
  const from = Math.max(0, Math.min(first, lanes.length - most));
  const shown = lanes.slice(from, from + most);
  return { first: from, shown, w: Math.max(1, Math.floor(width / Math.max(1, shown.length))) };
}

/** The names above the lanes, each over its line. */
export function laneHead({ shown, w }: Page, width: number): string {
  return pad(shown.map(lane => pad(lane, Math.max(1, w - 1))).join(' '), width);
}

interface Piece {
  readonly text: string;
  readonly is: 'line' | 'mark' | 'words';
}

/** One event across the lanes: pieces of together exactly `width` columns. */
export function laneRow(
  { from, to, words }: Flow,
  lanes: readonly string[],
  page: Page,
  width: number,
): readonly Piece[] {
  const cells: Piece[] = new Array(width);
  const place = (at: number, text: string, is: Piece['is']): void => {
    let x = at;
    for (const char of text) {
      if (x >= 0 && x < width) cells[x] = { text: char, is };
      x += 1;
    }
  };
  for (let x = 0; x < width; x += 1) cells[x] = { text: ' ', is: 'line' };
  for (const i of page.shown.keys()) place(centre(i, page), '│', 'line');
  const end = width - 1;
  const [a, b] = [column(from, lanes, page, end), column(to, lanes, page, end)];
  if (to === '' || b === undefined || a === undefined || a === b) {
    // Alone, or with somebody who has no lane: a mark and the words, which may run over the lanes on the roomier side.
    const at = a ?? b ?? 0;
    const who =
      to === '' || to === from ? '' : b === undefined ? `→ ${to}: ` : a === undefined ? `← ${from}: ` : '';
    const room = Math.max(0, width - at - 2);
    const whole = who + words;
    const before = columns(whole) > room && at - 1 > room;
    const part = cut(whole, before ? at - 1 : room);
    return joined(cells, [[at, '●', 'mark']], before ? at - 1 - columns(part) : at + 2, part, width);
  }
  const [left, right] = a < b ? [a, b] : [b, a];
  const line = '─'.repeat(Math.max(0, right - left - 1));
  const marks: [number, string, Piece['is']][] = [
    [a, '●', 'mark'],
    [left + 1, line, 'mark'],
    [b, a < b ? '▶' : '◀', 'mark'],
  ];
  const over = right - left - 5;
  const off = offPage(from, to, lanes, page);
  const text = off === '' ? words : `${off} ${words}`;
  // On the arrow where that is long enough to read something, else beside it.
  if (over >= Math.min(columns(text), 8)) {
    return joined(cells, marks, left + 2, ` ${cut(text, over)} `, width);
  }
  return joined(cells, marks, right + 2, cut(text, Math.max(0, width - right - 2)), width);
}

function centre(index: number, { w }: Page): number {
  return index * w + Math.min(2, w - 1);
}

/** Where a lane's line is; the edge for one that is on another page; undefined for none. */
function column(lane: string, lanes: readonly string[], page: Page, end: number): number | undefined {
  const at = lanes.indexOf(lane);
  if (lane === '' || at < 0) return undefined;
  const index = at - page.first;
  if (index < 0) return 0;
  return index >= page.shown.length ? end : centre(index, page);
}

/** The name of who is not on this page: the arrow goes to the edge. */
function offPage(from: string, to: string, lanes: readonly string[], page: Page): string {
  const off = (lane: string): boolean => lanes.includes(lane) && !page.shown.includes(lane);
  const names = [off(from) ? `${from} →` : '', off(to) ? `→ ${to}` : ''].filter(name => name !== '');
  return names.length === 0 ? '' : `(${names.join(' ')})`;
}

/** Marks and words over the lines; words may hold wide characters, so the row is built in order. */
function joined(
  cells: readonly Piece[],
  marks: readonly (readonly [number, string, Piece['is']])[],
  at: number,
  words: string,
  width: number,
): readonly Piece[] {
  const row = [...cells];
  for (const [x, text, is] of marks) {
    for (const [i, char] of [...text].entries()) if (x + i < width) row[x + i] = { text: char, is };
  }
  const w = columns(words);
  const all =
    w === 0 || at + w > width
      ? row
      : [...row.slice(0, at), { text: words, is: 'words' as const }, ...row.slice(at + w)];
  return all.reduce<Piece[]>((pieces, piece) => {
    const last = pieces.at(-1);
    if (last?.is !== piece.is) pieces.push(piece);
    else pieces[pieces.length - 1] = { text: last.text + piece.text, is: piece.is };
    return pieces;
  }, []);
}
