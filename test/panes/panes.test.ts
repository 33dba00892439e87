import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../src/model/event.ts';
import { AgentId, GrantId } from '../../src/model/ids.ts';
import { asks, digest, settled, status } from '../console/events.ts';
import { desk, EDIT, HIGH, SYSTEM } from './desk.ts';
import { rowsOf, textOf } from './look.tsx';

describe('the first screen', () => {
  test('answers who needs me, who is in trouble, what is happening', () => {
    const text = textOf(desk([status('deployer', 'asking', 'r-high'), HIGH, EDIT]).state);
    expect(text).toContain('payments');
    expect(text).toContain('WATCH');
    expect(text).toMatch(/▲ 1 asking\s+◐ 1 healing\s+● 1 working/);
    expect(text).toMatch(/▸ HIGH deployer kubectl delete ns stag/);
    expect(text).toMatch(/LOW builder Edit src\/api\.ts \+1 −1/);
    expect(text).toContain('held by prod-guard: production is decided by');
    expect(text).toContain('needs 1 · refused in 9:19 if unanswered');
    expect(text).toMatch(/crawler\s+restart 2 in 400 ms · exit 137/);
    expect(text).toMatch(/a approve {2}d deny {2}e edit/);
  });

  test('says so when nothing waits', () => {
    expect(textOf(desk().state)).toContain('Nothing waits for you.');
  });

  test('says why a person cannot decide', () => {
    expect(textOf(desk([], { mode: 'observe' }).state)).toMatch(/You cannot decide now: not in observe mode/);
  });
});

test('agents that stand still are counted as frozen, not as what they did before', () => {
  const agents = ['builder', 'reviewer'].map(id => AgentId.parse(id));
  const text = textOf(
    desk([
      {
        kind: 'freeze.ordered',
        actor: SYSTEM,
        subject: 'fleet',
        data: { agents, fleet: false, before: {}, detail: '' },
      },
      ...agents.map(
        (agent): Draft => ({
          kind: 'agent.frozen',
          actor: SYSTEM,
          subject: `agent:${agent}`,
          data: { agent, stopped: 3, running: 0, processes: [], resisting: [], detail: '' },
        }),
      ),
    ]).state,
  );
  expect(text).toMatch(/❄ 2 frozen/);
  expect(text.split('\n')[0]).not.toMatch(/working|idle/);
});

describe('every size', () => {
  const SIZES = [
    [160, 44],
    [200, 60],
    [120, 20],
    [80, 24],
    [72, 18],
    [60, 16],
    [40, 12],
  ] as const;

  test.each(SIZES)(
    '%ix%i is filled exactly, in every pane and with everything that can open',
    (cols, rows) => {
      for (const keys of [
        [],
        ['?'],
        ['w'],
        ['a'],
        ['d'],
        ['e'],
        ['e', 'enter'],
        [':'],
        ['/'],
        ['enter'],
        ['tab'],
        ['tab', 'tab'],
        ['tab', 'tab', 'tab'],
        ['t', 'enter'],
        ['m'],
      ]) {
        const d = desk([HIGH, EDIT], { cols, rows }).press(...keys);
        const drawn = rowsOf(d.state);
        expect(drawn).toHaveLength(rows);
        for (const row of drawn) expect(stringWidth(row), `${keys.join(' ')}: ${row}`).toBe(cols);
      }
    },
  );

  test.each([
    [20, 5],
    [39, 12],
    [40, 11],
    [5, 2],
    [1, 1],
  ])('%ix%i is too small, and says so', (cols, rows) => {
    const text = textOf(desk([HIGH], { cols, rows }).state);
    expect(text.split('\n')).toHaveLength(rows);
    if (cols >= 20 && rows >= 2)
      expect(text.replace(/\s+/g, ' ').trim()).toBe(`too small: ${cols}x${rows}, needs 40x12`);
  });

  test('on a small screen the queue opens over the agent by itself, and Esc shuts it until something new asks', () => {
    const d = desk([], { cols: 80, rows: 24 }).press('1');
    expect(textOf(d.state)).not.toContain('Approvals');
    d.emit(HIGH);
    expect(textOf(d.state)).toContain('Approvals 1');
    d.press('esc');
    expect(textOf(d.state)).not.toContain('Approvals');
    expect(textOf(d.state)).toMatch(/▲ 1 waits: Tab to the queue/);
    d.emit(EDIT);
    expect(textOf(d.state)).toContain('Approvals 2');
  });

  test('the drawer never takes the focus', () => {
    const d = desk([], { cols: 80, rows: 24 }).press('1').emit(HIGH).press('a', 'y');
    expect(d.state.ui.focus).toBe('agents');
    expect(d.sends).toEqual([]);
  });
});

