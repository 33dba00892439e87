/** Cells of the engine that are killed or hang, as people see and mend them, while agents run on. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Program, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const FLEET = `fleet: quay
agents:
  one: { command: [sh, -c, "while :; do echo one; sleep 0.2; done"] }
  two: { command: [sh, -c, "while :; do echo two; sleep 0.2; done"] }
`;

async function up(program: Program): Promise<void> {
  await program.fleet(FLEET);
  expect(await program.hms('up')).toMatchObject({ code: 0 });
}

/** Breaks a cell by an experiment that goes on for so long, as a lead may. */
async function breaks(program: Program, fault: string, cell: string, lasts: string): Promise<void> {
  const file = join(program.dir, `${fault}.yaml`);
  const action = `{ type: action, fault: ${fault}, target: "cell:${cell}", for: ${lasts} }`;
  await writeFile(
    file,
    `title: A ${fault}\nmethod: [${action}]\nblast: { pressure: 100, memory-floor: 64mb }\n`,
  );
  expect((await program.hms('chaos', 'run', file, '--yes')).stderr).toBe('');
}

const agents = async (program: Program): Promise<unknown> =>
  (await program.json<{ agents: { id: string; pid: number; incarnation: number }[] }>('status')).agents.map(
    ({ id, pid }) => [id, pid],
  );

const told = async (program: Program, kind: string, cell: string): Promise<string> =>
  (await program.hms('audit', 'search', '--kind', kind, cell)).stdout;

describe('a cell of the engine', { timeout: 120_000 }, () => {
  test('that an experiment kills is back before anybody has to do anything, and agents have not noticed', async () => {
    await withProgram(async program => {
      await up(program);
      const console = await program.terminal(['attach']);
      await console.shows('quay', 'one', 'two');
      const before = await agents(program);
      await breaks(program, 'cell_kill', 'status', '2s');
      expect(await told(program, 'cell.failed', 'status')).toContain(
        'cell status fails (crash) · killed by an experiment',
      );
      await waitFor(async () => (await told(program, 'cell.recovered', 'status')) !== '', {
        what: 'the cell to be well again',
        deadlineMs: 20_000,
      });
      expect(await told(program, 'cell.restarted', 'status')).toContain('cell status started anew');
      await console.press('I');
      await console.shows("The engine's cells ✔ all well");
      expect(await agents(program)).toEqual(before);
      expect((await program.hms('cell')).stdout).toMatch(/status +✔ healthy +made 2 times/);
      expect(await program.hms('cell', 'check', 'status')).toMatchObject({ code: 0 });
      expect((await program.hms('cell', 'repair', 'status')).stdout).toContain('nothing to repair');
      expect((await program.hms('cell', 'check', 'nobody')).code).not.toBe(0);
      expect((await program.hms('doctor')).stdout).toMatch(/cells .*all well/);
    });
  });

  test('that hangs is replaced while it still would', async () => {
    await withProgram(async program => {
      await up(program);
      const console = await program.terminal(['attach']);
      await console.shows('quay', 'one', 'two');
      const before = await agents(program);
      const broken = breaks(program, 'cell_hang', 'supervisor', '20s');
      await console.shows('BROKEN', 'supervisor failing');
      await waitFor(async () => (await told(program, 'cell.recovered', 'supervisor')) !== '', {
        what: 'another supervisor',
        deadlineMs: 20_000,
      });
      // The next one does what it is asked while the experiment goes on.
      expect(await program.hms('agent', 'restart', 'one')).toMatchObject({ code: 0 });
      await waitFor(async () => JSON.stringify(await agents(program)) !== JSON.stringify(before), {
        what: 'the agent to be started again',
        deadlineMs: 20_000,
      });
      await program.hms('chaos', 'halt');
      await broken.catch(() => {});
    });
  });
});
