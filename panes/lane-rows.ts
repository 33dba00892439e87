/** The rows of the lanes, oldest first, under the lanes' names. */
import type { Row, Span } from '../src/console/cells.ts';
import { type Flow, flowOf, type Known, laneHead, laneRow, lanesOf, pageOf } from '../src/console/lanes.ts';
import type { ConsoleState } from '../src/console/state.ts';
import type { Token } from '../src/console/theme.ts';
import { clock } from '../src/console/words.ts';
import type { Event } from '../src/model/event.ts';
import { fits, parseQuery } from '../src/model/query.ts';
import { toneOf } from './tone.ts';

/** A clock and two spaces. */
const TIME = 10;

/** A row and the event it shows; 0 for none. */
export interface Placed {
  readonly seq: number;
  readonly row: Row;
}

export function laneRows(state: ConsoleState, events: readonly Event[], w: number): readonly Placed[] {
  const known = knownTo(state);
  const wanted = state.ui.find === '' ? undefined : parseQuery(state.ui.find);
  const flows = events.map(event => flowOf(event, known));
  const lanes = lanesOf(state.fleet, flows);
  const width = Math.max(1, w - TIME);
  const page = pageOf(lanes, state.ui.lane, width);
  const before = page.first;
  const after = lanes.length - page.first - page.shown.length;
  const head: Row = [
    [`${before > 0 ? `◀${before}` : '  '}${after > 0 ? ` ${after}▶` : ''}`.padEnd(TIME), 'warn'],
    [laneHead(page, width), 'strong'],
  ];
  const rows = events.map((event, i): Placed => {
    const flow = flows[i] as Flow;
    const found = wanted !== undefined && fits(wanted, event);
    const pieces = laneRow(flow, lanes, page, width);
    return {
      seq: event.seq,
      row: [
        [found ? '›' : ' ', 'accent'],
        [`${clock(event.time)} `, 'faint'],
        ...pieces.map(p => span(p, toneOf(event))),
      ],
    };
  });
  return [{ seq: 0, row: head }, ...rows];
}

function span({ text, is }: ReturnType<typeof laneRow>[number], tone: Token): Span {
  return [text, is === 'line' ? 'faint' : is === 'mark' ? 'accent' : tone];
}

function knownTo({ fleet, tail }: ConsoleState): Known {
  return {
    agentOf: id => {
      const request = fleet.pending[id] ?? fleet.settled.find(r => r.id === id);
      if (request) return request.agent;
      const asked = tail.find(e => e.kind === 'gate.requested' && e.data.request === id);
      return asked?.kind === 'gate.requested' ? asked.data.agent : '';
    },
  };
}
