/** One event of the journal, whole, as JSON. */
import { type Row, wrapHard } from '../src/console/cells.ts';
import type { Framed } from '../src/console/frame.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { neutralise } from '../src/model/text.ts';
import { inside, Pane, type PaneProps, scrolled } from './pane.tsx';

export function EventDetail(props: PaneProps) {
  const { w, h } = inside(props.rect);
  return <Pane {...props} focused framed={eventFrame(props.state, w, h)} />;
}

export function eventFrame(state: ConsoleState, w: number, h: number): Framed {
  const { overlay } = state.ui;
  const seq = overlay?.kind === 'event' ? overlay.seq : 0;
  const event = state.tail.find(e => e.seq === seq);
  const json = event ? JSON.stringify(event, null, 2) : 'it is no longer in the console: hms audit show';
  const rows = neutralise(json)
    .split('\n')
    .flatMap(line =>
      wrapHard(line, w - 2).map((part, i): Row => [i > 0 ? ['↪ ', 'warn'] : ' ', [part, 'text']]),
    );
  const view = scrolled(rows, overlay?.kind === 'event' ? overlay.scroll : 0, h, '↑ ↓');
  const title: Row = [
    [`Event ${seq} `, 'strong'],
    [event?.kind ?? '', 'muted'],
  ];
  return {
    title,
    corner: [
      ['Esc', 'key'],
      [' closes', 'muted'],
    ],
    foot: view.foot,
    body: view.body,
  };
}
