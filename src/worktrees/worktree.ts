/** An agent's own working tree of the project's repository, on a branch of its own. */
import { mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { HmsError } from '../model/errors.ts';
import type { WorktreeState } from '../model/state.ts';
import { type GitOptions, git, gitLine } from './git.ts';

export interface Wanted {
  readonly agent: string;
  /** Where the agent would work without a tree of its own: in the repository. */
  readonly cwd: string;
  /** Where its tree is to be. */
  readonly dir: string;
  readonly branch: string;
  /** What the branch starts from and is merged into; '' for the branch that is checked out. */
  readonly base: string;
}

export interface Placed extends WorktreeState {
  /** The folder in the tree that stands for `cwd`. */
  readonly cwd: string;
  /** It was there already. */
  readonly already: boolean;
}

/**
 * Makes the tree, or finds it as it is. Throws HmsError `no-git`, `not-a-repository`, `no-commit`, `bad-branch`,
 * `worktree-taken` (its folder is something else), `git-failed`.
 */
export async function placeWorktree(wanted: Wanted, env: NodeJS.ProcessEnv): Promise<Placed> {
  const { agent, dir, branch } = wanted;
  const at = { cwd: wanted.cwd, env };
  const repo = await topOf(wanted, env);
  const cwd = join(dir, relative(repo, await realpath(wanted.cwd)));
  await checkBranch(branch, at);
  const ref = `refs/heads/${branch}`;
  const target = wanted.base || (await currentBranch(repo, env));
  if (await isFolder(dir)) {
    await expectOurs(agent, dir, ref, at);
    const base = await gitLine(['merge-base', ref, `refs/heads/${target}`], at).catch(() => '');
    return { dir, repo, branch, target, base, cwd, already: true };
  }
  const base = await commitOf(target, agent, at);
  await mkdir(dirname(dir), { recursive: true, mode: 0o700 });
  // Forgets trees whose folders are gone, so that this one can take its place again.
  await git(['worktree', 'prune'], at);
  const there = (await git(['show-ref', '--verify', '--quiet', ref], { ...at, fine: [1] })).code === 0;
  const how = there ? [dir, branch] : ['-b', branch, dir, base];
  await git(['worktree', 'add', '--quiet', ...how], at);
  return { dir, repo, branch, target, base, cwd, already: false };
}

/** The top folder of the repository. */
async function topOf({ agent, cwd }: Wanted, env: NodeJS.ProcessEnv): Promise<string> {
  return topOfFolder(cwd, env).catch((error: unknown) => {
    if (error instanceof HmsError && error.code === 'no-git') throw error;
    throw new HmsError(
      'not-a-repository',
      `${agent} is to have a worktree, but ${cwd} is in no git repository`,
      'git init there, or take "worktree" out of the fleet file',
      { cause: error },
    );
  });
}

async function topOfFolder(cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  return realpath(await gitLine(['rev-parse', '--show-toplevel'], { cwd, env }));
}

async function checkBranch(branch: string, at: GitOptions): Promise<void> {
  await git(['check-ref-format', `refs/heads/${branch}`], at).catch((error: unknown) => {
    throw new HmsError('bad-branch', `${JSON.stringify(branch)} cannot be a branch's name`, '', {
      cause: error,
    });
  });
  if (branch.startsWith('-'))
    throw new HmsError('bad-branch', `a branch's name cannot begin with -: ${branch}`);
}

async function currentBranch(repo: string, env: NodeJS.ProcessEnv): Promise<string> {
  const ref = await gitLine(['symbolic-ref', '--quiet', 'HEAD'], { cwd: repo, env, fine: [1] });
  if (ref.startsWith('refs/heads/')) return ref.slice('refs/heads/'.length);
  throw new HmsError(
    'no-branch',
    `no branch is checked out in ${repo}`,
    'check one out, or name one: worktree: { base: main }',
  );
}

async function commitOf(branch: string, agent: string, at: GitOptions): Promise<string> {
  return gitLine(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`], at).catch(() => {
    throw new HmsError(
      'no-commit',
      `${agent} is to have a worktree, but the branch ${branch} has no commit`,
      'commit something first, or name another branch: worktree: { base: … }',
    );
  });
}

async function expectOurs(agent: string, dir: string, ref: string, at: GitOptions): Promise<void> {
  const inside = { ...at, cwd: dir };
  const common = (where: GitOptions) =>
    gitLine(['rev-parse', '--path-format=absolute', '--git-common-dir'], where).then(path => realpath(path));
  const [theirs, ours] = await Promise.all([common(inside).catch(() => ''), common(at)]);
  const top = await topOfFolder(dir, at.env).catch(() => '');
  const head = await gitLine(['symbolic-ref', '--quiet', 'HEAD'], { ...inside, fine: [1] }).catch(() => '');
  if (theirs === ours && top === (await realpath(dir)) && head === ref) return;
  const is =
    theirs === ours && head !== ref ? `is on ${head || 'no branch'}, not on ${ref}` : 'is something else';
  throw new HmsError(
    'worktree-taken',
    `the folder of ${agent}'s worktree, ${dir}, ${is}`,
    'look at it, and move it away',
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
