/** Health of all agents, open incidents with their ladder as it climbs, how long repairs take, and what was learnt. */
import { cut, type Row, type Span } from '../src/console/cells.ts';
import type { ConsoleState } from '../src/console/state.ts';
import { age } from '../src/console/words.ts';
import { tollOf, tollWords } from '../src/model/healing-toll.ts';
import type { ClosedIncident, IncidentState, RungState } from '../src/model/incident-state.ts';
import {
  choiceWords,
  progressWords,
  RUNG_MARK,
  repairTimes,
  rungWords,
} from '../src/model/incident-words.ts';
import { bars } from '../src/model/resources.ts';
import { similarWords } from '../src/model/similar-incidents.ts';
import type { AgentState } from '../src/model/state.ts';
import { oneLine, spanWords } from '../src/model/text.ts';
import { breakerRows } from './breaker-rows.ts';
import { cellRows } from './cell-rows.ts';
import { evolutionRows } from './evolution-rows.ts';
import { type Content, page } from './page.tsx';

const NAME = 14;
const LEVEL = 13;
const HEALTH = 24;
/** Columns of the trend: the last so many repairs. */
const TREND = 40;

export const HealingPage = page(content);

function content(state: ConsoleState, w: number): Content {
  const { fleet, now } = state;
  const open = Object.values(fleet.incidents);
  const rows: Row[] = [...fleet.order.flatMap(id => agentRows(fleet.agents[id], open)), []];
  rows.push(...breakerRows(state, w), []);
  if (open.length === 0) rows.push([[' No incident is open.', 'muted']], []);
  for (const incident of open) rows.push(...incidentRows(incident, fleet.healed, now, w), []);
  rows.push(...cellRows(fleet, now, w), []);
  const evolved = evolutionRows(fleet, now, w);
  if (evolved.length > 0) rows.push(...evolved, []);
  rows.push(...trendRows(fleet.healed, w));
  for (const one of fleet.healed) rows.push(...closedRows(one, now, w));
  return { title: [['Healing', 'strong']], rows };
}

function agentRows(agent: AgentState | undefined, open: readonly IncidentState[]): readonly Row[] {
  if (!agent) return [];
  const { id, healing } = agent;
  const incident = open.find(one => one.agent === id);
  const raised = healing && healing.level !== healing.configured ? ` (file: ${healing.configured})` : '';
  const swapped = healing?.swapped ? ` with ${oneLine(healing.swapped.to, 40)}` : '';
  return [
    [
      ' ',
      [cut(id, NAME).padEnd(NAME), 'strong'],
      ' ',
      [(healing?.level ?? 'ends only').padEnd(LEVEL), healing ? 'text' : 'muted'],
      ' ',
      healthOf(agent, incident),
      [`  ${incident?.id ?? ''}${raised}${swapped}`, 'muted'],
    ],
  ];
}

function healthOf({ alive, status, freeze, healing }: AgentState, incident: IncidentState | undefined): Span {
  const down = Object.keys(healing?.down ?? {});
  const failing = Object.keys(healing?.failing ?? {});
  const sized = (words: string): string => cut(oneLine(words, 80), HEALTH).padEnd(HEALTH);
  if (incident) return [sized(`✖ ${incident.class}`), 'bad'];
  if (freeze) return [sized('❄ frozen, not judged'), 'muted'];
  if (down.length > 0) return [sized(`◇ ${down.join(', ')} down`), 'warn'];
  if (failing.length > 0) return [sized(`▲ probe ${failing.join(', ')}`), 'warn'];
  return alive ? [sized('✔ well'), 'good'] : [sized(`□ ${status}`), 'muted'];
}

function incidentRows(
  incident: IncidentState,
  healed: readonly ClosedIncident[],
  now: number,
  w: number,
): readonly Row[] {
  const { id, agent, detail, at, ladder } = incident;
  const wide = Math.max(10, w - 6);
  const known = similarWords(healed.filter(one => ladder?.similar.includes(one.id)));
  const along = incident.along ? ` · ${incident.along.join(', ')} restarted with it` : '';
  const head: Row = [
    ' ',
    [`${agent}: ${incident.class}`, 'bad'],
    [`  ${id} · for ${age(now - (ladder?.since ?? at))}${along}`, 'muted'],
  ];
  return [
    head,
    [
      ['   seen  ', 'muted'],
      [oneLine(detail, wide), 'text'],
    ],
    ...(known === ''
      ? []
      : [
          [
            ['   known ', 'muted'],
            [cut(known, wide), 'text'],
          ] as Row,
        ]),
    ...(ladder?.rungs ?? []).flatMap(rung => rungRows(rung, now, wide)),
    [
      ['   now   ', 'muted'],
      [cut(progressWords(incident, now), wide), ladder?.asked ? 'warn' : 'text'],
    ],
  ];
}

const TONE = { open: 'accent', recovered: 'good', failed: 'bad', refused: 'warn' } as const;

function rungRows(rung: RungState, now: number, wide: number): readonly Row[] {
  const is = rung.result ?? 'open';
  const others =
    rung.candidates.length > 1
      ? [
          [
            ['           of ', 'muted'],
            [cut(choiceWords(rung), wide), 'muted'],
          ] as Row,
        ]
      : [];
  return [
    [`   ${rung.rung + 1}. `, [RUNG_MARK[is], TONE[is]], ' ', [cut(rungWords(rung, now), wide), 'text']],
    ...others,
  ];
}

function trendRows(healed: readonly ClosedIncident[], w: number): readonly Row[] {
  const times = repairTimes(healed);
  const words = tollWords(tollOf(healed));
  if (words === '') return [];
  return [
    [
      [' Repairs ', 'strong'],
      [bars(times.slice(-TREND)), 'accent'],
    ],
    [[`   ${cut(words, Math.max(10, w - 4))}`, 'muted']],
  ];
}

function closedRows(
  { agent, class: kind, id, ms, outcome, lesson, closed, result }: ClosedIncident,
  now: number,
  w: number,
): readonly Row[] {
  const well = result === null || result === 'recovered' || result === 'organic';
  return [
    [
      ' ',
      well ? ['✔', 'good'] : ['○', 'muted'],
      [` ${cut(agent, NAME).padEnd(NAME)} `, 'text'],
      [cut(`${kind} for ${spanWords(ms)}: ${oneLine(outcome, 80)}`, Math.max(10, w - 44)), 'text'],
      [`  ${id} · ${age(now - closed)} ago`, 'muted'],
    ],
    ...(lesson
      ? [
          [
            ['     ', 'muted'],
            [oneLine(lesson, Math.max(10, w - 8)), 'muted'],
          ] as Row,
        ]
      : []),
  ];
}
