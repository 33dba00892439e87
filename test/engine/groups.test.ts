/** Agents that are restarted together, in a running fleet. */
import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { AgentId } from '../../src/model/ids.ts';
import { type Bench, withEngine } from '../support/engine.ts';

const [db, api, ui, loner] = ['db', 'api', 'ui', 'loner'].map(name => AgentId.parse(name)) as [
  AgentId,
  AgentId,
  AgentId,
  AgentId,
];

/** Ends when it is told to, once. */
const ENDS = 'f=end-$HMS_AGENT; while :; do if [ -e $f ]; then rm $f; exit 1; fi; echo tick; sleep 0.1; done';

const fleet = (restart: string, healing: string): string => `fleet: unit
groups: { web: { agents: [db, api, ui], restart: ${restart} } }
agents:
${['ui', 'db', 'api', 'loner']
  .map(
    name => `  ${name}:
    command: |
      ${ENDS}
    needs: [${name === 'api' ? 'db' : ''}]
    restart: { when: on-failure, from: 0ms, to: 0ms }
    ${healing}
`,
  )
  .join('')}`;

const running = (bench: Bench, counts: Readonly<Record<string, number>>) =>
  bench.until(`runs ${JSON.stringify(counts)}`, ({ agents }) =>
    Object.entries(counts).every(([id, n]) => agents[id]?.alive && agents[id].incarnation === n),
  );

/** Who was started, and who ended, since the one that was told to. */
const told = (bench: Bench, kind: 'agent.started' | 'agent.exited', since: number): readonly string[] =>
  bench.events().flatMap(event => (event.kind === kind && event.seq > since ? [event.data.agent] : []));

test('one_for_all: all are ended the last one first and started in order of need; it counts once', async () => {
  await withEngine(fleet('one_for_all', ''), async bench => {
    await running(bench, { db: 1, api: 1, ui: 1, loner: 1 });
    const since = bench.state().seq;
    await writeFile(`${bench.dir}/end-api`, '');
    const { agents } = await running(bench, { db: 2, api: 2, ui: 2, loner: 1 });
    expect(told(bench, 'agent.exited', since)).toEqual([api, ui, db]);
    expect(told(bench, 'agent.started', since)).toEqual([db, api, ui]);
    expect([db, api, ui].map(id => agents[id]?.restarts.length)).toEqual([0, 1, 0]);
    expect(
      bench
        .events()
        .filter(e => e.kind === 'restart.shared')
        .map(e => e.data),
    ).toEqual([
      ...[
        { agent: ui, with: api, group: 'web' },
        { agent: db, with: api, group: 'web' },
      ],
    ]);
    const { data } = await bench.event('incident.closed');
    const healed = await bench.until('it to be over', s => s.healed.length === 1);
    expect(healed.healed[0]).toMatchObject({ id: data.incident, agent: 'api', along: [ui, db] });
  });
});

test('rest_for_one under healing: those after it come along, in one incident', async () => {
  await withEngine(fleet('rest_for_one', 'healing: { verify: 1s }'), async bench => {
    await running(bench, { db: 1, api: 1, ui: 1, loner: 1 });
    await writeFile(`${bench.dir}/end-api`, '');
    await running(bench, { db: 1, api: 2, ui: 2, loner: 1 });
    expect((await bench.event('incident.closed')).data).toMatchObject({ result: 'recovered' });
    expect(bench.events().filter(({ kind }) => kind === 'incident.opened')).toHaveLength(1);
    await writeFile(`${bench.dir}/end-db`, '');
    await running(bench, { db: 2, api: 3, ui: 3, loner: 1 });
  });
});

test('one that waits for a person is asked about, and restarted when they say so', async () => {
  await withEngine(fleet('one_for_all', ''), async bench => {
    await running(bench, { db: 1, api: 1, ui: 1, loner: 1 });
    const { client } = await bench.person(undefined, 'collaborate');
    await client.request('lease.take', { agent: ui });
    await writeFile(`${bench.dir}/end-db`, '');
    await running(bench, { db: 2, api: 2, ui: 1 });
    const { data } = await bench.event('gate.requested', e => e.data.action.tool === 'agent.restart');
    expect(data.facts.title).toBe(
      'start ui again: db was restarted (web: one_for_all), and ui waits for a person',
    );
    const { request, digest } = data;
    await client.request('approval.decide', { request, decision: 'approve', digest });
    await running(bench, { db: 2, api: 2, ui: 2, loner: 1 });
  });
});

test.each([
  ['by their restart policies', ''],
  ['under healing', 'healing: { verify: 1s }'],
])(
  'all of a group that end at once are started once or twice, and counted once at most: %s',
  async (_, healing) => {
    await withEngine(fleet('one_for_all', healing), async bench => {
      await running(bench, { db: 1, api: 1, ui: 1, loner: 1 });
      await Promise.all(['db', 'api', 'ui'].map(id => writeFile(`${bench.dir}/end-${id}`, '')));
      const { agents } = await bench.until('all to run anew', s =>
        [db, api, ui].every(id => s.agents[id]?.alive && s.agents[id].incarnation >= 2),
      );
      const counted = [db, api, ui].map(id => agents[id]?.restarts.length ?? 9);
      expect(Math.max(...counted)).toBe(1);
      expect([db, api, ui].every(id => (agents[id]?.incarnation ?? 9) <= 3)).toBe(true);
      expect(agents[loner]?.incarnation).toBe(1);
    });
  },
);

test('a restart that had to wait for what the agent needs is one all the same', async () => {
  const yaml = `fleet: unit
groups: { web: { agents: [api, ui], restart: one_for_all } }
agents:
  db: { command: "while [ ! -e end-db ]; do sleep 0.1; done" }
  api: { command: "while [ ! -e end-api ]; do sleep 0.1; done; rm end-api; exit 1", needs: [db], restart: { from: 0ms, to: 0ms } }
  ui: { command: [sleep, "1000000"] }
`;
  await withEngine(yaml, async bench => {
    await running(bench, { db: 1, api: 1, ui: 1 });
    await writeFile(`${bench.dir}/end-db`, '');
    await bench.until('db to end', ({ agents }) => agents[db]?.alive === false);
    await writeFile(`${bench.dir}/end-api`, '');
    await bench.until('api to wait', ({ agents }) => agents[api]?.status === 'blocked');
    const { client } = await bench.person();
    await rm(`${bench.dir}/end-db`);
    await client.request('agent.start', { agent: db });
    await running(bench, { db: 2, api: 2, ui: 2 });
  });
});
