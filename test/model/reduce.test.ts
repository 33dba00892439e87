import { describe, expect, test } from 'vitest';
import { type Draft, EVENT_DATA, type Event } from '../../src/model/event.ts';
import { AgentId, Digest, GrantId, PaneId, RequestId } from '../../src/model/ids.ts';
import { fold, reduce } from '../../src/model/reduce.ts';
import { EMPTY, type FleetState, RESTARTS_KEPT, SETTLED_KEPT } from '../../src/model/state.ts';

const builder = AgentId.parse('builder');
const digest = Digest.parse('a'.repeat(64));
const actor: Draft['actor'] = { type: 'cell', id: 'test', via: 'test' };

/** Puts drafts in their places: seq from 1, time 1000 × seq. */
function placed(...drafts: Pick<Draft, 'kind' | 'data'>[]): Event[] {
  return drafts.map((draft, at) => {
    const seq = at + 1;
    return { ...draft, actor, subject: 'x', seq, time: seq * 1000, prev: digest } as Event;
  });
}

const configured: Pick<Draft, 'kind' | 'data'> = {
  kind: 'fleet.configured',
  data: {
    digest,
    agents: { [builder]: { driver: 'command', title: '', gate: 'ask', needs: [], capabilities: [] } },
    operators: {},
  },
};

const started = (incarnation: number): Pick<Draft, 'kind' | 'data'> => ({
  kind: 'agent.started',
  data: {
    agent: builder,
    incarnation,
    pane: PaneId.parse('%1'),
    pid: 42,
    born: '',
    argv: [],
    cwd: '/',
    resumed: '',
  },
});

const requested = (id: string): Pick<Draft, 'kind' | 'data'> => ({
  kind: 'gate.requested',
  data: {
    request: RequestId.parse(id),
    agent: builder,
    action: { tool: 'exec', input: { argv: ['ls'] }, cwd: '/' },
    digest,
    facts: {
      verb: 'Exec',
      programs: ['ls'],
      classes: [],
      targets: [],
      inside: true,
      risk: 10,
      level: 'low',
      title: 'ls',
      effect: 'reads',
    },
    verdict: 'hold',
    needs: 1,
    from: '',
    rules: [],
    why: '',
    policy: digest,
    expires: 0,
    can: { edit: false, note: true },
    via: 'gate',
  },
});

const settled = (id: string, grant = ''): Pick<Draft, 'kind' | 'data'> => ({
  kind: 'gate.settled',
  data: { request: RequestId.parse(id), outcome: 'approved', reason: '', digest, grant: grant as GrantId },
});

describe('the reducer', () => {
  test('passes over kinds it does not know, but keeps count of them', () => {
    const state = fold(EMPTY, placed(configured));
    const unknown = { ...placed(configured)[0], kind: 'moon.landed', seq: 2, time: 5 } as unknown as Event;
    expect(reduce(state, unknown)).toEqual({ ...state, seq: 2, time: 5 });
  });

  test('ignores events about agents and requests that do not exist', () => {
    const state = fold(EMPTY, placed(started(1), settled('r-none')));
    expect(state).toEqual({ ...EMPTY, seq: 2, time: 2000 });
  });

  test('follows an agent through its life', () => {
    const exit: Pick<Draft, 'kind' | 'data'> = {
      kind: 'agent.exited',
      data: { agent: builder, incarnation: 1, status: 137, signal: '', wanted: false, detail: '' },
    };
    const restart: Pick<Draft, 'kind' | 'data'> = {
      kind: 'restart.scheduled',
      data: { agent: builder, attempt: 1, delayMs: 0, reason: 'exit 137' },
    };
    const state = fold(EMPTY, placed(configured, started(1), exit, restart));
    expect(state.agents[builder]).toMatchObject({
      alive: false,
      status: 'healing',
      lastExit: 'exit 137',
      restarts: [4000],
    });
    expect(state.totals.restarts).toBe(1);
    expect(
      reduce(state, { ...placed(started(2))[0], seq: 5, time: 9 } as Event).agents[builder],
    ).toMatchObject({
      alive: true,
      incarnation: 2,
      restarts: [4000],
    });
  });

  test('what an event does not touch keeps its identity', () => {
    const state = fold(EMPTY, placed(configured));
    const next = reduce(state, { ...placed(requested('r-0001'))[0], seq: 2, time: 2 } as Event);
    expect(next.agents).toBe(state.agents);
    expect(next.sessions).toBe(state.sessions);
  });

  test('keeps only so many ended requests, newest first', () => {
    const ids = Array.from({ length: SETTLED_KEPT + 10 }, (_, n) => `r-${String(n).padStart(4, '0')}`);
    const state = fold(EMPTY, placed(...ids.flatMap(id => [requested(id), settled(id)])));
    expect(state.pending).toEqual({});
    expect(state.settled.map(r => r.id)).toEqual(ids.slice(-SETTLED_KEPT).reverse());
    expect(state.totals).toMatchObject({ requests: ids.length, held: ids.length, approved: ids.length });
  });

  test('forgets grants that let nothing through any more when a new one comes', () => {
    const grant = (id: string, expires: number): Pick<Draft, 'kind' | 'data'> => ({
      kind: 'grant.issued',
      data: {
        grant: GrantId.parse(id),
        agent: builder,
        match: { digest: '', shape: 'x' },
        uses: 1,
        expires,
        override: false,
        reason: '',
      },
    });
    const used = [grant('g-0001', 1e6), requested('r-0001'), settled('r-0001', 'g-0001')];
    const state = fold(
      EMPTY,
      placed(...used, grant('g-0002', 4500), grant('g-0003', 1e6), grant('g-0004', 1e6)),
    );
    expect(Object.keys(state.grants)).toEqual(['g-0003', 'g-0004']);
  });

  test('remembers as many restarts as a policy can count', () => {
    const data = { agent: builder, attempt: 1, delayMs: 0, reason: '' };
    const restarts = Array.from({ length: RESTARTS_KEPT + 5 }, () => ({
      kind: 'restart.scheduled' as const,
      data,
    }));
    const state = fold(EMPTY, placed(configured, started(1), ...restarts));
    expect(state.agents[builder]?.restarts).toHaveLength(RESTARTS_KEPT);
  });

  test('counts the uses of a grant', () => {
    const grant: Pick<Draft, 'kind' | 'data'> = {
      kind: 'grant.issued',
      data: {
        grant: GrantId.parse('g-0001'),
        agent: builder,
        match: { digest: '', shape: 'x' },
        uses: 3,
        expires: 0,
        override: false,
        reason: '',
      },
    };
    const state = fold(EMPTY, placed(grant, requested('r-0001'), settled('r-0001', 'g-0001')));
    expect(state.grants['g-0001']).toMatchObject({ used: 1, uses: 3 });
  });

  test('the state is JSON: what a console is sent is what the engine has', () => {
    const state: FleetState = fold(
      EMPTY,
      placed(configured, started(1), requested('r-0001'), settled('r-0001'), requested('r-0002')),
    );
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});

test('journals of before messages had ids and configurations revisions still fold', () => {
  const typed = {
    kind: 'message.sent',
    data: { from: 'operator:alice', to: 'agent:builder', text: 'go on' },
  } as const;
  const events = placed(configured, typed, { ...typed, data: { ...typed.data, to: 'people' } });
  for (const { kind, data } of events) expect(EVENT_DATA[kind].safeParse(data).success, kind).toBe(true);
  const state = fold(EMPTY, events);
  expect(state.config).toEqual({ revision: digest, proposal: null, due: null });
  // They were typed into a pane: nobody is to be given them again.
  expect(state.inboxes).toEqual({});
});
