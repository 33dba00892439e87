/** What healing goes back to and goes on with, in a running fleet: snapshots of worktrees, other models and providers. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AgentId } from '../../src/model/ids.ts';
import { type Bench, withEngine } from '../support/engine.ts';
import { repository, run, write } from '../worktrees/repository.ts';

const coder = AgentId.parse('coder');

/** Says yes to the next request of this tool; what was agreed to. */
async function agree(bench: Bench, tool: string): Promise<Readonly<Record<string, unknown>>> {
  const { data } = await bench.event('gate.requested', e => e.data.action.tool === tool);
  const { client } = await bench.person();
  const { request, digest } = data;
  await client.request('approval.decide', { request, decision: 'approve', digest });
  await bench.event('gate.effected', e => e.data.request === request);
  return data.action.input;
}

/** Prints on until its work is broken; then it ends at each start. */
const BREAKS = `fleet: unit
agents:
  coder:
    command: "test ! -e broken || exit 3; while test ! -e broken; do echo tick; sleep 0.2; done; exit 3"
    cwd: repo
    worktree: true
    restart: { when: on-failure, from: 0ms, to: 0ms }
    healing: { verify: 1s, patience: 5s, ladder: { crash: [restore], crash-loop: [restore] } }
`;

test('an agent whose tree is broken gets its last good files back by consent, and a person can take that back', async () => {
  await withEngine(
    BREAKS,
    async bench => {
      const taken = await bench.event('worktree.snapshotted');
      expect(taken.data).toMatchObject({ is: 'good', snapshot: 1 });
      const tree = bench.state().agents[coder]?.worktree?.dir ?? '';
      write(tree, { 'work.txt': 'wrong', broken: '' });
      expect(await agree(bench, 'heal.restore')).toMatchObject({
        agent: 'coder',
        target: '1',
        about: expect.stringContaining("bring the files in coder's worktree back to snapshot 1"),
      });
      const { data } = await bench.event('incident.closed');
      expect(data).toMatchObject({ result: 'recovered', outcome: 'recovered by restore' });
      expect(existsSync(join(tree, 'broken'))).toBe(false);
      expect(readFileSync(join(tree, 'work.txt'), 'utf8')).toBe('right');
      expect(bench.events().find(e => e.kind === 'worktree.restored')?.data).toMatchObject({
        ...{ snapshot: 1, before: 2, incident: data.incident },
      });
      expect(run(tree, 'symbolic-ref', 'HEAD')).toBe('refs/heads/hms/unit/coder');
      expect(readFileSync(join(bench.dir, 'repo', 'work.txt'), 'utf8')).toBe('right');
      expect(bench.state().agents[coder]?.snapshots?.map(({ number, is }) => [number, is])).toEqual([
        ...[
          [2, 'before'],
          [1, 'good'],
        ],
      ]);

      const { client } = await bench.person(undefined, 'observe');
      const undo = { incident: data.incident };
      await expect(client.request('remedy.undo', undo)).rejects.toMatchObject({ code: 'not-allowed' });
      const lead = (await bench.person()).client;
      expect(await lead.request('remedy.undo', undo)).toEqual({
        undone: ['the files of coder are those of snapshot 2'],
      });
      expect(existsSync(join(tree, 'broken'))).toBe(true);
      expect(readFileSync(join(tree, 'work.txt'), 'utf8')).toBe('wrong');
    },
    {},
    dir => repository(join(dir, 'repo'), { 'work.txt': 'right' }),
  );
});

test('a snapshot is taken when it comes to rest and is well, by hand at any time, and only of trees of agents own', async () => {
  const fleet = `fleet: unit
agents:
  coder: { command: [cat], cwd: repo, worktree: true, healing: { snapshots: 10ms } }
  plain: { command: [cat], cwd: repo, healing: basic }
`;
  await withEngine(
    fleet,
    async bench => {
      await bench.event('worktree.snapshotted', e => e.data.detail === 'its first start');
      const tree = bench.state().agents[coder]?.worktree?.dir ?? '';
      write(tree, { 'more.txt': 'x' });
      // It prints what is typed, then rests.
      const { client } = await bench.person(undefined, 'collaborate');
      await client.request('agent.send', { agent: coder, text: 'hello', enter: true });
      await bench.event(
        'worktree.snapshotted',
        e => e.data.detail === 'it came to rest' && e.data.snapshot === 2,
      );
      expect(await client.request('remedy.snapshot', { agent: coder })).toEqual({ snapshot: null });
      write(tree, { 'more.txt': 'y' });
      expect(await client.request('remedy.snapshot', { agent: coder })).toEqual({ snapshot: 3 });
      write(tree, { 'more.txt': 'z' });
      await client.request('agent.stop', { agent: coder });
      await bench.until('coder to stop', ({ agents }) => agents[coder]?.alive === false);
      await client.request('remedy.restore', { agent: coder, snapshot: 1 });
      expect(existsSync(join(tree, 'more.txt'))).toBe(false);
      expect(bench.state().agents[coder]?.alive).toBe(false);
      await expect(client.request('remedy.restore', { agent: coder, snapshot: 9 })).rejects.toMatchObject({
        ...{ code: 'unknown-snapshot', hint: 'it has 4, 3, 2, 1' },
      });
      const plain = AgentId.parse('plain');
      await expect(client.request('remedy.snapshot', { agent: plain })).rejects.toMatchObject({
        code: 'no-worktree',
      });
      expect(run(join(bench.dir, 'repo'), 'status', '--porcelain')).toBe('');
    },
    {},
    dir => repository(join(dir, 'repo')),
  );
});

