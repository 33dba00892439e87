/** Worktrees on real repositories: made, counted, merged or refused, dropped with nothing lost. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diffOf, dropWork, mergeRefusal, mergeWork, workOf } from '../../src/worktrees/work.ts';
import { type Placed, placeWorktree } from '../../src/worktrees/worktree.ts';
import { withFolder } from '../support/scratch.ts';
import { commit, ENV, repository, run, write } from './repository.ts';

async function placed(
  dir: string,
  wanted: Partial<Parameters<typeof placeWorktree>[0]> = {},
): Promise<Placed> {
  return placeWorktree(
    {
      agent: 'coder',
      cwd: join(dir, 'repo'),
      dir: join(dir, 'trees', 'coder'),
      branch: 'hms/shop/coder',
      base: '',
      ...wanted,
    },
    ENV,
  );
}

/** Everything a merge must leave as it was. */
function whole(repo: string): string {
  return [
    run(repo, 'status', '--porcelain'),
    run(repo, 'rev-parse', 'HEAD'),
    run(repo, 'symbolic-ref', 'HEAD'),
  ].join('\n');
}

describe('a worktree', () => {
  test('is made once on its own branch, found again, and made again when its folder is gone', async () => {
    await withFolder(async dir => {
      repository(join(dir, 'repo'), { 'sub/b.txt': 'x\n' });
      const first = await placed(dir, { cwd: join(dir, 'repo', 'sub') });
      expect(first).toMatchObject({ branch: 'hms/shop/coder', target: 'main', already: false });
      expect(first.cwd).toBe(join(dir, 'trees', 'coder', 'sub'));
      expect(run(first.cwd, 'symbolic-ref', 'HEAD')).toBe('refs/heads/hms/shop/coder');
      commit(first.dir, { 'new.txt': 'x' });
      expect((await placed(dir)).already).toBe(true);
      rmSync(first.dir, { recursive: true });
      expect((await placed(dir)).already).toBe(false);
      expect(existsSync(join(first.dir, 'new.txt'))).toBe(true);
    });
  });

  test('is refused in words where it cannot be', async () => {
    await withFolder(async dir => {
      mkdirSync(join(dir, 'repo'));
      await expect(placed(dir)).rejects.toThrow(
        /coder is to have a worktree, but .* is in no git repository/,
      );
      run(join(dir, 'repo'), 'init', '--quiet', '--initial-branch=main');
      await expect(placed(dir)).rejects.toThrow('the branch main has no commit');
      repository(join(dir, 'repo'));
      for (const branch of ['-f', 'a..b', 'a b', '--upload-pack=x', '@{-1}', 'x.lock', '\u001b[31m']) {
        await expect(placed(dir, { branch })).rejects.toThrow(/branch/);
      }
      await expect(placed(dir, { base: 'nowhere' })).rejects.toThrow('nowhere has no commit');
      mkdirSync(join(dir, 'trees', 'coder'), { recursive: true });
      writeFileSync(join(dir, 'trees', 'coder', 'mine'), 'x');
      await expect(placed(dir)).rejects.toThrow('is something else');
      await expect(
        placeWorktree({ agent: 'a', cwd: dir, dir, branch: 'b', base: '' }, { PATH: '' }),
      ).rejects.toThrow('git cannot be run');
    });
  });

  test('runs nothing that the repository would have it run', async () => {
    await withFolder(async dir => {
      const repo = join(dir, 'repo');
      repository(repo);
      const trap = `#!/bin/sh\ntouch ${dir}/sprung\n`;
      for (const hook of [
        'post-checkout',
        'pre-merge-commit',
        'post-merge',
        'commit-msg',
        'reference-transaction',
      ]) {
        write(repo, { [`.git/hooks/${hook}`]: trap });
        chmodSync(join(repo, '.git/hooks', hook), 0o755);
      }
      write(dir, { trap });
      chmodSync(join(dir, 'trap'), 0o755);
      for (const key of ['core.fsmonitor', 'diff.external']) run(repo, 'config', key, join(dir, 'trap'));
      rmSync(join(dir, 'sprung'), { force: true });
      const tree = await placed(dir);
      execCommit(tree.dir);
      rmSync(join(dir, 'sprung'), { force: true });
      await diffOf(tree, ENV);
      await mergeWork(tree, await workOf(tree, ENV), 'Merge', ENV);
      expect(existsSync(join(dir, 'sprung'))).toBe(false);
    });
  });
});

