import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Commits } from '../../../src/cells/healer/commits.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function temporary(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hms-commits-')));
  made.push(folder);
  return folder;
}

const git = (cwd: string, ...args: readonly string[]): void =>
  void execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
    cwd,
    stdio: 'pipe',
  });

/** @param folders where each agent works */
function watching(folders: Readonly<Record<string, string>>) {
  let now = 0;
  const saved: string[] = [];
  const commits = new Commits(agent => saved.push(agent));
  return {
    saved,
    async look() {
      now += 10_000;
      await commits.look(new Map(Object.entries(folders)), now);
    },
  };
}

function repository(): string {
  const folder = temporary();
  git(folder, 'init', '-q');
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'first');
  age(join(folder, '.git', 'logs', 'HEAD'));
  return folder;
}

/** What is written within one tick of the file system's clock would look as if it had not been. */
const age = (log: string): void => utimesSync(log, 1, 1);

describe('the repository an agent works in', () => {
  it('tells that its work was committed, once a commit', async () => {
    const folder = repository();
    const watched = watching({ coder: join(folder) });
    await watched.look();
    await watched.look();
    expect(watched.saved).toEqual([]);
    git(folder, 'commit', '-q', '--allow-empty', '-m', 'second');
    await watched.look();
    await watched.look();
    expect(watched.saved).toEqual(['coder']);
  });

  it('tells of a worktree what was committed there, and not elsewhere', async () => {
    const folder = repository();
    const tree = join(temporary(), 'tree');
    git(folder, 'worktree', 'add', '-q', tree);
    age(join(folder, '.git', 'worktrees', 'tree', 'logs', 'HEAD'));
    const watched = watching({ here: folder, there: tree });
    await watched.look();
    git(tree, 'commit', '-q', '--allow-empty', '-m', 'there');
    await watched.look();
    expect(watched.saved).toEqual(['there']);
  });

  it('does not guess whose commit it was where several work', async () => {
    const folder = repository();
    const watched = watching({ one: folder, two: folder });
    await watched.look();
    git(folder, 'commit', '-q', '--allow-empty', '-m', 'second');
    await watched.look();
    expect(watched.saved).toEqual([]);
  });

  it('tells nothing of a folder without a repository, or of none', async () => {
    const watched = watching({ plain: temporary(), gone: '/nowhere/at/all' });
    await watched.look();
    await watched.look();
    expect(watched.saved).toEqual([]);
  });
});
