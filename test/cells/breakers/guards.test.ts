import { beforeEach, describe, expect, test } from 'vitest';
import { breakerName } from '../../../src/model/breaker.ts';
import { AgentId, IncidentId } from '../../../src/model/ids.ts';
import { Little, type Told } from './little.ts';

const one = AgentId.parse('one');
const start = breakerName('start', 'one');
const restart = breakerName('strategy', 'restart');

let little = new Little();
let breakers = little.breakers();
beforeEach(() => {
  little = new Little();
  breakers = little.breakers();
});

const exited = (how: { status?: number | null; signal?: string; wanted?: boolean } = {}): void => {
  const data = { agent: one, incarnation: 1, status: 1, signal: '', wanted: false, detail: '', ...how };
  little.happens(breakers, { kind: 'agent.exited', data });
};

const started = (): void => {
  const data = { agent: one, incarnation: 1, pane: '%1', pid: 7, born: '', argv: [], cwd: '/', resumed: '' };
  little.happens(breakers, { kind: 'agent.started', data });
};

/** A start that ends after so long. */
const run = (ms: number, how: Parameters<typeof exited>[0] = {}): void => {
  expect(breakers.starts.refusal('one')).toBeUndefined();
  started();
  little.pass(ms);
  exited(how);
};

describe('starts', () => {
  test('that end at once three times in a row are refused', () => {
    for (let n = 0; n < 3; n += 1) run(10);
    expect(breakers.starts.refusal('one')).toMatch(/^its start's breaker is open until/);
  });

  test('that lived for a while do not count, however they ended', () => {
    for (let n = 0; n < 9; n += 1) run(1500);
    expect(breakers.starts.refusal('one')).toBeUndefined();
  });

  test.each([
    ['killed by somebody', { status: null, signal: 'SIGKILL' }],
    ['ended well', { status: 0 }],
    ['stopped by a person', { wanted: true }],
    ['ended nobody knows how', { status: null }],
  ])('that were %s say nothing', (_, how) => {
    for (let n = 0; n < 9; n += 1) run(10, how);
    expect(breakers.starts.refusal('one')).toBeUndefined();
  });

  test('that crash count like those that exit', () => {
    for (let n = 0; n < 3; n += 1) run(10, { status: null, signal: 'SIGSEGV' });
    expect(breakers.starts.refusal('one')).toBeDefined();
  });

  test('are let through again when a person wants it started', () => {
    for (let n = 0; n < 3; n += 1) run(10);
    little.happens(breakers, {
      kind: 'restarts.forgiven',
      actor: { type: 'operator', id: 'ann', via: 'cli' },
      data: { agent: one, reason: 'started by ann' },
    });
    expect(breakers.starts.refusal('one')).toBeUndefined();
    expect(little.state.breakers[start]).toMatchObject({ is: 'closed', by: 'ann' });
  });

  test('are well when what another engine let start is still there', () => {
    for (let n = 0; n < 3; n += 1) run(10);
    little.pass(5_000);
    expect(breakers.starts.refusal('one')).toBeUndefined();
    started();
    breakers.stop();
    breakers = little.breakers();
    const data = { agent: one, incarnation: 4, pane: '%1', pid: 7 };
    little.happens(breakers, { kind: 'agent.adopted', data });
    little.pass(1500);
    expect(little.state.breakers[start]?.is).toBe('closed');
  });

  test('but not when a person has isolated it', () => {
    breakers.operate(start, 'isolate', {
      actor: { type: 'operator', id: 'ann', via: 'cli' },
      why: '',
    });
    little.happens(breakers, {
      kind: 'restarts.forgiven',
      data: { agent: one, reason: 'the fleet was started' },
    });
    expect(breakers.starts.refusal('one')).toMatch(/isolated/);
  });
});

const tried = (
  n: number,
  result: 'verified' | 'failed' | 'refused',
  strategy: 'restart' | 'wait' | 'save' = 'restart',
) => {
  const incident = IncidentId.parse(`i-${n.toString(36).padStart(6, '0')}`);
  const step = { incident, agent: one, strategy, rung: 0, detail: '', ms: 1 };
  const attempt = { fault: 'hang', incarnation: 1, reason: '', delayMs: 0, patienceMs: 1, candidates: [] };
  const drafts: readonly Told[] = [
    { kind: 'recovery.attempted', data: { incident, agent: one, strategy, rung: 0, ...attempt } },
    result === 'verified'
      ? { kind: 'recovery.verified', data: step }
      : { kind: 'recovery.failed', data: { ...step, result } },
  ];
  for (const draft of drafts) little.happens(breakers, draft);
};

describe('strategies', () => {
  test('that helped in none of five incidents in a row are left out', () => {
    for (let n = 0; n < 5; n += 1) {
      expect(breakers.strategies.refuses('restart')).toBeUndefined();
      tried(n, 'failed');
    }
    expect(breakers.strategies.refuses('restart')).toBe('for now');
    expect(breakers.strategies.refuses('nudge')).toBeUndefined();
  });

  test('count once an incident, and one success is enough', () => {
    for (let n = 0; n < 20; n += 1) tried(7, 'failed');
    for (let n = 0; n < 4; n += 1) tried(n, 'failed');
    expect(breakers.strategies.refuses('restart')).toBe('for now');
    little = new Little();
    breakers = little.breakers();
    for (let n = 0; n < 20; n += 1) tried(n, n % 4 === 3 ? 'verified' : 'failed');
    expect(breakers.strategies.refuses('restart')).toBeUndefined();
  });

  test('that could not be done, and those that cure nothing, say nothing', () => {
    for (let n = 0; n < 9; n += 1) tried(n, 'refused');
    for (let n = 10; n < 19; n += 1) tried(n, 'failed', 'wait');
    for (let n = 20; n < 29; n += 1) tried(n, 'failed', 'save');
    expect(breakers.strategies.refuses('restart')).toBeUndefined();
    expect(breakers.strategies.refuses('wait')).toBeUndefined();
    expect(breakers.strategies.refuses('save')).toBeUndefined();
  });

  test('are tried once when the wait is over, and by one incident alone', () => {
    for (let n = 0; n < 5; n += 1) tried(n, 'failed');
    little.pass(120_000);
    expect(breakers.strategies.refuses('restart')).toBeUndefined();
    tried(6, 'verified');
    expect(little.state.breakers[restart]?.is).toBe('closed');
  });
});

describe('probes', () => {
  const look = (looked: { ok: boolean; broken?: boolean; late?: boolean }): boolean =>
    breakers.probes.tells('one', 'p', looked);

  test('whose command never ended in time say nothing of the agent; one that did once does', () => {
    expect(look({ ok: false, late: true })).toBe(false);
    expect(look({ ok: true })).toBe(true);
    for (let n = 0; n < 9; n += 1) expect(look({ ok: false, late: true })).toBe(true);
    expect(breakers.probes.mayLook('one', 'p')).toBe(true);
  });

  test('whose command is gone are not asked for a while, then once', () => {
    for (let n = 0; n < 3; n += 1) expect(look({ ok: false, broken: true })).toBe(false);
    expect(breakers.probes.mayLook('one', 'p')).toBe(false);
    little.pass(30_000);
    expect(breakers.probes.mayLook('one', 'p')).toBe(true);
    expect(look({ ok: false })).toBe(true);
    expect(little.state.breakers['probe:one/p']?.is).toBe('closed');
  });
});

describe('providers', () => {
  const x = breakerName('provider', 'x');
  const two = AgentId.parse('two');
  const waits = (agent: AgentId, n: number): void => {
    const incident = IncidentId.parse(`i-00000${n}`);
    const of = { incident, agent };
    const opened = { ...of, class: 'overload', detail: '', level: 'basic', findings: [] };
    little.happens(breakers, { kind: 'incident.opened', data: opened });
    little.happens(breakers, { kind: 'incident.delayed', data: { ...of, detail: '' } });
  };
  const refuses = (agent: AgentId): void =>
    breakers.providers.called(agent, { error: { error: 'overload' } });

  beforeEach(() => {
    little.provider = 'x';
    const agent = { driver: 'claude', title: '', gate: 'ask', needs: [], capabilities: [] };
    const data = { digest: '0'.repeat(64), agents: { one: agent, two: agent }, operators: {} };
    little.happens(breakers, { kind: 'fleet.configured', data });
    for (const [n, agent] of [one, two].entries()) {
      little.happens(breakers, {
        kind: 'agent.started',
        data: { agent, incarnation: 1, pane: `%${n}`, pid: 7, born: '', argv: [], cwd: '/', resumed: '' },
      });
      refuses(agent);
      waits(agent, n);
    }
  });

  test('that refuse two agents keep both back, and let each try in its turn', () => {
    expect([one, two].map(agent => breakers.keepsBack(agent))).toEqual([[x], [x]]);
    little.pass(15_000);
    expect([one, two].map(agent => breakers.keepsBack(agent))).toEqual([[], [x]]);
    // It does not try: after a minute it is the other one's turn.
    little.pass(60_000);
    little.pass(30_000);
    expect([one, two].map(agent => breakers.keepsBack(agent))).toEqual([[x], []]);
    refuses(two);
    expect(little.state.breakers[x]).toMatchObject({ is: 'open', openings: 3 });
  });

  test('that answer anybody keep nobody back any more', () => {
    breakers.providers.called(two, { answered: true });
    expect(little.state.breakers[x]).toMatchObject({ is: 'closed', why: 'two has an answer from it' });
    expect(little.turns.slice(-2)).toEqual([`one is free of ${x}`, `two is free of ${x}`]);
  });

  test('are not held to account for a full context', () => {
    breakers.providers.called(two, { answered: true });
    for (let n = 0; n < 9; n += 1) breakers.providers.called(two, { error: { error: 'context-full' } });
    expect(breakers.keepsBack(two)).toEqual([]);
  });
});
