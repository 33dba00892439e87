/** `hms init` in a folder of one's own: shows before it writes, writes nothing over, and what it wrote starts. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withProgram } from '../support/program.ts';

test('--dry-run prints; without a terminal a new file is written, and nothing over another without --force and --yes', async () => {
  await withProgram(async program => {
    const file = join(program.dir, 'hms.yaml');
    const shown = await program.hms('init', '--dry-run');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('agents:');
    await expect(readFile(file)).rejects.toThrow('ENOENT');

    const wrote = await program.hms('init');
    expect(wrote.stderr).toContain('Wrote hms.yaml. Next: hms config check');
    expect(await readFile(file, 'utf8')).toBe(wrote.stdout);
    expect((await program.hms('config', 'check')).code).toBe(0);

    await writeFile(file, '# mine\n');
    const again = await program.hms('init', '--yes');
    expect([again.code, await readFile(file, 'utf8')]).toEqual([1, '# mine\n']);
    expect(again.stderr).toContain('There is a hms.yaml here already');
    const forced = await program.hms('init', '--force');
    expect([forced.code, await readFile(file, 'utf8')]).toEqual([1, '# mine\n']);
    expect(forced.stderr).toContain('Nothing was written. With --yes');
    expect((await program.hms('init', '--force', '--yes')).code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe(wrote.stdout);
  });
});

test('in a terminal it asks, and what it wrote starts', async () => {
  await withProgram(async program => {
    await writeFile(join(program.dir, 'Procfile'), 'web: exec sleep 1000000\n"we ird: exec sleep 1\n');
    await mkdir(join(program.dir, '.git'));
    const terminal = await program.terminal(['init']);
    await terminal.shows('a git repository', 'web of Procfile', 'Write hms.yaml? [Y/n]');
    await terminal.type('y');
    await terminal.press('Enter');
    await terminal.shows('Wrote hms.yaml');
    expect(await terminal.ended()).toBe(0);
    expect((await program.hms('up')).code).toBe(0);
    const status = await program.json<{ agents: { id: string; pid: number | null }[] }>('status');
    expect(status.agents).toContainEqual(expect.objectContaining({ id: 'web', pid: expect.any(Number) }));
  });
});
