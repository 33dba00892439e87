import { beforeAll, expect, test } from 'vitest';
import { cellActor, type World } from '../../../src/cells/cell.ts';
import { Freezer } from '../../../src/cells/freezer/freezer.ts';
import { loadPolicy } from '../../../src/gate/policy.ts';
import type { Policy } from '../../../src/gate/types.ts';
import type { Draft } from '../../../src/model/event.ts';
import { AgentId, PaneId } from '../../../src/model/ids.ts';
import type { ProcessInfo } from '../../../src/processes/stat.ts';
import { Fleet } from '../../gate/fleet.ts';
import { waitFor } from '../../support/wait.ts';

const builder = AgentId.parse('builder');
const started: Draft = {
  kind: 'agent.started',
  actor: cellActor('test'),
  subject: 'agent:builder',
  data: {
    agent: builder,
    incarnation: 1,
    pane: PaneId.parse('%1'),
    pid: 7,
    born: '1',
    argv: [],
    cwd: '/',
    resumed: '',
  },
};

let policy: Policy;
beforeAll(async () => {
  policy = (await loadPolicy([])).policy;
});

test('where processes cannot be looked at for a while, what was ordered is done by a later look', async () => {
  const fleet = new Fleet(policy);
  fleet.take([started]);
  const log: string[] = [];
  const world: World = {
    get state() {
      return fleet.state;
    },
    emit: (...drafts) => {
      fleet.take(drafts);
      return { events: [], durable: Promise.resolve() };
    },
    now: () => fleet.now,
    random: () => 0,
    log: line => log.push(line),
    after: () => () => {},
  };
  let blind = false;
  let info: ProcessInfo = {
    pid: 7,
    parent: 1,
    group: 7,
    session: 7,
    tty: '',
    state: 'S',
    born: '1',
    name: 'sh',
    cpuMs: 0,
    childrenMs: 0,
    rss: 0,
    threads: 1,
  };
  let clock = 0;
  const freezer = new Freezer(world, {
    trees: {
      all: () => {
        if (blind) throw new Error('no ps');
        return new Map([[builder, [info]]]);
      },
      remember: () => {},
    },
    world: {
      kill: (_pid, signal) => {
        info = { ...info, state: signal === 'SIGSTOP' ? 'T' : 'S' };
        blind = true;
      },
      pause: async () => {},
      now: () => (clock += 1),
    },
    takeNotes: () => [],
    unwritten: [],
    forgetNotes: () => {},
  });
  const is = () => fleet.state.agents[builder]?.freeze?.is;
  const seen = (what: string | undefined): Promise<unknown> =>
    waitFor(
      () => {
        blind = false;
        freezer.look();
        return is() === what;
      },
      { what: `it to be ${what ?? 'thawed'}` },
    );

  await expect(freezer.freeze([builder], cellActor('test'))).rejects.toThrow('no ps');
  expect(is()).toBe('ordered');
  expect(() => freezer.look()).toThrow('no ps');
  await seen('frozen');
  await expect(freezer.thaw([builder], cellActor('test'))).rejects.toThrow('no ps');
  expect(is()).toBe('thawing');
  await seen(undefined);
  expect(info.state).toBe('S');
});
