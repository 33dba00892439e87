/** The journal of a fleet as it grows, and what it says came of a fault. Read from the file: engines come and go. */
import { openReader } from '../../src/journal/reader.ts';
import type { Event, EventOf } from '../../src/model/event.ts';
import type { Ward } from './ward.ts';

export interface Trial {
  readonly fault: string;
  readonly agent: string;
  /** When it was done, ms since the epoch. */
  readonly at: number;
  /** When its cause was gone by itself. */
  gone?: number;
  readonly onlyAnew: boolean;
}

export interface Verdict {
  /** When an incident was opened, or the end of the agent was noticed. */
  readonly detected: number | undefined;
  /** Its last line before that. */
  readonly lastLine: number;
  /** The first line of the time in which it was well until the incident was closed, and after. */
  readonly sign: number | undefined;
  /** When that was verified. */
  readonly closed: number | undefined;
  readonly asked: boolean;
  /** What was tried, with what came of it. */
  readonly tried: readonly string[];
}

/** A line at least so often, or it is not well, ms: a thousandth of the pauses are longer. */
const WELL_MS = 4000;

export class Chronicle {
  readonly #reader;
  readonly #events: Event[] = [];

  constructor(path: string) {
    this.#reader = openReader(path, { index: false });
  }

  /** Everything so far. */
  get events(): readonly Event[] {
    this.#events.push(...this.#reader.read({ from: this.#events.length + 1 }));
    return this.#events;
  }

  close(): void {
    this.#reader.close();
  }

  /** What came of it, as far as is known. */
  verdictOf({ agent, at, onlyAnew }: Trial, ward: Ward): Verdict {
    const { events } = this;
    const mine = events.filter(event => event.time >= at && agentOf(event, events) === agent);
    const noticed = mine.find(({ kind }) => kind === 'incident.opened' || kind === 'agent.exited');
    const detected = noticed?.time;
    const open = mine.reduce((count, { kind }) => count + (OPENS[kind] ?? 0), 0);
    const last = mine.findLast(
      (event): event is EventOf<'incident.closed'> => event.kind === 'incident.closed',
    );
    const closed = open === 0 && detected !== undefined && last && wentWell(last) ? last.time : undefined;
    const lines = ward.runs(agent).flatMap(run => run.lines);
    return {
      detected,
      lastLine: lines.findLast(line => line < (detected ?? Number.POSITIVE_INFINITY)) ?? at,
      sign: closed === undefined ? undefined : signOf(ward, agent, at, closed, onlyAnew),
      closed,
      asked: mine.some(({ kind }) => kind === 'incident.escalated' || kind === 'agent.failed'),
      tried: mine.flatMap(triedWords),
    };
  }

  /** Agents that were thought to be ill while nothing was done to them. */
  falseAlarms(trials: readonly Trial[]): readonly string[] {
    const opened = this.events.filter(
      (event): event is EventOf<'incident.opened'> => event.kind === 'incident.opened',
    );
    return opened
      .filter(({ time, data }) => !trials.some(({ agent, at }) => agent === data.agent && at <= time))
      .map(({ data }) => `${data.agent}: ${data.class}, ${data.detail}`);
  }
}

const OPENS: Readonly<Record<string, number>> = { 'incident.opened': 1, 'incident.closed': -1 };

const wentWell = ({ data: { outcome, result } }: EventOf<'incident.closed'>): boolean =>
  result === 'recovered' || result === 'organic' || (result === undefined && outcome.startsWith('recovered'));

function agentOf(event: Event, events: readonly Event[]): string {
  if (event.kind === 'incident.closed') {
    const { incident } = event.data;
    const opened = events.find(one => one.kind === 'incident.opened' && one.data.incident === incident);
    return opened?.kind === 'incident.opened' ? opened.data.agent : '';
  }
  const { agent } = event.data as { agent?: unknown };
  return typeof agent === 'string' ? agent : '';
}

function triedWords(event: Event): readonly string[] {
  switch (event.kind) {
    case 'incident.opened':
      return [`opened as ${event.data.class}`];
    case 'recovery.attempted':
      return [event.data.strategy];
    case 'recovery.failed':
      return [`${event.data.result} (${event.data.detail})`];
    case 'incident.closed':
      return [event.data.outcome];
    default:
      return [];
  }
}

function signOf(
  ward: Ward,
  agent: string,
  at: number,
  closed: number,
  onlyAnew: boolean,
): number | undefined {
  const run = ward.runs(agent).findLast(({ from }) => from <= closed);
  if (!run || (onlyAnew && run.from < at)) return undefined;
  const before = run.lines.filter(line => line <= closed);
  let sign = before.at(-1);
  if (sign === undefined || closed - sign > WELL_MS) return undefined;
  for (const line of before.reverse()) {
    if (sign - line > WELL_MS || line < at) break;
    sign = line;
  }
  return sign;
}
