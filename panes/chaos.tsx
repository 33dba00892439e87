/** What is broken on purpose: what now and until when, the steady state, and what came of it. */
import { cut, type Row, type Span, wrapWords } from '../src/console/cells.ts';
import { keyFor } from '../src/console/keymap.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { age } from '../src/console/words.ts';
import type { Verdict } from '../src/model/chaos.ts';
import type { ExperimentState, FaultState } from '../src/model/chaos-state.ts';
import { sparkline } from '../src/model/resources.ts';
import { oneLine, spanWords } from '../src/model/text.ts';
import { type Content, page } from './page.tsx';
import { inside, Pane, type PaneProps, scrolled } from './pane.tsx';

/** Columns of a probe's name and of its picture. */
const NAME = 26;
const PICTURE = 30;

const VERDICT: Readonly<Record<Verdict, Span>> = {
  held: ['✔ held', 'good'],
  deviated: ['✖ deviated', 'bad'],
  aborted: ['■ aborted', 'warn'],
  'not-begun': ['○ not begun', 'muted'],
  lost: ['✖ lost', 'bad'],
};

export const ChaosPage = page(content);

/** The same, standing among the other panes of a layout. */
export function Chaos(props: PaneProps) {
  const { state, rect } = props;
  const { w, h } = inside(rect);
  const { title, rows } = content(state, w);
  const { body, foot } = scrolled(rows, 0, h, keyFor(state, 'look.chaos'));
  return <Pane {...props} focused={state.ui.focus === 'chaos'} framed={{ title, foot, body }} />;
}

function content(state: ConsoleState, w: number): Content {
  const { running, finished, halted } = state.fleet.chaos;
  const title: Row = [
    ['Chaos', 'strong'],
    ['  ', 'muted'],
    [keyFor(state, 'chaos.halt'), 'key'],
    [' takes everything back', 'muted'],
  ];
  const rows: Row[] = [];
  if (halted)
    rows.push(
      [
        [` ■ HALTED by ${oneLine(halted.by, 40)}, ${age(state.now - halted.since)} ago`, 'warn'],
        [halted.reason ? `: ${oneLine(halted.reason, 100)}` : '', 'muted'],
      ],
      [
        ['   nothing is begun until it is lifted: ', 'muted'],
        [keyFor(state, 'console.palette') || ':', 'key'],
        [' lift the halt', 'muted'],
      ],
      [],
    );
  for (const one of Object.values(running)) rows.push(...runningRows(state, one, w), []);
  if (Object.keys(running).length === 0)
    rows.push(
      [[' Nothing is broken on purpose.', 'muted']],
      [
        [' Begin with ', 'muted'],
        [keyFor(state, 'chaos.run'), 'key'],
        [' or: hms chaos run FILE', 'muted'],
      ],
      [],
    );
  if (finished.length > 0) rows.push([[' Before', 'strong']]);
  for (const one of finished) rows.push(...finishedRows(one, w));
  return { title, rows };
}

function runningRows(state: ConsoleState, one: ExperimentState, w: number): readonly Row[] {
  const day = one.day ? `${oneLine(one.day, 60)}: ` : '';
  const head: Row = [
    ' ',
    [`${day}${oneLine(one.title, 100)}`, 'strong'],
    [`  ${one.id} · ${oneLine(one.by, 40)} · for ${age(state.now - one.since)}`, 'muted'],
  ];
  return [
    head,
    ...one.faults.flatMap(fault => faultRows(state, fault, w)),
    [],
    [['  steady state', 'muted']],
    ...one.probes.map(({ name, ok, value }) => {
      const series = state.probes.experiment === one.id ? (state.probes.series[name] ?? []) : [];
      const mark: Span = ok === null ? ['?', 'muted'] : ok ? ['✔', 'good'] : ['✖', 'bad'];
      const last = series.at(-1);
      return [
        '  ',
        mark,
        ' ',
        [cut(oneLine(name, NAME), NAME).padEnd(NAME), 'text'],
        ' ',
        [sparkline(series, PICTURE).padStart(PICTURE), ok === false ? 'bad' : 'accent'],
        [` ${oneLine(last === undefined ? value : String(last), 20)}`, 'muted'],
      ] as Row;
    }),
  ];
}

function faultRows(
  state: ConsoleState,
  { phase, about, until, mechanism, detail, since }: FaultState,
  w: number,
): readonly Row[] {
  const words = wrapWords(oneLine(about, 300), Math.max(10, w - 14));
  const mark: Readonly<Record<FaultState['phase'], Span>> = {
    planned: ['  planned   ', 'muted'],
    active: ['  ⚡ BROKEN  ', 'bad'],
    reverted: ['  ↩ back    ', 'good'],
    failed: ['  ✖ failed  ', 'bad'],
  };
  const lines = words.map(
    (line, n): Row => [
      n === 0 ? mark[phase] : '            ',
      [line, phase === 'active' ? 'strong' : 'text'],
    ],
  );
  if (phase === 'active')
    lines.push([
      '            ',
      [`back in ${spanWords(Math.max(0, until - state.now))} at the latest`, 'warn'],
      [` · by ${oneLine(mechanism, 40)}`, 'muted'],
    ]);
  else if (detail)
    lines.push(['            ', [`${oneLine(detail, 120)} · ${age(state.now - since)} ago`, 'muted']]);
  return lines;
}

function finishedRows(one: ExperimentState, w: number): readonly Row[] {
  const noticed = one.detectedMs === null ? 'noticed by nothing' : `noticed in ${spanWords(one.detectedMs)}`;
  const back =
    one.recoveredMs === null
      ? 'did not recover'
      : one.recoveredMs === 0
        ? 'never out of its steady state'
        : `recovered in ${spanWords(one.recoveredMs)}`;
  const taken = one.faults.every(({ phase }) => phase === 'reverted' || phase === 'planned');
  const broke = one.faults.some(({ phase }) => phase !== 'planned');
  const first: Row = [
    ' ',
    VERDICT[one.verdict ?? 'lost'],
    '  ',
    [oneLine(one.title, Math.max(10, w - 40)), 'text'],
    [`  ${one.id}`, 'muted'],
  ];
  const second: Row = [
    '    ',
    [broke ? `${noticed} · ${back} · ` : oneLine(one.reason, 120), 'muted'],
    ...(broke ? [[taken ? 'all taken back' : 'NOT ALL TAKEN BACK', taken ? 'muted' : 'bad'] as Span] : []),
  ];
  const why: readonly Row[] =
    broke && one.reason ? [['    ', [oneLine(one.reason, Math.max(10, w - 6)), 'warn']]] : [];
  return [first, second, ...why];
}
