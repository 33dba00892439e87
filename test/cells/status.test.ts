import { beforeAll, expect, test } from 'vitest';
import { StatusTeller } from '../../src/cells/status.ts';
import { loadPolicy } from '../../src/gate/policy.ts';
import type { Policy } from '../../src/gate/types.ts';
import type { Draft } from '../../src/model/event.ts';
import { AgentId, PaneId } from '../../src/model/ids.ts';
import { bash, Fleet } from '../gate/fleet.ts';

const builder = AgentId.parse('builder');
const started: Draft = {
  kind: 'agent.started',
  actor: { type: 'cell', id: 'test', via: 'test' },
  subject: 'agent:builder',
  data: {
    agent: builder,
    incarnation: 1,
    pane: PaneId.parse('%1'),
    pid: 1,
    born: '',
    argv: [],
    cwd: '/',
    resumed: '',
  },
};

let policy: Policy;
beforeAll(async () => {
  policy = (await loadPolicy([])).policy;
});

test('an agent that asked under an engine before is not said to ask once it has its answer', () => {
  const fleet = new Fleet(policy);
  let told = 0;
  const teller = (): StatusTeller =>
    new StatusTeller(
      {
        get state() {
          return fleet.state;
        },
        emit: (...drafts) => {
          fleet.take(drafts);
          return { events: [], durable: Promise.resolve() };
        },
        now: () => fleet.now,
        random: () => 0,
        log: () => {},
        after: () => () => {},
      },
      () => true,
    );
  const tell = (cell: StatusTeller): void => {
    for (; told < fleet.events.length; told += 1) {
      const event = fleet.events[told];
      if (event) cell.onEvent(event);
    }
  };
  fleet.take([started]);
  fleet.ask('r-aaaa', bash('touch x'));
  tell(teller());
  expect(fleet.state.agents[builder]?.status).toBe('asking');
  const next = teller();
  fleet.decide('r-aaaa', 'bob', 'approve');
  tell(next);
  expect(fleet.state.agents[builder]?.status).toBe('working');
});

test('of an agent that stands still nothing new is said, however long it is silent', () => {
  const fleet = new Fleet(policy);
  const teller = new StatusTeller(
    {
      get state() {
        return fleet.state;
      },
      emit: (...drafts) => {
        fleet.take(drafts);
        return { events: [], durable: Promise.resolve() };
      },
      now: () => fleet.now,
      random: () => 0,
      log: () => {},
      after: () => () => {},
    },
    () => false,
  );
  fleet.take([started]);
  const sight = { agent: builder, incarnation: 1 };
  teller.see([{ ...sight, activity: Math.floor(fleet.now / 1000) }]);
  expect(fleet.state.agents[builder]?.status).toBe('working');
  const by = { type: 'operator', id: 'bob', via: 'cli' } as const;
  const ordered = { agents: [builder], fleet: false, before: {}, detail: '' };
  fleet.take([{ kind: 'freeze.ordered', actor: by, subject: `agent:${builder}`, data: ordered }]);
  teller.see([{ ...sight, activity: Math.floor(fleet.now / 1000) - 60 }]);
  expect(fleet.state.agents[builder]?.status).toBe('working');
  fleet.take([
    {
      kind: 'agent.thawed',
      actor: by,
      subject: `agent:${builder}`,
      data: { agent: builder, running: 1, resisting: [] },
    },
  ]);
  teller.see([{ ...sight, activity: Math.floor(fleet.now / 1000) - 60 }]);
  expect(fleet.state.agents[builder]?.status).toBe('idle');
});