function execCommit(dir: string): void {
  write(dir, { 'b.txt': 'new\n' });
  run(dir, '-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', 'add', '--all');
  run(dir, '-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', 'commit', '-qm', 'More');
}

/** A git that knows `merge-tree --write-tree`, and one that answers to it as those before 2.38 do. */
const GITS = [
  ['git', () => ENV],
  [
    'a git before 2.38',
    (dir: string) => {
      const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
      const old = `#!/bin/sh
for word; do
  [ "$word" = --write-tree ] || continue
  echo 'usage: git merge-tree <base-tree> <branch1> <branch2>' >&2
  exit 129
done
exec '${real}' "$@"
`;
      mkdirSync(join(dir, 'bin'));
      writeFileSync(join(dir, 'bin', 'git'), old, { mode: 0o755 });
      return { ...ENV, PATH: `${join(dir, 'bin')}:${ENV.PATH}` };
    },
  ],
] as const;

describe.each(GITS)('merging with %s', (_, envIn) => {
  test('takes exactly what was agreed to', async () => {
    await withFolder(async dir => {
      const env = envIn(dir);
      const repo = join(dir, 'repo');
      repository(repo);
      const tree = await placed(dir);
      commit(tree.dir, { 'b.txt': 'b\n', 'a.txt': 'one\ntwo\n3\n' });
      const work = await workOf(tree, env);
      expect(work).toMatchObject({
        commits: 1,
        files: 2,
        insertions: 2,
        deletions: 1,
        uncommitted: 0,
        conflicts: [],
      });
      expect(await mergeRefusal(tree, work, env)).toBeUndefined();
      const made = await mergeWork(tree, work, 'Merge it', env);
      expect(run(repo, 'rev-parse', 'main')).toBe(made);
      expect(run(repo, 'log', '-1', '--format=%s')).toBe('Merge it');
      expect(readFileSync(join(repo, 'b.txt'), 'utf8')).toBe('b\n');
      expect(run(repo, 'log', '-1', '--format=%P')).toBe(`${work.onto} ${work.head}`);
      // The next engine, which does not know that it is done.
      expect(await mergeWork(tree, work, 'Again', env)).toBe(made);
      commit(repo, { 'c.txt': 'c' });
      await expect(mergeWork(tree, work, 'Again', env)).rejects.toThrow(
        'main has moved since somebody agreed',
      );
    });
  });

  test.each<[string, (repo: string, tree: string) => void, RegExp]>([
    [
      'a conflict',
      (repo, tree) => {
        commit(tree, { 'a.txt': 'ours\n' });
        commit(repo, { 'a.txt': 'theirs\n' });
      },
      /both changed a\.txt/,
    ],
    ['nothing new', () => {}, /has nothing that main has not/],
    ['uncommitted work', (_, tree) => write(tree, { 'x y\n.txt': 'x' }), /1 file in .* is not committed/],
    [
      'a dirty target',
      (repo, tree) => {
        commit(tree, { 'b.txt': 'b' });
        write(repo, { 'a.txt': 'mine' });
      },
      /1 changed file in .* is not committed/,
    ],
    [
      'another branch in the target',
      (repo, tree) => {
        commit(tree, { 'b.txt': 'b' });
        run(repo, 'switch', '--quiet', '--create', 'elsewhere');
      },
      /is on elsewhere, not on main/,
    ],
    [
      'an untracked file in the way',
      (repo, tree) => {
        commit(tree, { 'b.txt': 'b' });
        write(repo, { 'b.txt': 'mine' });
      },
      /untracked/,
    ],
  ])('with %s is refused and leaves everything as it was', async (_, prepare, words) => {
    await withFolder(async dir => {
      const env = envIn(dir);
      const repo = join(dir, 'repo');
      repository(repo);
      const tree = await placed(dir);
      prepare(repo, tree.dir);
      const before = whole(repo);
      const work = await workOf(tree, env);
      await expect(mergeWork(tree, work, 'Merge', env)).rejects.toThrow(words);
      expect(whole(repo)).toBe(before);
    });
  });

  test('a branch that moved after the yes is not merged', async () => {
    await withFolder(async dir => {
      const env = envIn(dir);
      repository(join(dir, 'repo'));
      const tree = await placed(dir);
      commit(tree.dir, { 'b.txt': 'b' });
      const agreed = await workOf(tree, env);
      commit(tree.dir, { 'evil.txt': 'x' });
      await expect(mergeWork(tree, agreed, 'Merge', env)).rejects.toThrow('hms/shop/coder has moved');
    });
  });
});

