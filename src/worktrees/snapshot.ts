/**
 * Snapshots of an agent's own tree: its files as they are, also those git does not know yet, as a commit that no branch
 * has. Taking one touches neither its index nor its branch nor its files; what git ignores is not part of it.
 */
import { existsSync } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { HmsError } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';
import { pathOf, unread, withIndex, writeFiles } from './files.ts';
import { type GitOptions, git, gitLine, OURSELVES } from './git.ts';

/** An agent goes on beside it: what takes longer is given up, ms. */
const WITHIN_MS = 20_000;
/** What git does not have yet, and would have to read and keep. */
const MOST_FILES = 20_000;
const MOST_BYTES = 256 << 20;

/** What git leaves while files may hold both sides of a conflict: nothing to go back to. */
const HALF_DONE = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'rebase-merge', 'rebase-apply'];

export interface SnapshotOf {
  readonly agent: string;
  /** Its tree's folder. */
  readonly dir: string;
  /** Why it is taken, in words: the commit's message. */
  readonly message: string;
}

export interface Taken {
  /** Its place among the snapshots of its agent. */
  readonly number: number;
  readonly commit: string;
}

/**
 * @param last the commit of the snapshot before
 * @returns undefined when nothing has changed since that
 * @throws HmsError `git-busy` while git is at work in it, `not-snapshotable` and why, and as `git`
 */
export async function takeSnapshot(
  wanted: SnapshotOf,
  last: string,
  env: NodeJS.ProcessEnv,
): Promise<Taken | undefined> {
  const at = { cwd: wanted.dir, env, withinMs: WITHIN_MS };
  await refuseUnfit(at);
  for (const half of HALF_DONE)
    if (existsSync(await pathOf(half, at)))
      throw new HmsError('git-busy', `a merge or a rebase in ${at.cwd} is not done yet`);
  return withIndex(at, async index => {
    const commit = await commitFiles(wanted, await filesOf(index), last, at);
    return commit === '' ? undefined : { number: await keep(wanted, commit, at), commit };
  });
}

/**
 * Brings the files back to what they were, whatever they are now, and keeps those as one more snapshot. The branch, its
 * commits and the agent's index stay as they are. Nothing else may work in the tree meanwhile.
 *
 * @param onKept told of the files as they were, before any is changed
 * @throws HmsError `snapshot-lost` when it is no longer there, `not-restored` when the files are not as the snapshot
 * afterwards, and as `takeSnapshot`
 */
export async function restoreSnapshot(
  wanted: SnapshotOf,
  to: string,
  env: NodeJS.ProcessEnv,
  onKept: (before: Taken) => void = () => {},
): Promise<Taken> {
  const at = { cwd: wanted.dir, env, withinMs: WITHIN_MS };
  const target = await filesIn(to, at);
  await refuseUnfit(at);
  return withIndex(at, async index => {
    const now = await filesOf(index);
    const commit = await commitFiles(wanted, now, '', at);
    const before = { number: await keep(wanted, commit, at), commit };
    onKept(before);
    // Refuses, before it changes anything, to write over what it does not know.
    await git(['read-tree', '-m', '-u', now, target], index);
    if ((await writeFiles(index)) !== target)
      throw new HmsError(
        'not-restored',
        `the files in ${wanted.dir} are not as the snapshot says`,
        `as they were before they are kept: ${refOf(wanted.agent, before.number)}`,
      );
    return before;
  });
}

/** Whether it can be brought back. Throws HmsError as `restoreSnapshot`. */
export async function expectSnapshot(dir: string, commit: string, env: NodeJS.ProcessEnv): Promise<void> {
  const at = { cwd: dir, env, withinMs: WITHIN_MS };
  await filesIn(commit, at);
  await refuseUnfit(at);
}

