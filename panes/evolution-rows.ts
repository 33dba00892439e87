/** Evolution on the healing page: how fit each generation was, what is in force, and what is being tried. */
import { cut, type Row } from '../src/console/cells.ts';
import { age } from '../src/console/words.ts';
import { canaryWords, convergenceWords, fitnessChart, fitnessWords } from '../src/model/evolution-words.ts';
import type { FleetState } from '../src/model/state.ts';
import { oneLine, plural } from '../src/model/text.ts';

const CHART_ROWS = 3;
const CHART_COLUMNS = 60;

/** Nothing where no agent evolves and nothing ever has. */
export function evolutionRows({ agents, evolution }: FleetState, now: number, w: number): readonly Row[] {
  const { generations, evaluations, canary, cycle, tuning } = evolution;
  const evolving = Object.values(agents).filter(({ healing }) => healing?.level === 'evolutionary');
  if (evolving.length === 0 && generations.length === 0) return [];
  const wide = Math.max(20, w - 4);
  const history = generations.map(({ fitness }) => fitness);
  const last = generations.at(-1);
  const said = last
    ? `generation ${last.step}, ${plural(evaluations, 'genome')}: ${fitnessWords(last.fitness)} of what rules alone cost, ${convergenceWords(history)}`
    : 'nothing has evolved yet';
  const held = tuning ? 'in force: a tuning that people agreed to' : 'in force: what is shipped';
  return [
    [' ', ['Evolution ', 'strong'], [cut(said, Math.max(10, w - 12)), 'text']],
    ...fitnessChart(history, Math.min(CHART_COLUMNS, wide), CHART_ROWS).map(
      (row): Row => ['  ', [row, 'accent']],
    ),
    [
      '   ',
      canary
        ? [cut(`◐ ${canaryWords(canary, now)}; U takes it back`, wide), 'warn']
        : [cut(`${held}${evolution.before ? '; U takes it back' : ''}`, wide), 'muted'],
    ],
    ...(cycle
      ? [
          [
            '   ',
            [cut(`last cycle: ${oneLine(cycle.detail, 200)}`, Math.max(10, wide - 12)), 'muted'],
            [`  ${age(now - cycle.ended)} ago`, 'muted'],
          ] as Row,
        ]
      : []),
  ];
}
