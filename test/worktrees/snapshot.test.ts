import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pruneSnapshots, restoreSnapshot, takeSnapshot } from '../../src/worktrees/snapshot.ts';
import { withFolder } from '../support/scratch.ts';
import { commit, ENV, repository, run, write } from './repository.ts';

const AGENT = 'coder';

/** A worktree of its own on a branch of its own, beside the repository. */
async function withTree(body: (tree: string, repo: string) => Promise<void>): Promise<void> {
  await withFolder(async dir => {
    const repo = join(dir, 'repo');
    const tree = join(dir, 'tree');
    repository(repo, { 'a.txt': 'one\n', 'sub/b.txt': 'two\n', '.gitignore': 'ignored/\n' });
    run(repo, 'worktree', 'add', '--quiet', '-b', 'hms/coder', tree);
    await body(tree, repo);
  });
}

const of = (dir: string, message = 'good') => ({ agent: AGENT, dir, message });
const take = (dir: string, last = '') => takeSnapshot(of(dir), last, ENV);

test('holds new, changed and removed files, and touches neither index nor branch nor files', async () => {
  await withTree(async (tree, repo) => {
    write(tree, { 'a.txt': 'changed\n', 'new\nline.txt': 'odd', 'staged.txt': 's' });
    rmSync(join(tree, 'sub/b.txt'));
    run(tree, 'add', 'staged.txt');
    const index = run(tree, 'rev-parse', '--git-path', 'index');
    const before = [
      readFileSync(index),
      run(tree, 'status', '--porcelain'),
      run(repo, 'status', '--porcelain'),
    ];
    const head = run(tree, 'rev-parse', 'HEAD');
    const taken = await take(tree);
    expect(taken?.number).toBe(1);
    const at = taken?.commit ?? '';
    expect(run(tree, 'ls-tree', '-r', '-z', '--name-only', at).split('\0').filter(Boolean)).toEqual([
      ...['.gitignore', 'a.txt', 'new\nline.txt', 'staged.txt'],
    ]);
    expect(run(tree, 'show', `${at}:a.txt`)).toBe('changed');
    expect(run(tree, 'rev-parse', `${at}^`)).toBe(head);
    expect(run(tree, 'rev-parse', 'HEAD')).toBe(head);
    const after = [
      readFileSync(index),
      run(tree, 'status', '--porcelain'),
      run(repo, 'status', '--porcelain'),
    ];
    expect(after).toEqual(before);
    expect(run(repo, 'for-each-ref', '--format=%(refname)', 'refs/hms')).toBe('refs/hms/snapshots/coder/1');
  });
});

test('nothing has changed, nothing is taken; a commit or a change in the same second is one', async () => {
  await withTree(async tree => {
    const first = await take(tree);
    expect(await take(tree, first?.commit)).toBeUndefined();
    // As long as it was, so that only its content tells.
    write(tree, { 'a.txt': 'eno\n' });
    const second = await take(tree, first?.commit);
    expect(second?.number).toBe(2);
    commit(tree, {});
    expect((await take(tree, second?.commit))?.number).toBe(3);
  });
});

test('brings files back whatever they are now, keeps those, and leaves branch, index and ignored files alone', async () => {
  await withTree(async tree => {
    write(tree, { 'kept.txt': 'not committed\n', 'ignored/x': 'mine' });
    symlinkSync('a.txt', join(tree, 'link'));
    write(tree, { 'run.sh': '#!/bin/sh\n' });
    chmodSync(join(tree, 'run.sh'), 0o755);
    const good = await take(tree);
    // It goes wrong: files broken, removed, one in the place of a folder, and all of it committed.
    write(tree, { 'a.txt': 'broken\n', junk: 'x', 'junk2/y/z': 'y' });
    rmSync(join(tree, 'sub'), { recursive: true });
    writeFileSync(join(tree, 'sub'), 'a file now');
    rmSync(join(tree, 'kept.txt'));
    rmSync(join(tree, 'link'));
    chmodSync(join(tree, 'run.sh'), 0o644);
    commit(tree, {}, 'Wrong');
    write(tree, { 'more.txt': 'not committed either' });
    const head = run(tree, 'rev-parse', 'HEAD');
    const before = await restoreSnapshot(of(tree, 'before'), good?.commit ?? '', ENV);
    expect(before.number).toBe(2);
    expect(readFileSync(join(tree, 'a.txt'), 'utf8')).toBe('one\n');
    expect(readFileSync(join(tree, 'sub/b.txt'), 'utf8')).toBe('two\n');
    expect(readFileSync(join(tree, 'kept.txt'), 'utf8')).toBe('not committed\n');
    expect(readFileSync(join(tree, 'ignored/x'), 'utf8')).toBe('mine');
    expect(readlinkSync(join(tree, 'link'))).toBe('a.txt');
    expect(statSync(join(tree, 'run.sh')).mode & 0o100).toBe(0o100);
    for (const gone of ['junk', 'junk2', 'more.txt']) expect(existsSync(join(tree, gone))).toBe(false);
    expect(run(tree, 'rev-parse', 'HEAD')).toBe(head);
    expect(run(tree, 'symbolic-ref', 'HEAD')).toBe('refs/heads/hms/coder');
    // And back again: that is the undo.
    await restoreSnapshot(of(tree, 'undo'), before.commit, ENV);
    expect(readFileSync(join(tree, 'sub'), 'utf8')).toBe('a file now');
    expect(readFileSync(join(tree, 'more.txt'), 'utf8')).toBe('not committed either');
    expect(existsSync(join(tree, 'kept.txt'))).toBe(false);
  });
});

