import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { configCommand } from '../../src/cli/config.ts';
import { ROOT } from '../support/program.ts';
import { withFolder } from '../support/scratch.ts';

const GOOD = 'fleet: shop\nagents:\n  a: { command: [no-such-program] }\n  b: { command: x }\n';

afterEach(() => {
  vi.restoreAllMocks();
  process.chdir(ROOT);
  process.exitCode = undefined;
});

/** `hms config ARGS` in `dir`: what it prints, and its exit code. */
async function config(dir: string, ...args: string[]): Promise<{ out: string; code: number }> {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    out += String(text);
    return true;
  });
  process.chdir(dir);
  process.exitCode = undefined;
  await configCommand().parseAsync(args, { from: 'user' });
  vi.restoreAllMocks();
  return { out, code: Number(process.exitCode ?? 0) };
}

test('a good file is praised in a line, warnings before it', async () => {
  await withFolder(async dir => {
    await writeFile(join(dir, 'hms.yaml'), GOOD);
    await mkdir(join(dir, 'sub'));
    expect(await config(dir, 'check')).toEqual({
      out: [
        'hms.yaml:3:8 agents.a.command: there is no program "no-such-program" (install it, or give its full path) [warning]',
        'hms.yaml: fleet shop, 2 agents, no problems',
        '',
      ].join('\n'),
      code: 0,
    });
    expect((await config(join(dir, 'sub'), 'check')).out).toContain(`${join(dir, 'hms.yaml')}: fleet shop`);
  });
});

test('a broken one is told line by line, and the exit code says so', async () => {
  await withFolder(async dir => {
    await writeFile(
      join(dir, 'x.yaml'),
      GOOD.replace('no-such-program', '1').replace('command: x', 'comand: x'),
    );
    const { out, code } = await config(dir, 'check', 'x.yaml');
    expect(code).toBe(1);
    expect(
      out
        .trim()
        .split('\n')
        .map(line => line.split(' ')[0]),
    ).toEqual(['x.yaml:3:18', 'x.yaml:4:8']);
  });
});

test('scripts get it as JSON', async () => {
  await withFolder(async dir => {
    await writeFile(join(dir, 'hms.yaml'), GOOD);
    expect(JSON.parse((await config(dir, 'check', '--json')).out)).toMatchObject({
      ok: true,
      fleet: 'shop',
      agents: ['a', 'b'],
      problems: [],
      warnings: [{ line: 3, path: 'agents.a.command' }],
    });
    await writeFile(join(dir, 'hms.yaml'), 'fleet: shop\n');
    const { out, code } = await config(dir, 'check', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ ok: false, problems: [{ line: 1, col: 1, path: 'agents' }] });
  });
});

test('where there is no fleet file it says so', async () => {
  await withFolder(async dir => {
    vi.stubEnv('HOME', dir);
    await expect(config(dir, 'check')).rejects.toMatchObject({ code: 'no-fleet-file' });
    vi.unstubAllEnvs();
  });
});

test('the schema is printed as its file holds it', async () => {
  expect((await config(ROOT, 'schema')).out).toBe(
    await readFile(join(ROOT, 'schema', 'hms.schema.json'), 'utf8'),
  );
});
