/** bin/hms-tui in a small installation of its own: the real script, a real Node, a program that tells what it got. */
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HMS } from '../support/program.ts';
import { withFolder } from '../support/scratch.ts';

const TELL = `console.log(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), hms: process.env.HMS_BIN }));`;

interface Installation {
  readonly root: string;
  readonly dir: string;
  run(program: string, args?: string[], options?: { cwd?: string; path?: string }): Ran;
}

interface Ran {
  readonly status: number | null;
  readonly stderr: string;
  /** What the program got. */
  readonly told: { args: string[]; cwd: string; hms: string };
}

async function withInstallation(body: (it: Installation) => Promise<void>): Promise<void> {
  await withFolder(async scratch => {
    const dir = await realpath(scratch);
    const root = join(dir, 'in stall');
    await mkdir(join(root, 'bin'), { recursive: true });
    await mkdir(join(root, 'dist'));
    await mkdir(join(dir, 'path'));
    await copyFile(HMS, join(root, 'bin', 'hms-tui'));
    await writeFile(join(root, 'dist', 'hms.mjs'), TELL);
    await symlink(process.execPath, join(dir, 'path', 'node'));
    await body({
      root,
      dir,
      run: (program, args = [], { cwd = dir, path = join(dir, 'path') } = {}) => {
        const env = { PATH: `${path}:/usr/bin:/bin` };
        const ran = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
        return {
          status: ran.status,
          stderr: ran.stderr,
          told: ran.status === 0 ? JSON.parse(ran.stdout) : { args: [], cwd: '', hms: '' },
        };
      },
    });
  });
}

/** Stands for a Node of another version: all the launcher asks of it is `--version`. */
async function nodeOf(dir: string, version: string): Promise<string> {
  await mkdir(join(dir, version));
  await writeFile(
    join(dir, version, 'node'),
    `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit\nexit 99\n`,
  );
  await chmod(join(dir, version, 'node'), 0o755);
  return join(dir, version);
}

describe('the launcher', () => {
  test('passes arguments as they are, keeps the folder, says where it is', async () => {
    await withInstallation(async ({ root, dir, run }) => {
      const args = ['gate', 'run', '--', 'a b', '', '*', '$HOME'];
      expect(run(join(root, 'bin', 'hms-tui'), args).told).toEqual({
        args,
        cwd: dir,
        hms: join(root, 'bin', 'hms-tui'),
      });
    });
  });

  test('finds its installation through links, relative paths and `sh file`', async () => {
    await withInstallation(async ({ root, dir, run }) => {
      const hms = join(root, 'bin', 'hms-tui');
      await symlink(root, join(dir, 'linked'));
      await symlink('linked/bin/hms-tui', join(dir, 'one'));
      await symlink(join(dir, 'one'), join(dir, 'hms'));
      expect(await realpath(run(join(dir, 'hms')).told.hms)).toBe(hms);
      expect(await realpath(run('./hms').told.hms)).toBe(hms);
      expect(run('bin/../bin/./hms-tui', [], { cwd: root }).told.hms).toBe(hms);
      expect(run('sh', ['hms-tui', 'x'], { cwd: join(root, 'bin') }).told).toEqual({
        args: ['x'],
        cwd: join(root, 'bin'),
        hms,
      });
      const onPath = run('hms', [], { path: `${join(dir, 'path')}:${dir}` });
      expect(await realpath(onPath.told.hms)).toBe(hms);
    });
  });

  test('prefers the Node of its installation to an older one on the PATH', async () => {
    await withInstallation(async ({ root, dir, run }) => {
      await mkdir(join(root, 'node_modules', 'node', 'bin'), { recursive: true });
      await symlink(process.execPath, join(root, 'node_modules', 'node', 'bin', 'node'));
      expect(run(join(root, 'bin', 'hms-tui'), [], { path: await nodeOf(dir, 'v20.0.0') }).status).toBe(0);
    });
  });

  test.each(['v20.20.2', 'v23.11.1', 'v9.0.0', 'odd'])(
    'says what to do when there is only Node %s',
    async version => {
      await withInstallation(async ({ root, dir, run }) => {
        const path = await nodeOf(dir, version);
        const ran = run(join(root, 'bin', 'hms-tui'), [], { path });
        expect(ran.status).toBe(69);
        expect(ran.stderr).toBe(
          `hms-tui: needs Node 24 or newer, and ${path}/node is ${version}. Install a newer one (https://nodejs.org), then run this again.\n`,
        );
      });
    },
  );

  test('takes any newer Node', async () => {
    await withInstallation(async ({ root, dir, run }) => {
      // 99: the stand-in was run with the program.
      expect(run(join(root, 'bin', 'hms-tui'), [], { path: await nodeOf(dir, 'v100.1.0') }).status).toBe(99);
    });
  });

  test('says so when there is no program and nothing to build it from', async () => {
    await withInstallation(async ({ root, run }) => {
      await rm(join(root, 'dist', 'hms.mjs'));
      const ran = run(join(root, 'bin', 'hms-tui'));
      expect([ran.status, ran.stderr]).toEqual([
        70,
        expect.stringContaining('is missing. Install hms-tui again.'),
      ]);
    });
  });

  test('sets a checkout up once, with the words of set-up on standard error', async () => {
    await withInstallation(async ({ root, run }) => {
      await rm(join(root, 'dist', 'hms.mjs'));
      await writeFile(join(root, 'package-lock.json'), '{}');
      await writeFile(
        join(root, 'bin', 'setup.mjs'),
        `import { writeFileSync } from 'node:fs';\nconsole.log('setting up');\nwriteFileSync(new URL('../dist/hms.mjs', import.meta.url), ${JSON.stringify(TELL)});`,
      );
      const ran = run(join(root, 'bin', 'hms-tui'), ['ls']);
      expect(ran.told.args).toEqual(['ls']);
      expect(ran.stderr).toBe('setting up\n');
    });
  });
});
