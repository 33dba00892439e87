/** A fleet file changed while its fleet runs, as a person sees it: on the command line and in the console. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Program, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const BEFORE = `fleet: story
agents:
  stays: { command: [sleep, "1000000"] }
  goes: { command: [sleep, "1000000"] }
`;
const AFTER = `fleet: story
agents:
  stays: { command: [sleep, "1000000"] }
  fresh: { command: [sleep, "1000001"] }
`;

async function pids(program: Program): Promise<Record<string, number | null>> {
  const { agents } = await program.json<{ agents: { id: string; pid: number | null }[] }>('status');
  return Object.fromEntries(agents.map(({ id, pid }) => [id, pid]));
}

test('hms reload shows the difference, and does nothing without a yes', async () => {
  await withProgram(async program => {
    await program.fleet(BEFORE);
    expect((await program.hms('up')).code).toBe(0);
    expect((await program.hms('reload')).stdout).toContain('says what is in force');
    expect((await program.hms('config', 'diff')).stdout).toContain('no difference');
    const before = await pids(program);

    await program.fleet(AFTER);
    const shown = await program.hms('reload');
    expect(shown.stdout).toContain('+ fresh: is started');
    expect(shown.stdout).toContain('- goes: is stopped');
    expect(shown.stderr).toContain('Nothing has changed');
    expect(shown.code).toBe(1);
    expect((await program.hms('config', 'diff')).stdout).toContain('+ fresh: is started');
    expect(await pids(program)).toEqual(before);

    expect(await program.json('reload', '--yes')).toMatchObject({ is: 'applied' });
    const after = await pids(program);
    expect(after).toEqual({ stays: before['stays'], fresh: expect.any(Number) });
  });
});

test('a broken file is told with its place, and the engine comes back without it', async () => {
  await withProgram(async program => {
    await program.fleet(BEFORE);
    expect((await program.hms('up')).code).toBe(0);
    const before = await pids(program);
    await program.fleet('fleet: story\nagents:\n  stays: { comand: x }\n');
    const refused = await program.hms('reload', '--yes');
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/hms\.yaml:3:\d+ agents\.stays/);
    expect((await program.hms('config', 'diff')).stdout).toMatch(/hms\.yaml:3:\d+/);

    const engine = await program.enginePid();
    process.kill(engine, 'SIGKILL');
    await waitFor(async () => (await program.enginePid()) !== engine && (await program.enginePid()) > 0, {
      what: 'the next engine',
      deadlineMs: 20_000,
    });
    await waitFor(async () => (await program.hms('status')).code === 0, { what: 'its answer' });
    expect(await pids(program)).toEqual(before);
    expect((await program.hms('audit', 'tail')).stdout).toContain('cannot be used');

    // What the file says is a person's to start: `up` after `down` takes it, or says what is wrong.
    expect((await program.hms('down')).code).toBe(0);
    expect((await program.hms('up')).stderr).toMatch(/hms\.yaml:3:/);
    await writeFile(join(program.dir, 'hms.yaml'), AFTER);
    expect((await program.hms('up')).code).toBe(0);
    expect(Object.keys(await pids(program))).toEqual(['stays', 'fresh']);
  });
});

test('a console tells of the change, shows it, and puts it in force', async () => {
  await withProgram(async program => {
    await program.fleet(BEFORE);
    const terminal = await program.terminal([]);
    await terminal.shows('stays', 'goes');
    await program.fleet(AFTER);
    await terminal.shows('fleet file changed');
    await terminal.press('C-r');
    await terminal.shows('+ fresh: is started', '- goes: is stopped', 'Put it in force?  y does');
    await terminal.press('y');
    await terminal.hides('⟳ fleet file');
    await waitFor(async () => (await pids(program))['fresh'], { what: 'fresh to run' });
    await program.fleet(AFTER.replace('command', 'comand'));
    await terminal.shows('⟳ fleet file broken');
    await terminal.press('C-r');
    await terminal.shows(/hms\.yaml:3:\d+/);
  });
});
