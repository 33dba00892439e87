/** A git repository of a test's own, which no setting of the machine's owner reaches. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const ENV: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.invalid',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.invalid',
};

export function run(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd,
    env: ENV,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

export function write(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
}

/** With one commit on main. */
export function repository(
  dir: string,
  files: Readonly<Record<string, string>> = { 'a.txt': 'one\ntwo\nthree\n' },
): void {
  mkdirSync(dir, { recursive: true });
  run(dir, 'init', '--quiet', '--initial-branch=main');
  run(dir, 'config', 'user.name', 'Test');
  run(dir, 'config', 'user.email', 'test@example.invalid');
  commit(dir, files, 'Start');
}

export function commit(dir: string, files: Readonly<Record<string, string>>, message = 'More'): string {
  write(dir, files);
  run(dir, 'add', '--all');
  run(dir, 'commit', '--quiet', '--message', message);
  return run(dir, 'rev-parse', 'HEAD');
}
