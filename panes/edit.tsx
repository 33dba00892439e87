/** Edit-then-approve: first the editor, then what the edit changes. */
import type { Row } from '../src/console/cells.ts';
import { editable } from '../src/console/editable.ts';
import type { Framed } from '../src/console/frame.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { selectedRequest } from '../src/console/views.ts';
import { yesKey } from '../src/console/yes.ts';
import { oneLine } from '../src/model/text.ts';
import { actionRows, diffRows } from './action-rows.ts';
import { textRows } from './line-rows.ts';
import { inside, Pane, type PaneProps, scrolled } from './pane.tsx';

export function Edit(props: PaneProps) {
  const { w, h } = inside(props.rect);
  return <Pane {...props} focused framed={editFrame(props.state, w, h)} />;
}

export function Review(props: PaneProps) {
  const { w, h } = inside(props.rect);
  return <Pane {...props} focused framed={reviewFrame(props.state, w, h)} />;
}

function editFrame(state: ConsoleState, w: number, h: number): Framed {
  const { overlay } = state.ui;
  const request = selectedRequest(state);
  if (overlay?.kind !== 'edit' || !request) return { title: [], body: [] };
  const { field } = editable(request.action);
  const title: Row = [
    ['Edit ', 'strong'],
    [`${request.agent} · ${oneLine(request.action.tool, 40)} · ${field || 'input as JSON'}`, 'muted'],
  ];
  const problem: readonly Row[] = overlay.problem ? [[[` ✖ ${oneLine(overlay.problem, 200)}`, 'bad']]] : [];
  const rows = textRows(overlay.line, w - 2, h - problem.length).map((row): Row => [' ', ...row]);
  const foot: Row = [
    ['⏎', 'key', { on: 'key', key: 'enter' }],
    [' shows what changes', 'muted', { on: 'key', key: 'enter' }],
    [' · ', 'muted'],
    ['Ctrl-J', 'key'],
    [' new line · ', 'muted'],
    ['Esc', 'key', { on: 'key', key: 'esc' }],
    [' back', 'muted', { on: 'key', key: 'esc' }],
  ];
  return { title, foot, body: [...rows, ...problem] };
}

function reviewFrame(state: ConsoleState, w: number, h: number): Framed {
  const { overlay } = state.ui;
  const request = selectedRequest(state);
  if (overlay?.kind !== 'review' || !request) return { title: [], body: [] };
  const after = { ...request.action, input: overlay.input };
  const [was, is] = [editable(request.action).text, editable(after).text];
  const indent = (row: Row): Row => [' ', ...row];
  const rows: readonly Row[] = [
    [[was === is ? ' nothing was changed' : ' what the edit changes', 'muted']],
    ...diffRows(was, is, w - 2).map(indent),
    [],
    [[' what will run', 'muted']],
    ...actionRows(after, w - 2).map(indent),
  ];
  const ask: readonly Row[] = [
    [
      [' approve exactly this? ', 'warn'],
      [yesKey(overlay.keys), 'key'],
      [' yes · ', 'muted'],
      ['e', 'key', { on: 'key', key: 'e' }],
      [' edit again', 'muted', { on: 'key', key: 'e' }],
      [' · ', 'muted'],
      ['Esc', 'key', { on: 'key', key: 'esc' }],
      [' back', 'muted', { on: 'key', key: 'esc' }],
    ],
  ];
  const view = scrolled(rows, overlay.scroll, Math.max(1, h - 1), '↑ ↓');
  const title: Row = [
    ['Review the edit ', 'strong'],
    [request.agent, 'muted'],
  ];
  const fill = Array.from({ length: Math.max(0, h - 1 - view.body.length) }, (): Row => []);
  const most = { overlay: view.most };
  return { title, foot: view.foot, most, body: [...view.body, ...fill, ...ask] };
}