/** Forgets the snapshots of an agent that are not among these numbers. */
export async function pruneSnapshots(
  { agent, dir }: Pick<SnapshotOf, 'agent' | 'dir'>,
  kept: readonly number[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const at = { cwd: dir, env, withinMs: WITHIN_MS };
  for (const number of await numbersOf(agent, at))
    if (!kept.includes(number)) await git(['update-ref', '-d', refOf(agent, number)], at);
}

export function refOf(agent: string, number: number): string {
  return `refs/hms/snapshots/${agent}/${number}`;
}

/** '' when it holds nothing but what `last` does. */
async function commitFiles(
  { message }: SnapshotOf,
  files: string,
  last: string,
  at: GitOptions,
): Promise<string> {
  const head = await gitLine(['rev-parse', '--verify', 'HEAD^{commit}'], at);
  const before =
    last && (await gitLine(['show', '--no-patch', '--format=%T %P', last, '--'], at).catch(() => ''));
  if (before === `${files} ${head}`) return '';
  return gitLine(['commit-tree', files, '-p', head, '-m', message], { ...at, also: OURSELVES });
}

async function keep({ agent, message }: SnapshotOf, commit: string, at: GitOptions): Promise<number> {
  const number = Math.max(0, ...(await numbersOf(agent, at))) + 1;
  await git(['update-ref', '-m', oneLine(message, 200), refOf(agent, number), commit, ''], at);
  return number;
}

async function numbersOf(agent: string, at: GitOptions): Promise<readonly number[]> {
  const list = ['for-each-ref', '--format=%(refname:lstrip=4)', `refs/hms/snapshots/${agent}/`];
  const names = (await gitLine(list, at)).split('\n');
  return names.filter(name => /^[1-9]\d{0,8}$/.test(name)).map(Number);
}

/** What the index then holds too. Repositories within it cannot be brought back, and huge files are not for git. */
async function filesOf(index: GitOptions): Promise<string> {
  const { names, cut } = await unread(index);
  if (cut || names.length > MOST_FILES)
    throw unfit(
      `more than ${MOST_FILES} files in it are new or changed`,
      'have git ignore what is made there',
    );
  // Such a name cannot be looked up, so nobody knows how big the file is.
  if (names.some(name => name.includes('\uFFFD'))) throw unfit('a name in it is not UTF-8');
  let bytes = 0;
  for (const name of names) bytes += await sizeOf(join(index.cwd, name));
  if (bytes > MOST_BYTES)
    throw unfit(
      `${Math.round(bytes / (1 << 20))} MB in it are new or changed, and ${MOST_BYTES >> 20} MB is the most`,
      'have git ignore what is made there',
    );
  const files = await writeFiles(index);
  const listed = await git(['ls-files', '--stage', '-z'], index);
  if (listed.cut) throw unfit('it has too many files');
  const inner = listed.out.split('\0').find(entry => entry.startsWith('160000 '));
  if (inner) throw unfit(`it has a repository within it (${oneLine(inner.split('\t')[1] ?? '', 100)})`);
  return files;
}

async function refuseUnfit(at: GitOptions): Promise<void> {
  if (existsSync(await pathOf('index.lock', at)))
    throw new HmsError('git-busy', `git is at work in ${at.cwd}: there is an index.lock`);
  // Its settings are the agent's to write: files elsewhere are not.
  const top = await gitLine(['rev-parse', '--show-toplevel'], at);
  if ((await realpath(top).catch(() => '')) !== (await realpath(at.cwd)))
    throw unfit('git takes another folder for its files');
  const sparse = ['config', '--type=bool', '--get', 'core.sparseCheckout'];
  if ((await gitLine(sparse, { ...at, fine: [1] })) === 'true')
    throw unfit('only a part of it is checked out');
}

async function filesIn(commit: string, at: GitOptions): Promise<string> {
  return gitLine(['rev-parse', '--verify', '--quiet', `${commit}^{tree}`], at).catch((error: unknown) => {
    if (error instanceof HmsError && error.code !== 'git-failed') throw error;
    throw new HmsError('snapshot-lost', `the snapshot ${commit.slice(0, 12)} is not there any more`);
  });
}

function sizeOf(path: string): Promise<number> {
  return lstat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

function unfit(why: string, hint = ''): HmsError {
  return new HmsError('not-snapshotable', `no snapshot can be taken of this tree: ${why}`, hint);
}
