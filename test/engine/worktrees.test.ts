/** Agents with working trees of their own, in a running fleet: made at the start, merged and dropped by the gate. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AgentId, type RequestId } from '../../src/model/ids.ts';
import type { WorktreeProposed } from '../../src/protocol/messages.ts';
import { type Bench, withEngine } from '../support/engine.ts';
import { commit, repository, run } from '../worktrees/repository.ts';

const coder = AgentId.parse('coder');
const FLEET = `fleet: unit
agents:
  coder: { command: "pwd > where; exec sleep 1000000", cwd: repo, worktree: true }
  plain: { command: [sleep, "1000000"] }
`;

/** A fleet whose repository is beside its file. */
async function withRepository(body: (bench: Bench, repo: string) => Promise<void>): Promise<void> {
  await withEngine(
    FLEET,
    async bench => {
      await bench.until('coder to run', s => s.agents[coder]?.alive === true);
      await body(bench, join(bench.dir, 'repo'));
    },
    {},
    dir => repository(join(dir, 'repo')),
  );
}

const treeOf = (bench: Bench) => bench.state().agents[coder]?.worktree?.dir ?? '';

async function agree(bench: Bench, what: 'merge' | 'drop'): Promise<RequestId> {
  const { client } = await bench.person(undefined, 'watch');
  const asked = (await client.request('worktree.propose', { agent: coder, do: what })) as WorktreeProposed;
  expect(asked).toMatchObject({ needs: 1, outcome: null });
  // Asked again, it is the same request.
  expect(await client.request('worktree.propose', { agent: coder, do: what })).toMatchObject({
    request: asked.request,
  });
  await client.request('approval.decide', {
    request: asked.request,
    decision: 'approve',
    digest: asked.digest,
  });
  return asked.request;
}

test('works in a tree of its own, is merged by consent, and is dropped only when it has stopped', async () => {
  await withRepository(async (bench, repo) => {
    const tree = treeOf(bench);
    expect(tree).toBe(join(bench.paths.state, 'worktrees', 'coder'));
    expect(bench.state().agents[coder]?.cwd).toBe(tree);
    await expect(run(tree, 'symbolic-ref', 'HEAD')).toBe('refs/heads/hms/unit/coder');
    const { client } = await bench.person(undefined, 'watch');
    await expect(client.request('worktree.diff', { agent: AgentId.parse('plain') })).rejects.toThrow(
      'no worktree',
    );

    run(tree, 'add', '--all');
    commit(tree, { 'made.txt': 'x\n' });
    const made = await agree(bench, 'merge');
    const merged = await bench.event('gate.effected', e => e.data.request === made);
    expect(merged.data).toMatchObject({ exit: 0 });
    expect(run(repo, 'rev-parse', 'main')).toBe((await bench.event('worktree.merged')).data.commit);
    expect(existsSync(join(repo, 'made.txt'))).toBe(true);
    expect(bench.events().find(e => e.kind === 'approval.decided')?.actor.type).toBe('operator');

    await expect(client.request('worktree.propose', { agent: coder, do: 'merge' })).rejects.toThrow(
      'has nothing that main has not',
    );
    await expect(client.request('worktree.propose', { agent: coder, do: 'drop' })).rejects.toThrow(
      'coder works in it',
    );
    await client.request('agent.stop', { agent: coder });
    await bench.until('coder to stop', s => s.agents[coder]?.alive === false);
    await agree(bench, 'drop');
    const { ref } = (await bench.event('worktree.dropped')).data;
    expect(run(repo, 'for-each-ref', '--format=%(refname)', 'refs/hms')).toBe(ref);
    expect(existsSync(tree)).toBe(false);
    await client.request('agent.start', { agent: coder });
    await bench.until(
      'a new tree',
      s => s.agents[coder]?.alive === true && s.agents[coder].worktree !== null,
    );
  });
});

test('a merge that somebody agreed to as an engine died is done by the next one, once', async () => {
  await withRepository(async (bench, repo) => {
    commit(treeOf(bench), { 'made.txt': 'x\n' });
    const { client } = await bench.person(undefined, 'watch');
    const asked = (await client.request('worktree.propose', {
      agent: coder,
      do: 'merge',
    })) as WorktreeProposed;
    await bench.engine.stop('test');
    await bench.again(false);
    expect(bench.state().pending[asked.request]).toBeDefined();
    const again = await bench.person(undefined, 'watch');
    await again.client.request('approval.decide', {
      request: asked.request,
      decision: 'approve',
      digest: asked.digest,
    });
    await bench.engine.stop('test');
    await bench.again(false);
    await bench.until(
      'the merge to be settled',
      s => s.settled.find(r => r.id === asked.request)?.exit !== null,
    );
    expect(run(repo, 'log', '--format=%s', '--first-parent', 'main').split('\n')).toEqual([
      'Merge hms/unit/coder',
      'Start',
    ]);
  });
});

test('where there is no repository the agent says so, and the others run', async () => {
  await withEngine(FLEET.replace('cwd: repo, ', ''), async bench => {
    const state = await bench.until('coder to fail', s => s.agents[coder]?.status === 'failed');
    expect(state.agents[coder]?.evidence.detail).toMatch(/is in no git repository/);
    await bench.until('plain to run', s => s.agents['plain']?.alive === true);
  });
});