test('dropping keeps commits and what was not committed, under a ref that is found again', async () => {
  await withFolder(async dir => {
    const repo = join(dir, 'repo');
    repository(repo, { '.gitignore': 'ignored\n' });
    const tree = await placed(dir);
    const head = commit(tree.dir, { 'done.txt': 'done' });
    write(tree.dir, { 'open.txt': 'open', ignored: 'x' });
    const ref = 'refs/hms/dropped/coder/1';
    const kept = await dropWork(tree, { ref, head }, ENV);
    expect(existsSync(tree.dir)).toBe(false);
    expect(run(repo, 'branch', '--list')).toBe('* main');
    expect(run(repo, 'rev-parse', ref)).toBe(kept);
    expect(run(repo, 'ls-tree', '-r', '--name-only', ref).split('\n')).toEqual([
      '.gitignore',
      'done.txt',
      'open.txt',
    ]);
    expect(run(repo, 'rev-parse', `${ref}^`)).toBe(head);
    expect((await placed(dir)).already).toBe(false);
  });
});

test('a drop that was cut short is gone on with, from wherever it stood', async () => {
  for (const stood of ['kept', 'folder gone', 'all done']) {
    await withFolder(async dir => {
      const repo = join(dir, 'repo');
      repository(repo);
      const tree = await placed(dir);
      const head = commit(tree.dir, { 'done.txt': 'done' });
      const ref = 'refs/hms/dropped/coder/1';
      run(repo, 'update-ref', ref, head);
      if (stood !== 'kept') rmSync(tree.dir, { recursive: true });
      if (stood === 'all done') {
        run(repo, 'worktree', 'prune');
        run(repo, 'branch', '--delete', '--force', tree.branch);
      }
      expect(await dropWork(tree, { ref, head }, ENV), stood).toBe(head);
      expect(existsSync(tree.dir)).toBe(false);
      expect(run(repo, 'branch', '--list')).toBe('* main');
      expect(run(repo, 'worktree', 'list', '--porcelain')).not.toContain('coder');
    });
  }
});

test('dropping keeps commits that no branch has', async () => {
  await withFolder(async dir => {
    const repo = join(dir, 'repo');
    repository(repo);
    const tree = await placed(dir);
    const head = commit(tree.dir, { 'done.txt': 'done' });
    run(tree.dir, 'switch', '--quiet', '--detach');
    const loose = commit(tree.dir, { 'loose.txt': 'loose' });
    const kept = await dropWork(tree, { ref: 'refs/hms/dropped/coder/1', head }, ENV);
    expect(run(repo, 'rev-list', kept).split('\n')).toEqual(expect.arrayContaining([head, loose]));
    expect(run(repo, 'show', `${kept}:loose.txt`)).toBe('loose');
  });
});

test('what somebody removed by hand can be looked at, merged and dropped', async () => {
  await withFolder(async dir => {
    const repo = join(dir, 'repo');
    repository(repo);
    const tree = await placed(dir);
    commit(tree.dir, { 'done.txt': 'done' });
    rmSync(tree.dir, { recursive: true });
    const work = await workOf(tree, ENV);
    expect(work).toMatchObject({ commits: 1, uncommitted: 0 });
    await expect(diffOf(tree, ENV)).rejects.toThrow('is not there any more');
    await mergeWork(tree, work, 'Merge', ENV);
    expect(await dropWork(tree, { ref: 'refs/hms/dropped/coder/1', head: work.head }, ENV)).toBe(work.head);
    expect(run(repo, 'branch', '--list')).toBe('* main');
  });
});

test('a diff shows committed and uncommitted work, and is cut where it is long', async () => {
  await withFolder(async dir => {
    repository(join(dir, 'repo'));
    const tree = await placed(dir);
    commit(tree.dir, { 'done.txt': 'done\n' });
    write(tree.dir, { 'open.txt': 'open\n' });
    const short = await diffOf(tree, ENV);
    expect(short.text).toContain('+done');
    expect(short.text).toContain('+open');
    expect(short.cut).toBe(false);
    expect(run(tree.dir, 'status', '--porcelain')).toBe('?? open.txt');
    write(tree.dir, { 'long.txt': 'x'.repeat(600 << 10) });
    expect(await diffOf(tree, ENV)).toMatchObject({ cut: true });
  });
});
