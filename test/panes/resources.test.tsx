/** The resources pane at every size: what is known, what is not, what stands out. */
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../src/model/event.ts';
import { AgentId } from '../../src/model/ids.ts';
import { extended, NO_SERIES, type Reading } from '../../src/model/resources.ts';
import { Desk, NOW } from '../console/desk.ts';
import { FLEET, fleet, started } from '../console/events.ts';
import { rowsOf, textOf } from './look.tsx';

const busy = { cpu: 151, rss: 3 * 2 ** 30, threads: 40, processes: 12, output: 5 << 20 };
const quiet = { cpu: 0.2, rss: 20 << 20, threads: null, processes: 1, output: null };
const reading: Reading = {
  at: NOW,
  cores: 2,
  samples: { builder: busy, docs: quiet },
  alerts: [{ agent: 'builder', kind: 'cpu', since: NOW - 34_000, words: 'over 90 % of a core (now 151 %)' }],
  bottleneck: 'builder',
};
const used: Draft = {
  kind: 'usage.reported',
  actor: { type: 'agent', id: 'builder', via: 'hook' },
  subject: 'agent:builder',
  data: {
    agent: AgentId.parse('builder'),
    model: 'm',
    usage: { input: 12_000, output: 400, cacheRead: 0, cacheWrite: 0, cost: 1.5 },
    conversation: 'c',
    through: 9,
  },
};

function opened(cols: number, rows: number): Desk {
  const desk = new Desk([...FLEET, used], { cols, rows });
  const history = { builder: extended(NO_SERIES, busy), docs: extended(NO_SERIES, quiet) };
  return desk.act({ type: 'measured', reading, history, at: desk.at }).press('R');
}

describe('resources', () => {
  test.each([
    [80, 24],
    [120, 40],
    [200, 50],
    [400, 120],
  ])('at %ix%i: values, marks with words, and unknown where nothing is known', (cols, rows) => {
    const desk = opened(cols, rows);
    const text = textOf(desk.state);
    expect(text).toMatch(/builder .*151 %.*3\.0 G/);
    expect(text).toContain('▲ CPU over 90 % of a core (now 151 %), for 0:3');
    expect(text).toContain('◆ bottleneck');
    expect(text).toContain('2 of 3 agents run');
    expect(text).toContain('unknown');
    if (cols >= 120) expect(text).toMatch(/12\.4k/);
    for (const row of rowsOf(desk.state)) expect([...row].length).toBeLessThanOrEqual(cols);
  });

  test('arrows sort; the queue’s keys do nothing meanwhile', () => {
    const desk = opened(120, 40);
    const order = () => ['builder', 'deployer', 'docs'].toSorted((a, b) => line(a) - line(b));
    const line = (id: string) =>
      textOf(desk.state)
        .split('\n')
        .findIndex(row => row.includes(`${id} `));
    expect(order()).toEqual(['builder', 'docs', 'deployer']);
    desk.press('left');
    expect(order()).toEqual(['builder', 'deployer', 'docs']);
    desk.press('a', 'd');
    expect(desk.sends).toEqual([]);
    desk.press('esc');
    expect(desk.state.ui.overlay).toBeNull();
  });

  test('before anything is measured it says so', () => {
    expect(textOf(new Desk(FLEET).press('1', 'R').state)).toContain('nothing has been measured yet');
  });

  test('a busy agent has a picture of it beside it in the agents pane, an alert its name', () => {
    const desk = opened(160, 44).press('esc');
    expect(textOf(desk.state)).toContain('▲ CPU');
    desk.act({ type: 'measured', reading: { ...reading, alerts: [] }, history: undefined, at: desk.at });
    expect(textOf(desk.state)).toMatch(/GATED|unproven.*█/);
  });
});

describe('names that begin alike', () => {
  const ids = Array.from({ length: 12 }, (_, i) => `agent-number-with-a-name-${i + 1}`);
  const many = [
    ...fleet(Object.fromEntries(ids.map(id => [id, 'command']))),
    ...ids.map((id, i) => started(id, i)),
  ];
  const page = (cols: number) => {
    const samples = Object.fromEntries(ids.map(id => [id, quiet]));
    const desk = new Desk(many, { cols, rows: 40 });
    const measured = { ...reading, samples, alerts: [], bottleneck: '' };
    return desk.act({ type: 'measured', reading: measured, history: undefined, at: desk.at });
  };

  test('can be told apart in the agents pane and on the resources page', () => {
    for (const text of [textOf(page(80).state), textOf(page(80).press('R').state)])
      for (const n of [1, 9, 10, 12]) expect(text).toMatch(new RegExp(`agent\\S*…\\S*-${n} `));
  });

  test('stand in full on a resources page with room for them', () => {
    const text = textOf(page(200).press('R').state);
    for (const id of ids) expect(text).toContain(`${id} `);
  });
});
