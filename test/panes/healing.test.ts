/** Health, incidents as their ladder climbs, and what came of them: as people see it. */
import { expect, test } from 'vitest';
import type { Data, Draft } from '../../src/model/event.ts';
import { AgentId, IncidentId } from '../../src/model/ids.ts';
import { Desk } from '../console/desk.ts';
import { FLEET } from '../console/events.ts';
import { rowsOf } from './look.tsx';

const agent = AgentId.parse('builder');
const incident = IncidentId.parse('i-00000a');
const of = { incident, agent };
const draft = <K extends Draft['kind']>(kind: K, data: Data<K>): Draft =>
  ({ kind, data, actor: { type: 'cell', id: 'healer', via: 'engine' }, subject: 'agent:builder' }) as Draft;
const findings = [{ detector: 'silence', words: 'nothing for 20 s', score: 1 }];
const candidates = [
  { strategy: 'interrupt' as const, propensity: 0.7, cost: 4.2 },
  { strategy: 'restart' as const, propensity: 0.3, cost: 21 },
];
const attempt = {
  ...of,
  fault: 'hang' as const,
  incarnation: 1,
  reason: 'next',
  delayMs: 0,
  patienceMs: 15_000,
  candidates,
};
const opened = draft('incident.opened', {
  ...of,
  class: 'hang',
  detail: 'nothing for 20 s \u001b[31m',
  level: 'hybrid',
  findings,
});
const climbed = [
  opened,
  draft('recovery.attempted', { ...attempt, strategy: 'interrupt', rung: 0 }),
  draft('recovery.failed', {
    ...of,
    strategy: 'interrupt',
    rung: 0,
    result: 'failed',
    detail: 'no sign of life',
    ms: 15_000,
  }),
  draft('recovery.attempted', { ...attempt, strategy: 'restart', rung: 1 }),
];

const shown = (drafts: readonly Draft[], size = {}): string =>
  rowsOf(new Desk([...FLEET, ...drafts], size).press('I').state).join('\n');

test('an open incident shows what was seen, each rung and what it was chosen from', () => {
  const screen = shown(climbed);
  expect(screen).toMatch(/builder +ends only +✖ hang/);
  expect(screen).toContain('1. ✖ interrupt did not help within 15 s: no sign of life');
  expect(screen).toContain('of interrupt 70 % (4.2 s), restart 30 % (21 s)');
  expect(screen).toMatch(/2\. … restart is being watched for .* of at most 15 s/);
  expect(screen).not.toContain('\u001b[31m');
});

test('whoever was restarted with it is named, and so is the model it goes on with', () => {
  const deployer = AgentId.parse('deployer');
  const configured = FLEET.find(event => event.kind === 'fleet.configured');
  if (configured?.kind !== 'fleet.configured') throw new Error('there is no fleet');
  const { agents } = configured.data;
  const screen = shown([
    draft('fleet.configured', {
      ...configured.data,
      agents: Object.fromEntries(
        Object.entries(agents).map(([id, one]) => [id, { ...one, healing: 'basic' as const }]),
      ),
    }),
    ...climbed,
    draft('restart.shared', { agent: deployer, with: agent, group: 'web' }),
    draft('provider.swapped', { agent, to: 'haiku', until: 0, detail: 'usage-limit', incident }),
  ]);
  expect(screen).toContain('deployer restarted with it');
  expect(screen).toMatch(/builder +basic .* with haiku/);
});

test('one that is over leaves its outcome, its lesson and its part of the trend', () => {
  const screen = shown([
    ...climbed,
    draft('recovery.verified', { ...of, strategy: 'restart', rung: 1, detail: '', ms: 4000 }),
    draft('incident.closed', { incident, outcome: 'recovered by restart', ms: 40_000, result: 'recovered' }),
    draft('lesson.learnt', { ...of, detail: 'restart cures a hang' }),
  ]);
  expect(screen).toContain('No incident is open.');
  expect(screen).toContain('1 incident over: noticed after');
  expect(screen).toMatch(/✔ builder .* hang for 40 s: recovered by restart/);
  expect(screen).toContain('restart cures a hang');
});

test('its own key and Esc close it; it fits the smallest terminal', () => {
  const desk = new Desk([...FLEET, ...climbed], { cols: 80, rows: 24 });
  desk.press('I');
  expect(desk.state.ui.overlay).toMatchObject({ kind: 'healing' });
  for (const row of rowsOf(desk.state)) expect([...row].length).toBeLessThanOrEqual(80);
  desk.press('I');
  expect(desk.state.ui.overlay).toBeNull();
  expect(desk.press('I').press('esc').state.ui.overlay).toBeNull();
});

test('cells of the engine are one line while all are well, and one each when they are not', () => {
  const ofEngine = (kind: 'cell.failed' | 'cell.isolated', data: object): Draft =>
    ({ kind, data, actor: { type: 'cell', id: 'engine', via: 'engine' }, subject: 'fleet' }) as Draft;
  expect(shown([])).toContain("The engine's cells ✔ all well");
  const detail = 'restarted 5 times\u001b[31m';
  const ill = [
    ofEngine('cell.failed', { cell: 'status', fault: 'hang', detail: 'has not answered' }),
    ofEngine('cell.isolated', { cell: 'usage', request: 'r-abcdef', detail }),
  ];
  const screen = shown(ill, { cols: 140 });
  expect(screen).toMatch(/✖ status is failing: has not answered/);
  expect(screen).toMatch(/○ usage is isolated: restarted 5 times/);
  expect(screen).not.toContain('\u001b');
  expect(screen.split('\n')[0]).toContain('✖ status failing, usage isolated');
});
