/** What happened, newest first: as a story, as the journal's every event, or as lanes, where time goes down. */
import { pad, type Row } from '../src/console/cells.ts';
import type { Framed } from '../src/console/frame.ts';
import type { ConsoleState } from '../src/console/state.ts';
import type { Target } from '../src/console/target.ts';
import { gapAt, lookedBackTo, queryOf, selectedAt, timeline } from '../src/console/timeline.ts';
import { clock } from '../src/console/words.ts';
import { concerned } from '../src/model/concern.ts';
import type { Event } from '../src/model/event.ts';
import { fits, parseQuery } from '../src/model/query.ts';
import { summarise } from '../src/model/summary.ts';
import { oneLine } from '../src/model/text.ts';
import { laneRows, type Placed } from './lane-rows.ts';
import { inside, Pane, type PaneProps, windowFrom } from './pane.tsx';
import { toneOf } from './tone.ts';

export function Timeline(props: PaneProps) {
  const { state, rect } = props;
  const { w, h } = inside(rect);
  return <Pane {...props} focused={state.ui.focus === 'timeline'} framed={timelineFrame(state, w, h)} />;
}

const NAMES = { timeline: 'Timeline', audit: 'Audit', lanes: 'Lanes' } as const;

function timelineFrame(state: ConsoleState, w: number, h: number): Framed {
  const { bottom, filters, find, focus } = state.ui;
  const filter = filters.timeline ?? '';
  const [problem] = queryOf(filter).problems;
  const title: Row = [
    [NAMES[bottom], 'strong'],
    [filter ? ` /${oneLine(filter, 80)}` : '', 'accent'],
    [problem ? ` ! ${oneLine(problem, 120)}` : '', 'warn'],
    [find ? ` · search ${oneLine(find, 40)}` : '', 'muted'],
  ];
  const list = timeline(state);
  if (list.length === 0) return { title, body: [[[` ${nothing(state, filter)}`, 'muted']]] };
  const at = selectedAt(state);
  const lanes = bottom === 'lanes';
  const room = lanes ? Math.max(1, h - 1) : h;
  const from = windowFrom(at, list.length, room);
  const shown = list.slice(from, from + room);
  const rows = lanes ? laneRows(state, [...shown].reverse(), w) : listRows(state, shown);
  const target = (row: Placed): Target | undefined =>
    row.seq === 0 ? undefined : { on: 'event', seq: row.seq };
  const seq = list[at]?.seq;
  const cursor = rows.findIndex(row => row.seq === seq);
  return {
    title,
    foot: footOf(state, from, list.length - from - shown.length, lanes),
    body: rows.map(row => row.row),
    targets: rows.map(target),
    ...(focus === 'timeline' && cursor >= 0 ? { cursor } : {}),
  };
}

function nothing(state: ConsoleState, filter: string): string {
  if (state.reading) return `looking further back, from event ${lookedBackTo(state)} …`;
  return filter ? 'nothing fits the filter' : 'nothing has happened yet';
}

function footOf(state: ConsoleState, newer: number, older: number, lanes: boolean): Row {
  const more = lookedBackTo(state) > 1;
  const [up, down] = lanes ? ['▼', '▲'] : ['▲', '▼'];
  return [
    [newer > 0 ? `${up} ${newer} newer ` : '', 'warn'],
    [newer > 0 && (older > 0 || more) ? `${down} ${older}${more ? '+' : ''} older` : '', 'muted'],
    [state.reading ? ' … reading' : '', 'info'],
  ];
}

function listRows(state: ConsoleState, shown: readonly Event[]): readonly Placed[] {
  const audit = state.ui.bottom === 'audit';
  const wanted = state.ui.find === '' ? undefined : parseQuery(state.ui.find);
  const gap = gapAt(state);
  return shown.flatMap((event, i): Placed[] => {
    // A mark, so that what was searched for stands out without colour.
    const found = wanted !== undefined && fits(wanted, event);
    const lead: Row = [[found ? '›' : ' ', 'accent']];
    const row: Placed = { seq: event.seq, row: [...lead, ...(audit ? auditRow(event) : storyRow(event))] };
    const after = gap > 0 && event.seq <= gap && (shown[i - 1]?.seq ?? 0) > gap;
    return after ? [{ seq: 0, row: [['  ⋯ not read yet: what lies between', 'faint']] }, row] : [row];
  });
}

function storyRow(event: Event): Row {
  return [
    [`${clock(event.time)} `, 'faint'],
    [`${pad(oneLine(concerned(event), 32), 10)} `, 'strong'],
    [summarise(event), toneOf(event)],
  ];
}

function auditRow(event: Event): Row {
  return [
    [`${String(event.seq).padStart(6)} `, 'muted'],
    [`${clock(event.time)} `, 'faint'],
    [`${pad(event.kind, 20)} `, toneOf(event)],
    [`${pad(oneLine(event.subject, 64), 18)} `, 'strong'],
    [`${pad(oneLine(event.actor.id, 64), 10)} `, 'muted'],
    [summarise(event), 'muted'],
  ];
}
