/** An agent with a worktree of its own, as a person sees it: listed, compared, merged, dropped. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';
import { commit, repository, run } from '../worktrees/repository.ts';

const FLEET = `fleet: story
agents:
  coder: { command: [sleep, "1000000"], worktree: true }
  plain: { command: [sleep, "1000000"] }
`;

test('its work is listed, compared, merged with a yes and dropped with nothing lost', async () => {
  await withProgram(async program => {
    repository(program.dir, { 'a.txt': 'one\n', '.gitignore': 'hms.yaml\n' });
    await program.fleet(FLEET);
    expect((await program.hms('up')).code).toBe(0);
    const tree = await waitFor(
      async () =>
        (await program.json<{ worktrees: { dir: string }[] }>('worktree', 'list')).worktrees[0]?.dir,
      { what: 'the worktree' },
    );
    commit(tree, { 'made.txt': 'evil \u001b[31m\n' });

    expect((await program.hms('worktree')).stdout).toMatch(
      /coder +hms\/story\/coder → main +1 commit, 1 file, \+1 −0/,
    );
    expect((await program.hms('worktree', 'diff', 'coder')).stdout).toContain('+evil ␛[31m');
    const unasked = await program.hms('worktree', 'merge', 'coder');
    expect(unasked.stderr).toContain('Nothing has changed');
    expect(unasked.code).toBe(1);
    expect(existsSync(join(program.dir, 'made.txt'))).toBe(false);

    writeFileSync(join(program.dir, 'a.txt'), 'mine\n');
    const dirty = await program.hms('worktree', 'merge', 'coder', '--yes');
    expect(dirty.code).toBe(1);
    expect(dirty.stderr).toContain('1 changed file in');
    run(program.dir, 'checkout', '--quiet', 'a.txt');

    expect((await program.hms('worktree', 'merge', 'coder', '--yes')).stdout).toContain('merged into main');
    expect(existsSync(join(program.dir, 'made.txt'))).toBe(true);
    expect((await program.hms('audit', 'search', '--kind', 'approval.decided')).stdout).toMatch(/approves/);

    expect((await program.hms('agent', 'stop', 'coder')).code).toBe(0);
    commit(tree, { 'late.txt': 'x' });
    expect((await program.hms('worktree', 'drop', 'coder', '--yes')).stdout).toContain(
      'refs/hms/dropped/coder/',
    );
    expect(run(program.dir, 'for-each-ref', 'refs/hms')).toContain('refs/hms/dropped/coder/');
    expect((await program.hms('worktree', 'diff', 'plain')).stderr).toContain('no worktree of its own');
  });
});

test('the console shows what an agent changed, and a merge goes through the queue', async () => {
  await withProgram(async program => {
    repository(program.dir, { 'a.txt': 'one\n', '.gitignore': 'hms.yaml\n' });
    await program.fleet(FLEET);
    const terminal = await program.terminal([]);
    const tree = await waitFor(
      async () =>
        (await program.json<{ worktrees: { dir: string }[] }>('worktree', 'list')).worktrees[0]?.dir,
      { what: 'the worktree' },
    );
    commit(tree, { 'made.txt': 'brand new\n' });
    await terminal.press('1', 'D');
    await terminal.shows('hms/story/coder → main', '+brand new');
    await terminal.press('M');
    await terminal.shows('merge hms/story/coder into main: 1 commit, 1 file');
    await terminal.decide('a');
    await waitFor(() => existsSync(join(program.dir, 'made.txt')), { what: 'the merge' });
  });
});
