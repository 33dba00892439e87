/** What an agent has done in its tree: counted, compared, merged, or put away so that nothing is lost. */

import { existsSync } from 'node:fs';
import { HmsError } from '../model/errors.ts';
import type { WorktreeState } from '../model/state.ts';
import { oneLine, plural } from '../model/text.ts';
import { withIndex, writeFiles } from './files.ts';
import { type GitOptions, git, gitLine, OURSELVES } from './git.ts';

export interface Work {
  readonly branch: string;
  readonly target: string;
  /** Commits of the branch, and of the target as it is now. */
  readonly head: string;
  readonly onto: string;
  readonly commits: number;
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
  /** Files changed, added or removed and not committed. */
  readonly uncommitted: number;
  /** Files a merge could not join by itself, as far as can be foreseen. */
  readonly conflicts: readonly string[];
}

/** Conflicts that are named. */
const NAMED = 20;

export async function workOf(tree: WorktreeState, env: NodeJS.ProcessEnv): Promise<Work> {
  const at = { cwd: tree.repo, env };
  const [head, onto] = await Promise.all([commit(tree.branch, at), commit(tree.target, at)]);
  const [commits, counts, uncommitted, conflicts] = await Promise.all([
    gitLine(['rev-list', '--count', `${onto}..${head}`], at),
    git(['diff', '--no-ext-diff', '--no-textconv', '--numstat', '-z', `${onto}...${head}`], at),
    // A folder that somebody took away holds nothing; the branch is still there.
    existsSync(tree.dir) ? dirtyFiles(tree.dir, env, 'all') : 0,
    conflictsOf(onto, head, at),
  ]);
  const stats = counts.out.split('\0').flatMap(entry => {
    const [, plus = '', minus = ''] = /^(\d+|-)\t(\d+|-)\t/.exec(entry) ?? [];
    return plus === '' ? [] : [{ plus: Number(plus) || 0, minus: Number(minus) || 0 }];
  });
  return {
    branch: tree.branch,
    target: tree.target,
    head,
    onto,
    commits: Number(commits),
    files: stats.length,
    insertions: stats.reduce((sum, s) => sum + s.plus, 0),
    deletions: stats.reduce((sum, s) => sum + s.minus, 0),
    uncommitted,
    conflicts,
  };
}

async function commit(branch: string, at: GitOptions): Promise<string> {
  const found = await commitAt(`refs/heads/${branch}`, at);
  if (found === '') throw new HmsError('no-branch', `there is no branch ${branch} any more`);
  return found;
}

/** '' when there is no such ref. */
function commitAt(ref: string, at: GitOptions): Promise<string> {
  return gitLine(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], { ...at, fine: [1] });
}

async function dirtyFiles(dir: string, env: NodeJS.ProcessEnv, untracked: 'all' | 'no'): Promise<number> {
  const args = ['status', '--porcelain', '-z', '--no-renames', `--untracked-files=${untracked}`];
  return (await git(args, { cwd: dir, env })).out.split('\0').filter(entry => entry !== '').length;
}

/** Asked of `git merge-tree`, which writes no file. One that cannot foresee (before git 2.38) names none. */
async function conflictsOf(onto: string, head: string, at: GitOptions): Promise<readonly string[]> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', onto, head];
  const { code, out } = await git(args, { ...at, fine: [1, 128, 129] });
  return code === 1
    ? out
        .split('\0')
        .slice(1)
        .filter(name => name !== '')
        .slice(0, NAMED)
    : [];
}

/** Why this work cannot be merged now, as HmsError, or undefined. What cannot be merged is not asked about. */
export async function mergeRefusal(
  tree: WorktreeState,
  work: Work,
  env: NodeJS.ProcessEnv,
): Promise<HmsError | undefined> {
  const { branch, target, conflicts } = work;
  const at = { cwd: tree.repo, env };
  if (work.uncommitted > 0) {
    return new HmsError(
      'uncommitted',
      `${plural(work.uncommitted, 'file')} in ${tree.dir} ${work.uncommitted === 1 ? 'is' : 'are'} not committed, and a merge takes commits`,
      'have the agent commit, then merge',
    );
  }
  if (work.commits === 0)
    return new HmsError('nothing-to-merge', `${branch} has nothing that ${target} has not`);
  if (conflicts.length > 0) return conflict(work, conflicts);
  const head = await gitLine(['symbolic-ref', '--quiet', 'HEAD'], { ...at, fine: [1] });
  if (head !== `refs/heads/${target}`) {
    return new HmsError(
      'other-branch',
      `${tree.repo} is on ${head.replace('refs/heads/', '') || 'no branch'}, not on ${target}`,
      `git switch ${target}`,
    );
  }
  const dirty = await dirtyFiles(tree.repo, env, 'no');
  if (dirty === 0) return undefined;
  const words = `${plural(dirty, 'changed file')} in ${tree.repo} ${dirty === 1 ? 'is' : 'are'} not committed`;
  return new HmsError(
    'dirty',
    words,
    'commit or stash them: a merge must be able to leave everything as it was',
  );
}

function conflict({ branch, target }: Work, files: readonly string[]): HmsError {
  return new HmsError(
    'conflict',
    `${branch} and ${target} both changed ${oneLine(files.join(', '), 300)}`,
    `have the agent merge ${target} into its branch first`,
  );
}

