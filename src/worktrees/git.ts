/**
 * Running git for a fleet: never asking, and never running a repository's hooks, monitors, pagers or diff programs. Its
 * clean and smudge filters and its merge drivers do run: they are part of what its files are.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { HmsError } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';

export interface GitOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Added to the environment: another index. */
  readonly also?: Readonly<Record<string, string>>;
  /** Exit codes besides 0 that are an answer. */
  readonly fine?: readonly number[];
  /** Bytes of output that are kept. */
  readonly most?: number;
  /** It is ended after so long, ms. */
  readonly withinMs?: number;
}

export interface GitAnswer {
  readonly code: number;
  readonly out: string;
  /** There was more than `most`. */
  readonly cut: boolean;
}

/** A big repository on a loaded machine may take its time, ms. */
const WITHIN_MS = 60_000;
const MOST_BYTES = 8 << 20;

/** What could run a program of somebody's choice, or change what is printed. */
const SAFE = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.quotePath=false',
  'color.ui=false',
  'diff.external=',
  'commit.gpgSign=false',
  'gc.auto=0',
].flatMap(setting => ['-c', setting]);

/** Variables that would make git look at another repository than the one of `cwd`. */
const ELSEWHERE = /^GIT_(DIR|WORK_TREE|INDEX_FILE|COMMON_DIR|NAMESPACE|OBJECT_DIRECTORY|CONFIG.*)$/;

/** Who writes down what nobody has committed: never the person, never their settings. */
export const OURSELVES = {
  GIT_AUTHOR_NAME: 'hms-tui',
  GIT_AUTHOR_EMAIL: 'hms-tui@localhost',
  GIT_COMMITTER_NAME: 'hms-tui',
  GIT_COMMITTER_EMAIL: 'hms-tui@localhost',
};

/** Throws HmsError `no-git` where there is none, `no-folder` where `cwd` is not, `git-failed` with git's own words, `git-timeout`. */
export function git(args: readonly string[], options: GitOptions): Promise<GitAnswer> {
  const { cwd, also = {}, fine = [], most = MOST_BYTES, withinMs = WITHIN_MS } = options;
  const own = Object.entries(options.env).filter(([name]) => !ELSEWHERE.test(name));
  const env = { ...Object.fromEntries(own), GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...also };
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...SAFE, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const kept: Buffer[] = [];
    let bytes = 0;
    let words = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new HmsError('git-timeout', `git ${args[0]} did not end within ${withinMs / 1000} s`));
    }, withinMs);
    child.stdout.on('data', (chunk: Buffer) => {
      if (bytes < most) kept.push(chunk.subarray(0, most - bytes));
      bytes += chunk.length;
    });
    child.stderr.on('data', (chunk: Buffer) => {
      words = `${words}${chunk.toString('utf8')}`.slice(0, 4000);
    });
    child.on('error', error => {
      clearTimeout(timer);
      if (!existsSync(cwd)) return reject(new HmsError('no-folder', `${cwd} is not there any more`));
      reject(new HmsError('no-git', `git cannot be run: ${error.message}`, 'install git', { cause: error }));
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      const code = status ?? -1;
      const out = Buffer.concat(kept).toString('utf8');
      if (code === 0 || fine.includes(code)) return resolve({ code, out, cut: bytes > most });
      const why = oneLine(
        words.trim().replace(/^(fatal|error): /, '') || `ended with ${signal ?? code}`,
        300,
      );
      reject(new HmsError('git-failed', `git ${args[0]}: ${why}`));
    });
  });
}

/** What it prints, without the last line break. */
export async function gitLine(args: readonly string[], options: GitOptions): Promise<string> {
  return (await git(args, options)).out.replace(/\n$/, '');
}
