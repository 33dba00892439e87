/** The selected request on all the room there is: the whole action, scrollable. Decision keys work here too. */
import type { Row } from '../src/console/cells.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { selectedRequest } from '../src/console/views.ts';
import { actionRows } from './action-rows.ts';
import { factRows } from './approvals.tsx';
import { type Content, page } from './page.tsx';

export const WholeAction = page(content);

function content(state: ConsoleState, w: number): Content {
  const request = selectedRequest(state);
  if (!request) return { title: [['Action', 'strong']], rows: [] };
  const indent = (row: Row): Row => [' ', ...row];
  const rows = [...factRows(state, request, w - 2), ...actionRows(request.action, w - 2)].map(indent);
  const title: Row = [
    ['Action ', 'strong'],
    [request.id, 'muted'],
  ];
  return { title, rows, esc: 'closes, decides nothing' };
}
