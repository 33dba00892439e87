/** The selected request on all the room there is: the whole action, scrollable. Decision keys work here too. */
import type { Row } from '../src/console/cells.ts';
import type { Framed } from '../src/console/frame.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { selectedRequest } from '../src/console/views.ts';
import { actionRows } from './action-rows.ts';
import { factRows } from './approvals.tsx';
import { inside, Pane, type PaneProps, scrolled } from './pane.tsx';

export function WholeAction(props: PaneProps) {
  const { w, h } = inside(props.rect);
  return <Pane {...props} focused framed={wholeActionFrame(props.state, w, h)} />;
}

export function wholeActionFrame(state: ConsoleState, w: number, h: number): Framed {
  const request = selectedRequest(state);
  if (!request) return { title: [['Action', 'strong']], body: [] };
  const indent = (row: Row): Row => [' ', ...row];
  const rows = [...factRows(state, request, w - 2), ...actionRows(request.action, w - 2)].map(indent);
  const view = scrolled(rows, state.ui.overlay?.kind === 'action' ? state.ui.overlay.scroll : 0, h, '↑ ↓');
  const title: Row = [
    ['Action ', 'strong'],
    [request.id, 'muted'],
  ];
  return {
    title,
    corner: [
      ['Esc', 'key'],
      [' closes, decides nothing', 'muted'],
    ],
    foot: view.foot,
    body: view.body,
  };
}
