/** Why: the evidence behind a hold, or behind an agent's status. */
import { type Row, type Span, wrapWords } from '../src/console/cells.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { selectedRequest, shownAgent } from '../src/console/views.ts';
import { age, clock, short } from '../src/console/words.ts';
import { type FreezeState, freezeWords, resistingWords } from '../src/model/freeze.ts';
import type { AgentState, RequestState } from '../src/model/state.ts';
import { oneLine } from '../src/model/text.ts';
import { type Content, page } from './page.tsx';
import { gatingOf, riskSpan, statusSpan } from './status-look.ts';

const LABEL = 12;

export const Why = page(content);

function content(state: ConsoleState, w: number): Content {
  const request = state.ui.focus === 'approvals' ? selectedRequest(state) : undefined;
  const agent = shownAgent(state);
  const rows = [
    ...(request ? [...requestRows(state, request, w), []] : []),
    ...(agent ? agentRows(state, agent, w) : []),
  ];
  const title: Row = [
    ['Why ', 'strong'],
    [request?.id ?? agent?.id ?? '', 'muted'],
  ];
  return { title, rows };
}

function row(label: string, ...value: readonly Span[]): Row {
  return [[` ${label.padEnd(LABEL)}`, 'muted'], ...value];
}

/** A labelled text over as many rows as it needs. */
function text(label: string, value: string, w: number): readonly Row[] {
  return wrapWords(value, Math.max(8, w - LABEL - 2)).map((line, i) => row(i === 0 ? label : '', line));
}

function requestRows(state: ConsoleState, r: RequestState, w: number): readonly Row[] {
  const { facts } = r;
  const list = (items: readonly string[]) => oneLine(items.join(', ') || 'none', 1000);
  return [
    [[` ${r.id}`, 'accent']],
    row('risk', riskSpan(facts.level), ` ${facts.risk} of 100 · ${oneLine(facts.effect, 60)}`),
    ...text('rules', list(r.rules), w),
    ...text('why', oneLine(r.why || 'nothing was said', 1000), w),
    ...text('programs', list(facts.programs), w),
    ...text('classes', list(facts.classes), w),
    ...text('targets', list(facts.targets), w),
    row('inside', facts.inside ? 'all targets lie in its folder' : 'reaches outside its folder'),
    row('asked', `${clock(r.at)}, ${age(state.now - r.at)} ago, via ${oneLine(r.via, 60)}`),
    row('scope', 'a yes lets exactly this run, once'),
    row(
      'unanswered',
      r.expires > 0
        ? `refused at ${clock(r.expires)}, in ${age(r.expires - state.now)}`
        : 'waits until somebody answers',
    ),
    row('can take', [r.can.edit ? 'an edit' : 'no edit', r.can.note ? 'words' : 'no words'].join(', ')),
    ...text('digest', r.digest, w),
  ];
}

function frozenRows(state: ConsoleState, freeze: FreezeState, w: number): readonly Row[] {
  const { stopped, running, by, since, resisting } = freeze;
  return [
    row(
      'brake',
      [`❄ ${freezeWords(freeze)}`, 'info'],
      ` for ${age(state.now - since)}, by ${oneLine(by, 60)}`,
    ),
    row('confirmed', `${stopped} of ${stopped + running} processes stand still`),
    ...resisting.flatMap(one => text('runs on', resistingWords([one]), w)),
  ];
}

function agentRows(state: ConsoleState, a: AgentState, w: number): readonly Row[] {
  const { evidence } = a;
  return [
    [
      [` ${a.id}`, 'accent'],
      [a.title ? ` ${oneLine(a.title, 80)}` : '', 'muted'],
    ],
    row('status', statusSpan(a.status), ` for ${age(state.now - a.since)}`),
    ...(a.freeze ? frozenRows(state, a.freeze, w) : []),
    ...text('seen', `${evidence.source}: ${oneLine(evidence.detail, 400)}`, w),
    row('sure', `${Math.round(evidence.sure * 100)} %`),
    row('gate', gatingOf(a.gating)),
    ...text('', oneLine(a.gatingDetail, 400), w),
    row('process', a.alive ? `pid ${a.pid} in ${a.pane}, incarnation ${a.incarnation}` : 'not running'),
    ...text('folder', oneLine(short(a.cwd) || 'not known', 400), w),
    row('restarts', `${a.restartCount}${a.lastExit ? `, last end: ${oneLine(a.lastExit, 80)}` : ''}`),
    ...(a.needs.length > 0 ? text('needs', a.needs.join(', '), w) : []),
    ...(a.conversation ? text('session', oneLine(a.conversation, 128), w) : []),
  ];
}
