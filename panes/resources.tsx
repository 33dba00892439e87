/** What every agent uses: now, over the last minutes, and what of it stands out. */
import { cutName, pad, type Row, rowWidth, type Span } from '../src/console/cells.ts';
import { SORTS, type Sort, type UsageRow, usageRows } from '../src/console/resources.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { age } from '../src/console/words.ts';
import { ALERT_MARK, bytesWords, sparkline } from '../src/model/resources.ts';
import { costWords, countWords } from '../src/model/usage.ts';
import { type Content, page } from './page.tsx';
import { agentSpan } from './status-look.ts';

/** Columns of each value, and of its picture of the last minutes where there is room. */
const WIDTHS: Readonly<Record<Exclude<Sort, 'agent'>, number>> = {
  cpu: 6,
  memory: 7,
  threads: 8,
  processes: 10,
  output: 9,
  tokens: 9,
  cost: 8,
};
const PICTURES = ['cpu', 'memory', 'output'] as const;
/** What is left out first where there is no room. */
const LEAST: readonly Sort[] = ['cost', 'processes', 'tokens', 'threads'];
const SERIES = { cpu: 'cpu', memory: 'rss', output: 'output' } as const;
/** Columns of a name with the mark before it and a space behind it, more where there is room for longer ones. */
const NAME = 14;
const NAME_MOST = 44;
const STATUS = 12;

export const Resources = page(content);

function content(state: ConsoleState, w: number): Content {
  const { overlay } = state.ui;
  const sort = overlay?.kind === 'resources' ? overlay.sort : 'cpu';
  const { columns, picture, name } = fitted(w, Math.max(0, ...state.fleet.order.map(id => id.length)) + 3);
  const title: Row = [
    ['Resources', 'strong'],
    [` by ${sort}`, 'muted'],
    ['  ← →', 'key'],
    [' sort', 'muted'],
  ];
  const { reading } = state.resources;
  if (!reading) return { title, rows: [[[' nothing has been measured yet', 'muted']]] };
  const rows = usageRows(state, sort).flatMap(row => agentRows(state, row, columns, picture, name));
  return { title, rows: [headRow(columns, picture, name, sort), ...rows, [], ...totalRows(state)] };
}

/** The columns there is room for, and how wide their pictures and the names are. */
function fitted(
  w: number,
  wish: number,
): {
  readonly columns: readonly Exclude<Sort, 'agent'>[];
  readonly picture: number;
  readonly name: number;
} {
  let columns = SORTS.filter(column => column !== 'agent');
  const width = () => NAME + STATUS + columns.reduce((sum, column) => sum + WIDTHS[column] + 1, 0);
  for (const least of LEAST) if (width() > w - 3) columns = columns.filter(column => column !== least);
  const shown = PICTURES.filter(column => columns.includes(column)).length;
  const spare = Math.max(0, w - 3 - width());
  const more = Math.max(0, Math.min(spare, Math.min(wish, NAME_MOST) - NAME));
  const picture = Math.max(0, Math.min(30, Math.floor((spare - more) / shown) - 1));
  return { columns, picture, name: NAME + more };
}

function headRow(columns: readonly Exclude<Sort, 'agent'>[], picture: number, name: number, sort: Sort): Row {
  const heads = columns.map((column): Span => {
    const wide = WIDTHS[column] + (isPicture(column) && picture > 3 ? picture + 1 : 0);
    return [
      ` ${(column === sort ? `▾${column}` : column).padStart(WIDTHS[column])}${' '.repeat(wide - WIDTHS[column])}`,
      column === sort ? 'accent' : 'muted',
    ];
  });
  return ['   ', [pad(sort === 'agent' ? '▾agent' : 'agent', name + STATUS - 2), 'muted'], ...heads];
}

function isPicture(column: Sort): column is (typeof PICTURES)[number] {
  return PICTURES.some(one => one === column);
}

function agentRows(
  state: ConsoleState,
  { agent, sample, series }: UsageRow,
  columns: readonly Exclude<Sort, 'agent'>[],
  picture: number,
  name: number,
): readonly Row[] {
  const { reading } = state.resources;
  const alerts = (reading?.alerts ?? []).filter(alert => alert.agent === agent.id);
  const status = agentSpan(agent);
  const value: Readonly<Record<Exclude<Sort, 'agent'>, string>> = {
    cpu: sample ? `${sample.cpu.toFixed(sample.cpu < 10 ? 1 : 0)} %` : '–',
    memory: sample ? bytesWords(sample.rss) : '–',
    threads: sample ? `${sample.threads ?? '?'}` : '–',
    processes: sample ? `${sample.processes}` : '–',
    output: sample ? (sample.output === null ? 'unknown' : `${bytesWords(sample.output)}/s`) : '–',
    tokens: agent.usage ? countWords(agent.usage.input + agent.usage.output) : 'unknown',
    cost: agent.usage?.cost == null ? 'unknown' : costWords(agent.usage.cost),
  };
  const cells = columns.flatMap((column): readonly Span[] => {
    const kind =
      column === 'cpu' || column === 'memory' || column === 'threads' || column === 'output' ? column : '';
    const alarmed = alerts.some(alert => alert.kind === kind);
    const cell: Span = [` ${value[column].padStart(WIDTHS[column])}`, alarmed ? 'warn' : 'text'];
    if (!isPicture(column) || picture <= 3) return [cell];
    const top = column === 'cpu' ? 100 : undefined;
    const line = sparkline(series[SERIES[column]], picture, top);
    return [cell, ' ', [line.padStart(picture), alarmed ? 'warn' : 'accent']];
  });
  const selected = agent.id === state.ui.agent;
  const first: Row = [
    ' ',
    [selected ? '▸' : ' ', 'accent'],
    ' ',
    [pad(cutName(agent.id, name - 3), name - 2), 'strong'],
    [
      pad(typeof status === 'string' ? status : status[0], STATUS),
      typeof status === 'string' ? 'text' : status[1],
    ],
    ...cells,
  ];
  const bottleneck: Row = [
    '    ',
    ['◆ bottleneck', 'bad'],
    [': most of what the machine does is for it', 'muted'],
  ];
  return [
    first,
    ...alerts.map(
      (alert): Row => [
        '    ',
        [ALERT_MARK[alert.kind], 'warn'],
        [` ${alert.words}, for ${age(state.now - alert.since)}`, 'muted'],
      ],
    ),
    ...(reading?.bottleneck === agent.id ? [bottleneck] : []),
  ];
}

function totalRows({ resources, fleet }: ConsoleState): readonly Row[] {
  const { reading } = resources;
  if (!reading) return [];
  const all = Object.values(reading.samples);
  const cpu = all.reduce((sum, { cpu }) => sum + cpu, 0);
  const rss = all.reduce((sum, { rss }) => sum + rss, 0);
  const processes = all.reduce((sum, one) => sum + one.processes, 0);
  // How much of the last 10 s somebody waited for a core, where the native helper says it.
  const stalled = reading.deeper?.stalled.cpu ?? undefined;
  const row: Row = [
    [` ${all.length} of ${fleet.order.length} agents run`, 'muted'],
    [`   CPU ${Math.round(cpu)} % of ${reading.cores * 100} %`, 'muted'],
    [`   memory ${bytesWords(rss)}`, 'muted'],
    [`   ${processes} processes`, 'muted'],
    ...(stalled === undefined ? [] : [[`   stalled for CPU ${Math.round(stalled)} %`, 'muted'] as const]),
  ];
  return rowWidth(row) > 0 ? [row] : [];
}