const PROVIDERS = `fleet: unit
agents:
  coder:
    command: 'echo "$PROVIDER" >> said; test "$PROVIDER" = other || exit 4; while :; do echo tick; sleep 0.2; done'
    env: { PROVIDER: own }
    restart: { when: always, from: 0ms, to: 0ms }
    healing:
      verify: 1s
      ladder: { crash: [swap], crash-loop: [swap] }
      swap: [{ name: second, env: { PROVIDER: other } }, { name: third, env: { PROVIDER: third } }]
`;

test('an agent goes on with another provider by consent; another engine keeps it, and a person takes it back', async () => {
  await withEngine(PROVIDERS, async bench => {
    expect(await agree(bench, 'heal.swap')).toMatchObject({ target: 'second' });
    const { data } = await bench.event('incident.closed');
    expect(data).toMatchObject({ result: 'recovered', outcome: 'recovered by swap' });
    const said = () => readFileSync(join(bench.dir, 'said'), 'utf8').trim().split('\n');
    expect(said().at(-1)).toBe('other');
    expect(bench.state().agents[coder]?.healing?.swapped).toMatchObject({
      to: 'second',
      incident: data.incident,
    });
    await bench.engine.stop('the test');
    await bench.again(false);
    const { client } = await bench.person();
    await client.request('agent.restart', { agent: coder });
    await bench.until(
      'it to run anew',
      ({ agents }) => (agents[coder]?.incarnation ?? 0) > 2 && agents[coder]?.alive === true,
    );
    expect(said().at(-1)).toBe('other');
    await expect(client.request('remedy.swap', { agent: coder, to: 'fourth' })).rejects.toMatchObject({
      ...{ code: 'unknown-swap', hint: 'it has second, third' },
    });
    await client.request('remedy.undo', { incident: data.incident });
    expect(bench.state().agents[coder]?.healing).not.toHaveProperty('swapped');
    await expect(client.request('remedy.swap', { agent: coder, to: '' })).rejects.toMatchObject({
      code: 'not-swapped',
    });
    await client.request('agent.restart', { agent: coder });
    await bench.event('agent.exited', e => e.data.status === 4 && e.data.incarnation > 3);
    expect(said().at(-1)).toBe('own');
  });
});

test('whoever was frozen to make room goes on when that incident is over, also under the next engine', async () => {
  const fleet = `fleet: unit
agents:
  coder:
    command: "trap '' INT; for n in 1 2 3; do echo up; sleep 0.3; done; while test ! -e go; do sleep 0.2; done; while :; do echo tick; sleep 0.2; done"
    healing: { silence: 2s, patience: 30s, verify: 1s, priority: 80, ladder: { hang: [shed] } }
  lesser: { command: "while :; do echo tick; sleep 0.2; done", healing: { priority: 1 } }
`;
  await withEngine(fleet, async bench => {
    const lesser = AgentId.parse('lesser');
    expect(await agree(bench, 'heal.shed')).toMatchObject({ target: 'lesser' });
    await bench.until('it to be frozen', s => s.agents[lesser]?.freeze?.is === 'frozen');
    await bench.engine.stop('the test');
    await bench.again(false);
    expect(bench.state().agents[lesser]?.freeze).toBeTruthy();
    write(bench.dir, { go: '' });
    await bench.event('incident.closed');
    await bench.until('it to go on', s => s.agents[lesser]?.freeze === null);
  });
});

test('one that was isolated stays so under the next engine, until a person thaws it', async () => {
  const fleet = `fleet: unit
agents:
  coder:
    command: "trap '' INT; for n in 1 2 3; do echo up; sleep 0.3; done; while :; do sleep 1000000; done"
    healing: { silence: 2s, verify: 1s, ladder: { hang: [isolate] } }
`;
  await withEngine(fleet, async bench => {
    await agree(bench, 'heal.isolate');
    const { data } = await bench.event('incident.escalated');
    await bench.engine.stop('the test');
    await bench.again(false);
    expect(bench.state().agents[coder]?.freeze).toMatchObject({ is: 'frozen', by: 'healer' });
    const { client } = await bench.person();
    expect(await client.request('remedy.undo', { incident: data.incident })).toEqual({
      undone: ['coder goes on'],
    });
    expect((await bench.event('incident.closed')).data).toMatchObject({
      incident: data.incident,
      result: 'person',
    });
    await bench.until('it to go on', s => s.agents[coder]?.freeze === null);
    await expect(client.request('remedy.undo', { incident: data.incident })).rejects.toMatchObject({
      code: 'nothing-to-undo',
    });
  });
});