test('does not write through a link that leads out of the tree', async () => {
  await withTree(async (tree, repo) => {
    const good = await take(tree);
    rmSync(join(tree, 'sub'), { recursive: true });
    const outside = join(repo, '..', 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'b.txt'), 'not yours');
    symlinkSync(outside, join(tree, 'sub'));
    await restoreSnapshot(of(tree), good?.commit ?? '', ENV);
    expect(readFileSync(join(outside, 'b.txt'), 'utf8')).toBe('not yours');
    expect(lstatSync(join(tree, 'sub')).isDirectory()).toBe(true);
  });
});

test('whatever was done to the files, restoring makes them what they were, and the undo what they became', async () => {
  const names = fc.constantFrom('a.txt', 'sub/b.txt', 'sub', 'n\n', 'x/y', 'x', ' ', '"q"', '-f', 'ü');
  const edits = fc.array(fc.record({ name: names, text: fc.option(fc.string({ maxLength: 4 })) }), {
    maxLength: 6,
  });
  await withTree(async tree => {
    const edit = (list: readonly { name: string; text: string | null }[]): void => {
      for (const { name, text } of list) {
        if (text === null) rmSync(join(tree, name), { recursive: true, force: true });
        else {
          try {
            write(tree, { [name]: text });
          } catch {
            // A folder is in its place, or a file in its folder's.
          }
        }
      }
    };
    const listing = (): readonly (readonly string[])[] =>
      readdirSync(tree, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile() && entry.name !== '.git')
        .map(({ parentPath, name }) => join(parentPath, name))
        .sort()
        .map(path => [path, readFileSync(path, 'utf8')]);
    await fc.assert(
      fc.asyncProperty(edits, edits, async (some, more) => {
        edit(some);
        const good = await take(tree);
        const then = listing();
        edit(more);
        const now = listing();
        const before = await restoreSnapshot(of(tree), good?.commit ?? '', ENV);
        expect(listing()).toEqual(then);
        await restoreSnapshot(of(tree), before.commit, ENV);
        expect(listing()).toEqual(now);
      }),
      { numRuns: 12 },
    );
  });
});

test('what cannot be kept or brought back is refused with a word, and nothing is touched', async () => {
  await withTree(async (tree, repo) => {
    const good = await take(tree);
    const refused = (words: RegExp) => expect(take(tree)).rejects.toThrow(words);
    const lock = join(run(tree, 'rev-parse', '--absolute-git-dir'), 'index.lock');
    writeFileSync(lock, '');
    await refused(/git is at work/);
    rmSync(lock);
    run(tree, 'update-ref', 'CHERRY_PICK_HEAD', 'HEAD');
    await refused(/a merge or a rebase .* is not done yet/);
    run(tree, 'update-ref', '-d', 'CHERRY_PICK_HEAD');
    writeFileSync(join(tree, 'huge'), '');
    truncateSync(join(tree, 'huge'), 300 << 20);
    await refused(/300 MB in it are new or changed/);
    rmSync(join(tree, 'huge'));
    repository(join(tree, 'inner'));
    await refused(/a repository within it \(inner\)/);
    write(tree, { 'a.txt': 'still here' });
    await expect(restoreSnapshot(of(tree), good?.commit ?? '', ENV)).rejects.toThrow(
      /a repository within it/,
    );
    expect(readFileSync(join(tree, 'a.txt'), 'utf8')).toBe('still here');
    rmSync(join(tree, 'inner'), { recursive: true });
    await expect(restoreSnapshot(of(tree), 'f'.repeat(40), ENV)).rejects.toMatchObject({
      code: 'snapshot-lost',
    });
    await expect(takeSnapshot(of(tree), '', { ...ENV, PATH: repo })).rejects.toMatchObject({
      code: 'no-git',
    });
    run(tree, 'config', 'extensions.worktreeConfig', 'true');
    run(tree, 'config', '--worktree', 'core.worktree', repo);
    await refused(/git takes another folder for its files/);
    await expect(restoreSnapshot(of(tree), good?.commit ?? '', ENV)).rejects.toThrow(/another folder/);
    run(tree, 'config', '--worktree', '--unset', 'core.worktree');
    run(tree, 'sparse-checkout', 'set', 'sub');
    await refused(/only a part of it is checked out/);
  });
});

test('forgets those that are not kept, and nothing of other agents', async () => {
  await withTree(async (tree, repo) => {
    for (const text of ['1', '2', '3']) {
      write(tree, { 'a.txt': text });
      await take(tree);
    }
    await takeSnapshot({ ...of(tree), agent: 'coder-2' }, '', ENV);
    await pruneSnapshots(of(tree), [2], ENV);
    expect(run(repo, 'for-each-ref', '--format=%(refname:lstrip=3)', 'refs/hms')).toBe('coder-2/1\ncoder/2');
    expect((await take(tree))?.number).toBe(3);
  });
});
