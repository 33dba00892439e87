/** One event of the journal: what it was in words, what belongs to it, and the whole of it as JSON. */
import { type Row, wrapHard, wrapWords } from '../src/console/cells.ts';
import { relatedTo } from '../src/console/related.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { eventAt } from '../src/console/timeline.ts';
import { clock } from '../src/console/words.ts';
import { concerned } from '../src/model/concern.ts';
import type { Event } from '../src/model/event.ts';
import { summarise } from '../src/model/summary.ts';
import { neutralise, oneLine } from '../src/model/text.ts';
import { localTime } from '../src/model/when.ts';
import { type Content, page } from './page.tsx';
import { toneOf } from './tone.ts';

export const EventDetail = page(content);

function content(state: ConsoleState, w: number): Content {
  const { overlay } = state.ui;
  const seq = overlay?.kind === 'event' ? overlay.seq : 0;
  const event = eventAt(state, seq);
  const title: Row = [
    [`Event ${seq} `, 'strong'],
    [event?.kind ?? '', 'muted'],
  ];
  if (!event) return { title, rows: [[' it is no longer in the console: hms audit show']] };
  const json = neutralise(JSON.stringify(event, null, 2)).split('\n');
  return {
    title,
    rows: [
      [
        [` ${localTime(event.time)} `, 'faint'],
        [oneLine(concerned(event), 64), 'strong'],
      ],
      ...message(event, w),
      ...related(state, event),
      ...json.flatMap(line =>
        wrapHard(line, w - 2).map((part, i): Row => [i > 0 ? ['↪ ', 'warn'] : ' ', [part, 'text']]),
      ),
    ],
  };
}

/** A message as it was written, other events in one sentence. */
function message(event: Event, w: number): readonly Row[] {
  const words = event.kind === 'message.sent' ? neutralise(event.data.text) : summarise(event);
  return [...wrapWords(words, w - 2).map((line): Row => [' ', [line, toneOf(event)]]), []];
}

/** Asked, decided, done: what has the same request, incident or conversation, with a mark at this one. */
function related(state: ConsoleState, event: Event): readonly Row[] {
  const events = relatedTo(state, event);
  if (events.length < 2) return [];
  return [
    [' belongs together ', ['← →', 'key'], [' goes along it', 'muted']],
    ...events.map(
      (other): Row => [
        [other.seq === event.seq ? ' ▸ ' : '   ', 'accent'],
        [`${clock(other.time)} `, 'faint'],
        [`${oneLine(other.actor.id, 32)} `, 'strong'],
        [summarise(other), toneOf(other)],
      ],
    ),
    [],
  ];
}
