/** A tuning from the archive to a canary and back, as people see and steer it, through `kill -9` of the engine. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fleetPaths } from '../../src/fleet/paths.ts';
import { CHAMPION } from '../../src/healing/evolve/champion.ts';
import { atPoint, DIMENSIONS } from '../../src/healing/evolve/genome.ts';
import { type Kept, nothingYet } from '../../src/healing/evolve/kept.ts';
import { isAlive, type Program, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const FLEET = `fleet: story
agents:
  one: { command: [sleep, "1000000"], healing: evolutionary }
  two: { command: [sleep, "1000000"], healing: evolutionary }
evolution: off
`;
const other = atPoint(Array(DIMENSIONS).fill(0.4), CHAMPION);

interface Status {
  readonly generation: number;
  readonly history: readonly number[];
  readonly shipped: boolean;
  readonly canary: { readonly request: string; readonly agents: readonly string[] } | null;
  readonly running: { readonly pid: number } | null;
  readonly proposal: string;
}

/** What a long evolution has left: an archive, and a challenge that is nearly played. */
function evolved(): Kept {
  const judged = {
    costs: [100],
    after: [50],
    byFault: { F04: 60, F01: 40 },
    starts: 1,
    falseActs: 1,
    tokens: 1,
  };
  return {
    ...nothingYet(1),
    trials: 1,
    state: {
      ...{ step: 3, evaluations: 90, best: other, fitness: 0.8, history: [1, 0.9, 0.85, 0.8] },
      elites: [{ genes: other, value: 0.8, behaviour: [0, 0] }],
    },
    trial: {
      ...{ challenger: other, incumbent: CHAMPION, cases: [], first: 100_000, asked: true },
      played: Array.from({ length: 29 }, () => [judged, judged] as const),
    },
  };
}

const status = (program: Program): Promise<Status> => program.json<Status>('ga', 'status');

test('what a person picks is approved in the queue, tried through the death of an engine, and taken back by a key', async () => {
  await withProgram(async program => {
    await program.fleet(FLEET);
    await program.json('up');
    const { evolution } = fleetPaths('story', program.dir, program.env);
    await writeFile(evolution, JSON.stringify(evolved()));
    expect((await program.hms('ga', 'status')).stdout).toMatch(/generation 3, 90 genomes judged.*80\.0 %/);
    expect((await program.hms('ga', 'archive')).stdout).toMatch(/^ 0 +80\.0\* +·/m);
    const { request } = await program.json<{ request: string }>('ga', 'propose', '--cell', '0,0');
    const { stdout: asked } = await program.hms('approvals', 'show', request);
    expect(asked).toMatch(/heal by \d+ changed numbers and ladders/);
    expect(asked).toContain('1 of 2 evolutionary agents first');
    const again = await program.hms('ga', 'propose', '--cell', '0,0');
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(`${request} is a proposal that waits for an answer`);
    await program.hms('approvals', 'approve', request);
    const tried = await waitFor(async () => (await status(program)).canary, { what: 'the canary' });
    expect(tried).toMatchObject({ request });
    expect(tried.agents).toHaveLength(1);

    const evolving = await program.terminal(['ga', 'evolve', '--steps', '500']);
    const worker = await waitFor(async () => (await status(program)).running?.pid, { what: 'the worker' });
    const pid = await program.enginePid();
    process.kill(pid, 'SIGKILL');
    await waitFor(() => !isAlive(worker), { what: 'the worker to end with its engine', deadlineMs: 30_000 });
    expect(await evolving.ended()).toBe(1);
    await waitFor(
      async () => {
        const now = await program.enginePid();
        return now > 0 && now !== pid;
      },
      { what: 'the next engine' },
    );
    const after = await waitFor(() => status(program).catch(() => undefined), { what: 'its answer' });
    expect(after.canary).toMatchObject({ request, agents: tried.agents });

    const terminal = await program.terminal([]);
    await terminal.shows('one');
    await terminal.press('I');
    await terminal.shows(`${request} is tried on ${tried.agents.join(', ')}`);
    await terminal.press('U');
    await terminal.shows('Take back the tuning?');
    await terminal.decide('y');
    const back = await waitFor(
      async () => {
        const now = await status(program);
        return now.canary === null && now;
      },
      { what: 'the tuning to be taken back' },
    );
    expect(back).toMatchObject({ shipped: true });
    const nothing = await program.hms('ga', 'rollback');
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toMatch(/no tuning is being tried/i);
    await program.hms('down');
  });
});

test('evolution runs on a folder without a fleet, is ended by Ctrl-C, and keeps what it did', async () => {
  await withProgram(async program => {
    const folder = join(program.dir, 'evolved');
    const kept = evolved();
    const { state } = kept;
    await program.hms('ga', 'status', '--dir', folder);
    // Before the step that takes the fewest judgements.
    const begun: Kept = { ...kept, trial: null, state: state && { ...state, step: 1 } };
    await writeFile(join(folder, 'evolution.json'), JSON.stringify(begun));
    const terminal = await program.terminal(['ga', 'evolve', '--steps', '500', '--dir', folder]);
    await terminal.shows(/0 of 500 generations/);
    await terminal.shows(/judged/);
    await terminal.press('C-c');
    await terminal.shows('what was done is kept');
    expect(await terminal.ended()).toBe(0);
    const { generation, history } = await program.json<Status>('ga', 'status', '--dir', folder);
    expect(generation).toBeGreaterThanOrEqual(1);
    expect(history.length).toBeGreaterThanOrEqual(4);
    const missing = await program.hms('ga', 'propose');
    expect(missing.code).toBe(1);
  });
});
