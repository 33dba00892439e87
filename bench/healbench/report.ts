/** The bench's results as people read them: a Markdown table, and who is on the Pareto front. */
import { adaptedAfter } from './adaptation.ts';
import type { Judged, Setting } from './measure.ts';

export interface Row {
  readonly name: string;
  readonly judged: Judged;
}

const cell = (value: number, digits = 0): string => (Number.isFinite(value) ? value.toFixed(digits) : '–');

/** Cost in seconds of work an agent and hour; the rest as it says. */
export function table(rows: readonly Row[], oracle: Judged, setting: Setting): string[] {
  const head = [
    'policy',
    'cost s/h',
    'regret',
    'down s/h',
    'detect p50 s',
    'recover p50/p95/p99 s',
    'availability',
    'wasted starts/d',
    'lost min/d',
    'false acts/d',
    'people/h',
    'give-ups',
    'averted',
    'cascade',
    'adapted min',
  ];
  const lines = rows.map(({ name, judged: one }) =>
    [
      name,
      cell(one.costPerHour),
      cell(one.costPerHour - oracle.costPerHour),
      cell(one.downPerHour),
      cell(one.detectS[0], 1),
      one.recoverS.map(value => cell(value, 0)).join(' / '),
      `${cell(100 * one.availability, 2)} %`,
      cell(one.wastedPerDay, 1),
      cell(one.lostMinPerDay),
      cell(one.falseActsPerDay, 1),
      cell(one.peoplePerHour, 2),
      String(one.giveUps),
      `${cell(one.avertedPct)} %`,
      `${cell(one.cascade[0], 1)} / ${cell(one.cascade[1])}`,
      cell(adaptedAfter(one, oracle, setting)),
    ].join(' | '),
  );
  return [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...lines.map(line => `| ${line} |`),
  ];
}

const [WIDTH, HEIGHT] = [64, 16];

/** Downtime across, what acting cost (work lost, tokens, people, false acts) upwards, both logarithmic; `*` is on the front. */
export function pareto(rows: readonly Row[]): string[] {
  const points = rows.map(({ name, judged }, at) => ({
    name,
    mark: String.fromCharCode(97 + at),
    x: Math.log(Math.max(1, judged.downPerHour)),
    y: Math.log(Math.max(1, judged.costPerHour - judged.downPerHour)),
  }));
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const grid = Array.from({ length: HEIGHT }, () => Array<string>(WIDTH).fill(' '));
  const place = (value: number, all: readonly number[], cells: number): number => {
    const span = Math.max(...all) - Math.min(...all) || 1;
    return Math.round(((value - Math.min(...all)) / span) * (cells - 1));
  };
  for (const { mark, x, y } of points) {
    const row = grid[HEIGHT - 1 - place(y, ys, HEIGHT)];
    if (row) row[place(x, xs, WIDTH)] = mark;
  }
  const front = points.filter(
    one => !points.some(two => two.x <= one.x && two.y <= one.y && (two.x < one.x || two.y < one.y)),
  );
  return [
    '```',
    'what acting costs ↑   downtime →   (both logarithmic)',
    ...grid.map(row => `│${row.join('').trimEnd()}`),
    `└${'─'.repeat(WIDTH)}`,
    points
      .map(({ mark, name }) => `${mark} ${name}${front.some(one => one.mark === mark) ? '*' : ''}`)
      .join(' · '),
    '* on the Pareto front',
    '```',
  ];
}
