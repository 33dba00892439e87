/** One event of the journal, whole, as JSON. */
import { type Row, wrapHard } from '../src/console/cells.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { neutralise } from '../src/model/text.ts';
import { type Content, page } from './page.tsx';

export const EventDetail = page(content);

function content(state: ConsoleState, w: number): Content {
  const { overlay } = state.ui;
  const seq = overlay?.kind === 'event' ? overlay.seq : 0;
  const event = state.tail.find(e => e.seq === seq);
  const json = event ? JSON.stringify(event, null, 2) : 'it is no longer in the console: hms audit show';
  const rows = neutralise(json)
    .split('\n')
    .flatMap(line =>
      wrapHard(line, w - 2).map((part, i): Row => [i > 0 ? ['↪ ', 'warn'] : ' ', [part, 'text']]),
    );
  const title: Row = [
    [`Event ${seq} `, 'strong'],
    [event?.kind ?? '', 'muted'],
  ];
  return { title, rows };
}
