/** What happened, newest first: as a story, or as the journal's every event. */
import { pad, type Row } from '../src/console/cells.ts';
import type { Framed } from '../src/console/frame.ts';
import type { ConsoleState } from '../src/console/state.ts';
import type { Token } from '../src/console/theme.ts';
import { concerned, timeline } from '../src/console/views.ts';
import { clock } from '../src/console/words.ts';
import type { Event } from '../src/model/event.ts';
import { summarise } from '../src/model/summary.ts';
import { oneLine } from '../src/model/text.ts';
import { inside, Pane, type PaneProps, windowFrom } from './pane.tsx';

export function Timeline(props: PaneProps) {
  const { state, rect } = props;
  return (
    <Pane {...props} focused={state.ui.focus === 'timeline'} framed={timelineFrame(state, inside(rect).h)} />
  );
}

function timelineFrame(state: ConsoleState, h: number): Framed {
  const audit = state.ui.bottom === 'audit';
  const filter = state.ui.filters.timeline ?? '';
  const list = timeline(state);
  const title: Row = [
    [audit ? 'Audit' : 'Timeline', 'strong'],
    [filter ? ` /${filter}` : '', 'accent'],
  ];
  if (list.length === 0)
    return { title, body: [[[filter ? ' nothing fits the filter' : ' nothing has happened yet', 'muted']]] };
  const found = list.findIndex(e => e.seq === state.ui.event);
  const at = Math.max(0, found);
  const from = windowFrom(at, list.length, h);
  const body = list.slice(from, from + h).map(e => (audit ? auditRow(e) : storyRow(e)));
  const focused = state.ui.focus === 'timeline';
  const foot: Row = from > 0 ? [[`▲ ${from} newer`, 'warn']] : [];
  return { title, foot, body, ...(focused ? { cursor: at - from } : {}) };
}

function storyRow(event: Event): Row {
  return [
    [` ${clock(event.time)} `, 'faint'],
    [`${pad(oneLine(concerned(event), 32), 10)} `, 'strong'],
    [summarise(event), toneOf(event)],
  ];
}

function auditRow(event: Event): Row {
  return [
    [` ${String(event.seq).padStart(6)} `, 'muted'],
    [`${clock(event.time)} `, 'faint'],
    [`${pad(event.kind, 20)} `, toneOf(event)],
    [`${pad(oneLine(event.subject, 64), 18)} `, 'strong'],
    [`${pad(oneLine(event.actor.id, 64), 10)} `, 'muted'],
    [summarise(event), 'muted'],
  ];
}

function toneOf(event: Event): Token {
  switch (event.kind) {
    case 'agent.failed':
    case 'incident.opened':
    case 'tmux.lost':
      return 'bad';
    case 'agent.exited':
      return event.data.wanted || event.data.status === 0 ? 'muted' : 'bad';
    case 'restart.scheduled':
      return 'info';
    case 'gate.requested':
      return event.data.verdict === 'hold' ? 'warn' : event.data.verdict === 'forbid' ? 'bad' : 'muted';
    case 'gate.settled':
      return event.data.outcome === 'approved' || event.data.outcome === 'permitted' ? 'good' : 'bad';
    case 'engine.noted':
      return event.data.level === 'error' ? 'bad' : event.data.level === 'warning' ? 'warn' : 'muted';
    default:
      return 'text';
  }
}
