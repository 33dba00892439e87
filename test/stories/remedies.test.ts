/** What healing goes back to and goes on with, as a person sees it: asked for in the queue, shown, and taken back. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';
import { repository } from '../worktrees/repository.ts';

const FLEET = `fleet: story
agents:
  coder:
    command: "test ! -e broken || exit 3; while test ! -e broken; do echo tick; sleep 0.2; done; exit 3"
    worktree: true
    restart: { when: on-failure, from: 0ms, to: 0ms }
    healing: { verify: 1s, ladder: { crash: [restore], crash-loop: [restore] } }
`;

const SWAPS = `fleet: story
agents:
  caller:
    command: 'echo "calls \${PROVIDER:-its own}"; while :; do sleep 1000000; done'
    healing: { swap: [{ name: second, env: { PROVIDER: "another one" } }] }
`;

test('broken files come back with a yes from the queue, and go again when a person takes that back', async () => {
  await withProgram(async program => {
    repository(program.dir, { 'a.txt': 'one\n', '.gitignore': 'hms.yaml\n' });
    await program.fleet(FLEET);
    const terminal = await program.terminal([]);
    const list = () =>
      program.json<{ snapshots: { number: number; is: string }[] }>('worktree', 'snapshots', 'coder');
    await waitFor(async () => (await list()).snapshots.length === 1, { what: 'its first snapshot' });
    const { worktrees } = await program.json<{ worktrees: { dir: string }[] }>('worktree', 'list');
    const broken = join(worktrees[0]?.dir ?? '', 'broken');
    writeFileSync(broken, '');
    await terminal.shows("bring the files in coder's worktree back to snapshot 1");
    await terminal.decide('a');
    const { closed } = await waitFor(
      async () => {
        const seen = await program.json<{ closed: { id: string; result: string }[] }>('heal', 'incidents');
        return seen.closed.length > 0 && seen;
      },
      { what: 'the incident to be over' },
    );
    expect(closed[0]?.result).toBe('recovered');
    expect(existsSync(broken)).toBe(false);
    const id = closed[0]?.id ?? '';
    expect((await program.hms('heal', 'why', id)).stdout).toContain('taken back by hms heal undo INCIDENT');
    expect((await program.hms('worktree', 'snapshots', 'coder')).stdout).toMatch(
      /2 +\S+ +before[\s\S]*1 +\S+ +good/,
    );
    expect((await program.hms('heal', 'undo', id)).stdout).toContain(
      'the files of coder are those of snapshot 2',
    );
    expect(existsSync(broken)).toBe(true);
    expect((await program.hms('worktree', 'restore', 'coder', 'x')).stderr).toContain('It is a number');
  });
});

test('an agent is given another provider by hand, and the console says so', async () => {
  await withProgram(async program => {
    await program.fleet(SWAPS);
    const terminal = await program.terminal([]);
    await terminal.shows('calls its own');
    expect((await program.hms('heal', 'swap', 'caller', 'third')).stderr).toContain('It has second');
    expect((await program.hms('heal', 'swap', 'caller', 'second')).stdout).toContain(
      'hms agent restart caller',
    );
    await program.hms('agent', 'restart', 'caller');
    await terminal.shows('calls another one');
    expect((await program.hms('heal')).stdout).toMatch(/caller +basic +with second/);
    await terminal.press('I');
    await terminal.shows(/caller +basic .* with second/);
    expect((await program.hms('heal', 'swap', 'caller', '--back')).stdout).toContain('caller has its own');
    await terminal.hides('with second');
  });
});