test('an ungated agent is a warning that stays', () => {
  const d = desk().emit({
    kind: 'gating.changed',
    actor: SYSTEM,
    subject: 'agent:docs',
    data: { agent: AgentId.parse('docs'), gating: 'ungated', detail: 'gate: off' },
  });
  expect(textOf(d.state)).toMatch(/5 docs\s+!/);
  expect(textOf(d.press('5').state)).toContain('! UNGATED');
});

test('why shows the evidence: source, age, certainty; rules and digest', () => {
  const agent = textOf(desk().press('1', 'w').state);
  expect(agent).toMatch(/seen\s+hook: tests/);
  expect(agent).toMatch(/sure\s+90 %/);
  const request = textOf(desk([HIGH]).press('w').state);
  expect(request).toMatch(/rules\s+prod-guard/);
  expect(request).toContain(digest(7));
});

test('a forbidden request stays in view with who can do what', () => {
  const d = desk([
    asks({ id: 'r-nono', agent: 'docs', verdict: 'forbid', needs: 0, input: { command: 'mkfs /dev/sda' } }),
  ]);
  d.emit(settled('r-nono', 'forbidden')).press('down');
  expect(textOf(d.state)).toMatch(/▸ FORBIDDEN docs mkfs \/dev\/sda/);
  expect(textOf(d.state)).toContain('nothing ran · a lead can override it: o');
});

test('the audit shows an event of the journal, whole', () => {
  const d = desk([HIGH]).press('t', 'down', 'enter');
  expect(textOf(d.state)).toMatch(/"kind": "gate.requested"/);
});

test('an engine that is away is said, and the state stays on screen', () => {
  const d = desk([HIGH]);
  d.act({ type: 'lost', reason: 'gone', at: d.at }).wait(3000);
  expect(textOf(d.state)).toContain('engine restarting… 0:03');
  expect(textOf(d.state)).toContain('kubectl delete ns staging');
});

test('a fleet that was taken down is said to be down, not restarting', () => {
  const d = desk([HIGH]);
  d.emit({ kind: 'engine.stopped', actor: SYSTEM, subject: 'engine', data: { reason: 'down' } });
  d.act({ type: 'lost', reason: 'gone', at: d.at });
  expect(textOf(d.state)).toContain('the fleet is down · q quits');
});

test('a grant in force changes nothing that is shown of the request', () => {
  const d = desk([HIGH]);
  const before = textOf(d.state);
  d.emit({
    kind: 'grant.issued',
    actor: SYSTEM,
    subject: 'agent:docs',
    data: {
      grant: GrantId.parse('g-aaaa'),
      agent: AgentId.parse('docs'),
      match: { digest: '', shape: 'x' },
      uses: 1,
      expires: 0,
      override: false,
      reason: '',
    },
  });
  expect(textOf(d.state).split('\n')[4]).toBe(before.split('\n')[4]);
});

test('what is overridden is named where the reason is asked for, and a critical one by its agent too', () => {
  const d = desk([
    asks({
      id: 'r-nono',
      agent: 'docs',
      verdict: 'forbid',
      needs: 0,
      risk: 95,
      input: { command: 'mkfs /dev/sda' },
    }),
  ]);
  d.emit(settled('r-nono', 'forbidden')).press('down', 'o');
  expect(textOf(d.state)).toMatch(/Override · give a reason[^\n]*\n┃ mkfs \/dev\/sda/);
  d.paste('drill').press('enter');
  expect(textOf(d.state)).toMatch(/CRITICAL type docs to override it/);
});