/**
 * Merges exactly the commit that was agreed to into exactly the state of the target that was shown; where that has been
 * done already, by an engine that died over it, nothing is done again. Throws HmsError `stale` when either has moved,
 * what `mergeRefusal` says, and `git-failed`; then everything is as it was.
 */
export async function mergeWork(
  tree: WorktreeState,
  agreed: Pick<Work, 'head' | 'onto'>,
  message: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const at = { cwd: tree.repo, env };
  const tip = await commit(tree.target, at);
  const [, ...parents] = (await gitLine(['rev-list', '--parents', '--max-count=1', tip], at)).split(' ');
  if (parents.join(' ') === `${agreed.onto} ${agreed.head}`) return tip;
  const work = await workOf(tree, env);
  if (work.head !== agreed.head || work.onto !== agreed.onto)
    throw new HmsError(
      'stale',
      `${work.head === agreed.head ? work.target : work.branch} has moved since somebody agreed`,
      'look at it and merge again',
    );
  const refusal = await mergeRefusal(tree, work, env);
  if (refusal) throw refusal;
  const made = await mergeCommit(work, message, at);
  if (made === '') return mergeInPlace(work, message, at);
  // Files, index and branch move on together or not at all: there is no half merge to be left behind.
  await git(['merge', '--quiet', '--ff-only', made], at);
  return made;
}

/** The merge as a commit that no branch has yet; '' where git cannot make one without a working tree (before 2.38). */
async function mergeCommit(
  { onto, head }: Pick<Work, 'head' | 'onto'>,
  message: string,
  at: GitOptions,
): Promise<string> {
  const merge = ['merge-tree', '--write-tree', '--no-messages', onto, head];
  const { code, out } = await git(merge, { ...at, fine: [128, 129] });
  if (code !== 0) return '';
  return gitLine(['commit-tree', out.trim(), '-p', onto, '-p', head, '-m', message], at);
}

async function mergeInPlace(work: Work, message: string, at: GitOptions): Promise<string> {
  try {
    await git(['merge', '--quiet', '--no-ff', '--no-edit', '-m', message, work.head], at);
  } catch (error) {
    const list = ['diff', '--name-only', '--diff-filter=U', '-z'];
    const files = (await gitLine(list, at)).split('\0').filter(name => name !== '');
    // An untracked file in the way is refused before anything begins; then there is nothing to abort.
    await git(['merge', '--abort'], at).catch(() => {});
    throw files.length > 0 ? conflict(work, files.slice(0, NAMED)) : error;
  }
  return gitLine(['rev-parse', 'HEAD'], at);
}

/**
 * Puts the work away: the branch's last commit, with what was not committed as one more on top, stays under
 * refs/hms/dropped; the tree and the branch go. Files that git ignores go with the tree. What an engine that died over
 * it has done of this is not done again. Throws HmsError `stale` when the branch has moved since somebody agreed.
 */
export async function dropWork(
  tree: WorktreeState,
  { ref, head }: { readonly ref: string; readonly head: string },
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const at = { cwd: tree.repo, env };
  let kept = await commitAt(ref, at);
  if (kept === '') {
    kept = await lastState(tree, head, at);
    await git(['update-ref', '--create-reflog', '-m', `dropped ${tree.branch}`, ref, kept, ''], at);
  }
  if (existsSync(tree.dir)) await git(['worktree', 'remove', '--force', tree.dir], at);
  else await git(['worktree', 'prune'], at);
  const branch = `refs/heads/${tree.branch}`;
  if ((await commitAt(branch, at)) !== '') await git(['update-ref', '-d', branch, head], at);
  return kept;
}

/** A commit that holds everything: the branch, the files as they are, and what the tree has checked out instead. */
async function lastState(tree: WorktreeState, head: string, at: GitOptions): Promise<string> {
  if ((await commit(tree.branch, at)) !== head)
    throw new HmsError(
      'stale',
      `${tree.branch} has moved since somebody agreed`,
      'look at it and drop it again',
    );
  if (!existsSync(tree.dir)) return head;
  const files = await withIndex({ cwd: tree.dir, env: at.env }, writeFiles);
  const out = await commitAt('HEAD', { ...at, cwd: tree.dir });
  const apart = (await git(['merge-base', '--is-ancestor', out, head], { ...at, fine: [1] })).code === 1;
  if (!apart && files === (await gitLine(['rev-parse', `${head}^{tree}`], at))) return head;
  const parents = [head, ...(apart ? [out] : [])].flatMap(parent => ['-p', parent]);
  const message = `Not committed in ${tree.branch}`;
  return gitLine(['commit-tree', files, ...parents, '-m', message], { ...at, also: OURSELVES });
}

export interface Diff {
  readonly text: string;
  /** There is more than is told; this shows all of it. */
  readonly cut: boolean;
  readonly command: string;
}

/** Longer is no longer read. */
const MOST_DIFF = 512 << 10;

/** What the tree changes against where it left the target, committed or not. */
export async function diffOf(tree: WorktreeState, env: NodeJS.ProcessEnv): Promise<Diff> {
  const at = { cwd: tree.dir, env };
  const base = await gitLine(['merge-base', `refs/heads/${tree.target}`, 'HEAD'], at);
  const files = await withIndex({ cwd: tree.dir, env }, writeFiles);
  const args = ['diff', '--no-ext-diff', '--no-textconv', '--no-color', '--stat', '--patch', base, files];
  const { out, cut } = await git(args, { ...at, most: MOST_DIFF });
  return { text: out, cut, command: `git -C ${tree.dir} diff ${base.slice(0, 12)}` };
}
