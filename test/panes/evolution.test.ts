/** Evolution on the healing page, and the key that takes a tuning back. */
import { expect, test } from 'vitest';
import type { Draft } from '../../src/model/event.ts';
import { AgentId, RequestId } from '../../src/model/ids.ts';
import { Desk } from '../console/desk.ts';
import { FLEET } from '../console/events.ts';
import { rowsOf } from './look.tsx';

type Body = {
  readonly [K in Draft['kind']]: Pick<Extract<Draft, { kind: K }>, 'kind' | 'data'>;
}[Draft['kind']];
const told = (body: Body): Draft =>
  ({ ...body, actor: { type: 'cell', id: 'optimizer', via: 'engine' }, subject: 'fleet' }) as Draft;
const stepped = (step: number, fitness: number): Draft =>
  told({
    kind: 'evolution.stepped',
    data: { step, fitness, evaluations: 30 * step, elites: 3, incidents: 2 },
  });
const adopted = told({
  kind: 'tuning.adopted',
  data: {
    request: RequestId.parse('r-000000000001'),
    genome: { numbers: {}, playbook: {} },
    agents: [AgentId.parse('builder')],
  },
});

const shown = (drafts: readonly Draft[]): string =>
  rowsOf(new Desk([...FLEET, ...drafts]).press('I').state).join('\n');

test('the healing page says nothing of evolution where nothing evolves', () => {
  expect(shown([])).not.toContain('Evolution');
});

test('it shows fitness by generation, the canary, and the last cycle', () => {
  const ended = told({
    kind: 'evolution.ended',
    data: { began: 0, ms: 5, steps: 2, due: false, detail: 'the best is not proposed: \u001b[31mred' },
  });
  const screen = shown([stepped(1, 1), stepped(2, 0.9), stepped(3, 0.8), ended, adopted]);
  expect(screen).toContain('Evolution generation 3, 90 genomes: 80.0 % of what rules alone cost');
  expect(screen).toMatch(/100\.0 % ┤█/);
  expect(screen).toMatch(/80\.0 % ┤███?/);
  expect(screen).toMatch(/r-000000000001 is tried on builder since .*0 incidents so far; U takes it back/);
  expect(screen).toContain('last cycle: the best is not proposed');
  expect(screen).not.toContain('\u001b[31m');
});

test('U on that page takes a tuning back, once that is agreed to, and says why it cannot', () => {
  const none = new Desk([...FLEET, stepped(1, 1)]).press('I', 'U');
  expect(none.sends.filter(({ request }) => request === 'evolution.revert')).toEqual([]);
  const desk = new Desk([...FLEET, adopted]).press('I', 'U');
  expect(desk.sends.filter(({ request }) => request === 'evolution.revert')).toEqual([]);
  desk.press('y');
  expect(desk.sends.filter(({ request }) => request === 'evolution.revert')).toHaveLength(1);
});
