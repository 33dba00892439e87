/** The queue: what waits for a person, riskiest first, and the whole of the selected action. */
import { ends, type Row, type Span, wrapWords } from '../src/console/cells.ts';
import type { Framed } from '../src/console/frame.ts';
import { keyFor, shortKeyFor } from '../src/console/keymap.ts';
import type { ConsoleState } from '../src/console/state.ts';
import type { Target } from '../src/console/target.ts';
import {
  approvalsList,
  modeOf,
  queue,
  restsFor,
  selectedRequest,
  stillNeeded,
} from '../src/console/views.ts';
import { age } from '../src/console/words.ts';
import { refusal } from '../src/model/mode.ts';
import type { RequestState } from '../src/model/state.ts';
import { oneLine, plural } from '../src/model/text.ts';
import { actionRows } from './action-rows.ts';
import { inside, Pane, type PaneProps, scrolled, windowFrom } from './pane.tsx';
import { riskSpan } from './status-look.ts';

/** Rows of the action that are kept in view beside the facts. */
const LEAST_ACTION = 4;

export function Approvals(props: PaneProps) {
  const { state, rect } = props;
  const { w, h } = inside(rect);
  return <Pane {...props} focused={state.ui.focus === 'approvals'} framed={approvalsFrame(state, w, h)} />;
}

function approvalsFrame(state: ConsoleState, w: number, h: number): Framed {
  const list = approvalsList(state);
  const waiting = queue(state).length;
  const filter = state.ui.filters.approvals ?? '';
  const title: Row = [
    ['Approvals', 'strong'],
    [waiting > 0 ? ` ${waiting}` : '', 'warn'],
    [filter ? ` /${filter}` : '', 'accent'],
  ];
  if (list.length === 0) return { title, body: emptyRows(state, filter, w) };

  const at = list.findIndex(r => r.id === state.ui.request);
  const most = Math.max(1, Math.floor(h / 3));
  const listed = Math.min(list.length, most);
  const from = windowFrom(Math.max(0, at), list.length, listed);
  const rows = list
    .slice(from, from + listed)
    .map((r): Row => entryRow(state, r, r.id === state.ui.request, w));
  const targets = list.slice(from, from + listed).map(({ id }): Target => ({ on: 'request', id }));
  const selected = selectedRequest(state);
  if (!selected) return { title, body: rows, targets };

  const hidden = list.length - listed;
  const rule: Row = [
    ['─'.repeat(Math.max(0, w - (hidden > 0 ? 9 + String(hidden).length : 0))), 'faint'],
    [hidden > 0 ? ` ${hidden} more ↕` : '', 'warn'],
  ];
  const indent = (row: Row): Row => [' ', ...row];
  const facts = factRows(state, selected, w - 2).map(indent);
  const action = actionRows(selected.action, w - 2).map(indent);
  const below = h - rows.length - 1;
  // Where the facts would leave no room for the action, the action comes first and all of it scrolls.
  const tight = below - facts.length < Math.min(action.length, LEAST_ACTION);
  const fixed = tight ? [] : facts;
  const keys = `${shortKeyFor(state, 'move.page-down')} ${shortKeyFor(state, 'move.page-up')}`;
  const view = scrolled(tight ? [...action, ...facts] : action, state.ui.scroll, below - fixed.length, keys);
  const body = [...rows, rule, ...fixed, ...view.body];
  return {
    title,
    foot: view.foot,
    most: { action: view.most },
    body,
    targets,
    ...(at >= from && at < from + listed ? { cursor: at - from } : {}),
  };
}

function entryRow(state: ConsoleState, request: RequestState, selected: boolean, w: number): Row {
  const rests = restsFor(state, request);
  const forbidden = request.outcome === 'forbidden';
  const mark: Span = forbidden
    ? ['FORBIDDEN', 'bad']
    : rests
      ? [request.facts.level.toUpperCase(), 'muted']
      : riskSpan(request.facts.level);
  const note = forbidden
    ? ''
    : request.deferredUntil > state.now
      ? `later ${age(request.deferredUntil - state.now)} `
      : rests
        ? 'waits for others '
        : '';
  return ends(
    [
      [selected ? '▸ ' : '  ', 'accent'],
      mark,
      ' ',
      [request.agent || 'engine', 'strong'],
      ' ',
      [oneLine(request.facts.title, 120), rests ? 'muted' : 'text'],
    ],
    [' ', [note, 'muted'], [age(state.now - (forbidden ? request.settledAt : request.at)), 'muted'], ' '],
    w,
  );
}

/** Who asks, how bad it could be, why it waits, what a yes covers and what happens when nobody answers. */
export function factRows(state: ConsoleState, request: RequestState, w: number): readonly Row[] {
  const { facts } = request;
  const forbidden = request.outcome === 'forbidden';
  const head: Row = [
    riskSpan(facts.level),
    ' ',
    [oneLine(facts.effect, 40), 'strong'],
    [` · ${oneLine(request.action.tool, 40)} · `, 'muted'],
    [request.agent || 'engine', 'strong'],
  ];
  const rules = request.rules.length > 0 ? oneLine(request.rules.join(', '), 120) : 'the default';
  const why = `${forbidden ? 'forbidden' : 'held'} by ${rules}${request.why ? `: ${oneLine(request.why, 400)}` : ''}`;
  const rows: Row[] = [head, ...wrapWords(why, w).map((line): Row => [[line, forbidden ? 'bad' : 'muted']])];
  if (forbidden)
    rows.push([
      ['nothing ran · a lead can override it: ', 'muted'],
      [keyFor(state, 'approval.override'), 'key'],
    ]);
  else rows.push(needRow(state, request));
  for (const said of request.approvals) {
    const note = said.note ? `: ${oneLine(said.note, 120)}` : '';
    rows.push([[`${said.decision === 'deny' ? '✖' : '✓'} ${said.by} said ${said.decision}${note}`, 'info']]);
  }
  if (state.ui.sent.includes(request.id)) rows.push([['your decision is on its way…', 'accent']]);
  rows.push([]);
  return rows;
}

function needRow(state: ConsoleState, request: RequestState): Row {
  const left = stillNeeded(request);
  const who = request.from ? ` ${request.from}` : '';
  const until: Span =
    request.expires > 0
      ? [`refused in ${age(request.expires - state.now)} if unanswered`, 'warn']
      : ['waits until somebody answers', 'muted'];
  return [[`needs ${left}${who}${left < request.needs ? ` of ${request.needs}` : ''} · `, 'muted'], until];
}

function emptyRows(state: ConsoleState, filter: string, w: number): readonly Row[] {
  if (filter) return [[], [[' nothing that waits fits the filter', 'muted']]];
  const role = state.me?.role ?? 'viewer';
  const mode = modeOf(state);
  const lines = [
    'Nothing waits for you.',
    'What agents ask appears here, riskiest first, and waits for a yes or a no.',
  ];
  const refused = refusal(role, mode, 'decide');
  if (refused && mode !== 'prepare') lines.push(`You cannot decide now: ${refused}.`);
  const { approved, denied, forbidden } = state.fleet.totals;
  if (approved + denied + forbidden > 0)
    lines.push(
      `${plural(approved, 'approval')}, ${plural(denied, 'denial')}, ${forbidden} forbidden so far.`,
    );
  return [
    [],
    ...lines.flatMap(line => [...wrapWords(line, w - 2), '']).map((line): Row => [' ', [line, 'muted']]),
  ];
}
