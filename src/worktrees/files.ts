/** The files of a tree as git would commit them, by an index of our own: nobody's index, branch or lock is touched. */
import { randomUUID } from 'node:crypto';
import { copyFile, lstat, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type GitOptions, git, gitLine } from './git.ts';

/** Runs `body` with an index that has what the tree's own has. */
export async function withIndex<T>(
  at: Omit<GitOptions, 'also'>,
  body: (at: GitOptions) => Promise<T>,
): Promise<T> {
  const index = join(tmpdir(), `hms-index-${randomUUID()}`);
  const ours = { ...at, also: { GIT_INDEX_FILE: index } };
  try {
    // With what git has noted of its files it need not read those that have not changed.
    if (!(await copied(await pathOf('index', at), index))) await git(['read-tree', 'HEAD'], ours);
    return await body(ours);
  } finally {
    await Promise.all([index, `${index}.lock`].map(path => rm(path, { force: true })));
  }
}

/** Everything that is not ignored, as a git tree. */
export async function writeFiles(at: GitOptions): Promise<string> {
  await git(['add', '--all'], at);
  return gitLine(['write-tree'], at);
}

/** Absolute: where git keeps a file of this tree's own. */
export async function pathOf(name: string, at: GitOptions): Promise<string> {
  return resolve(at.cwd, await gitLine(['rev-parse', '--git-path', name], at));
}

/** Paths that git would have to read, and whether that is all of them. */
export async function unread(at: GitOptions): Promise<{ names: readonly string[]; cut: boolean }> {
  const list = ['ls-files', '--others', '--modified', '--exclude-standard', '-z'];
  const { out, cut } = await git(list, at);
  return { names: [...new Set(out.split('\0'))].filter(name => name !== ''), cut };
}

async function copied(from: string, to: string): Promise<boolean> {
  try {
    const found = await lstat(from);
    if (!found.isFile()) return false;
    await copyFile(from, to);
    // An index that looks younger than it is has git believe what it noted of files that changed since.
    const seconds = Math.floor(found.mtimeMs / 1000);
    await utimes(to, seconds, seconds);
    return true;
  } catch {
    return false;
  }
}
