import { execFileSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lookAround } from '../../src/fleet/found.ts';
import { programVersion } from '../../src/fleet/program-version.ts';
import { withFolder } from '../support/scratch.ts';

async function program(dir: string, name: string, script: string): Promise<string> {
  await mkdir(join(dir, 'bin'), { recursive: true });
  const file = join(dir, 'bin', name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

test('clients are found with the version they say, also when one hangs or fails', async () => {
  await withFolder(async dir => {
    await program(dir, 'claude', 'echo hello; printf "2.1.0 (Claude \\033[31mCode)\\n"');
    await program(dir, 'codex', 'exit 3');
    const env = { PATH: join(dir, 'bin') };
    const { clients, git, tasks } = await lookAround(dir, env);
    expect(clients).toEqual([
      { name: 'claude', version: '2.1.0 (Claude ␛[31mCode)' },
      { name: 'codex', version: '' },
    ]);
    expect({ git, tasks }).toEqual({ git: false, tasks: [] });
  });
});

test('a program that does not answer is ended with what it started', async () => {
  await withFolder(async dir => {
    const pids = join(dir, 'pids');
    const file = await program(dir, 'slow', `sleep 1000000 & echo $! $$ > ${pids}; wait`);
    expect(await programVersion(file, { PATH: process.env.PATH }, { deadlineMs: 300 })).toBe('');
    const left = execFileSync('sh', ['-c', `for p in $(cat ${pids}); do ps -o stat= -p $p; done; true`]);
    expect(left.toString().replace(/Z\S*\s*/g, '')).toBe('');
  });
});

test('package.json, Makefile, Procfile and compose file say what can be started', async () => {
  await withFolder(async dir => {
    for (const name of ['pnpm', 'make', 'docker']) await program(dir, name, 'exit 0');
    await mkdir(join(dir, '.git'));
    const scripts = {
      dev: 'vite',
      'test:watch': 'x',
      test: 'x',
      start: 'x',
      build: 'x',
      lint: 3,
      check: 'x',
    };
    await writeFile(join(dir, 'package.json'), JSON.stringify({ scripts }));
    await writeFile(join(dir, 'pnpm-lock.yaml'), '');
    await writeFile(join(dir, 'Makefile'), 'X := 1\nrun: all\n\techo\nall:\nwatch:\ntest:\n.PHONY: run\n');
    await writeFile(join(dir, 'Procfile'), 'web: node server.js --port $PORT\n# no: x\nbad line\n');
    await writeFile(join(dir, 'compose.yaml'), 'services: {}\n');
    await writeFile(join(dir, 'Cargo.toml'), '[package]\n');
    const { tasks, git, notes } = await lookAround(dir, { PATH: join(dir, 'bin') });
    expect(git).toBe(true);
    expect(tasks.map(({ name, command, lasts }) => [name, command, lasts])).toEqual([
      ['dev', ['pnpm', 'run', 'dev'], true],
      ['test:watch', ['pnpm', 'run', 'test:watch'], true],
      ['check', ['pnpm', 'run', 'check'], false],
      ['web', 'node server.js --port $PORT', true],
      ['run', ['make', 'run'], true],
      ['watch', ['make', 'watch'], true],
      ['test', ['make', 'test'], false],
      ['compose', ['docker', 'compose', 'up'], true],
    ]);
    expect(notes).toEqual(['there is a Cargo.toml, but cargo is not installed']);
  });
});

test('project files that are none do no harm', async () => {
  await withFolder(async dir => {
    await writeFile(join(dir, 'package.json'), '{"scripts": [');
    execFileSync('mkfifo', [join(dir, 'Procfile')]);
    await mkdir(join(dir, 'Makefile'));
    await writeFile(join(dir, 'compose.yaml'), 'a: &a [*a]');
    expect((await lookAround(dir, { PATH: '' })).tasks).toEqual([]);
  });
});
