import { spawnSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refusal } from '../../bin/setup/dependencies.mjs';
import { withLock } from '../../bin/setup/lock.mjs';
import { tooOld } from '../../bin/setup/native.mjs';
import { findProgram, isInModules, outside } from '../../bin/setup/path.mjs';
import { planRun } from '../../bin/setup/run.mjs';
import { planTmux } from '../../bin/setup/tmux.mjs';
import { isCurrent, keepStamp, stampOf } from '../../bin/stamp.mjs';
import { withFolder } from '../support/scratch.ts';

describe('tmux', () => {
  const machine = (...programs: string[]) => ({
    has: (program: string) => programs.includes(program),
    root: false,
    sudo: () => true,
    mac: false,
  });

  test('is left alone when it is there', () => {
    expect(planTmux(machine('tmux', 'apt-get'))).toBeUndefined();
  });

  test('is installed by the package manager at hand, by sudo when it needs no password', () => {
    expect(planTmux({ ...machine('apt-get'), root: true })?.commands.at(-1)).toEqual([
      'apt-get',
      'install',
      '-y',
      '-q',
      'tmux',
    ]);
    expect(planTmux(machine('dnf', 'sudo'))?.commands).toEqual([
      ['sudo', '-n', 'dnf', 'install', '-y', 'tmux'],
    ]);
    expect(planTmux({ ...machine('apk'), root: true })?.say).toBe('installing tmux (apk add tmux)');
    expect(planTmux({ ...machine('brew'), mac: true })?.commands).toEqual([['brew', 'install', 'tmux']]);
  });

  test('is asked for in one sentence where we may not install it', () => {
    const no = { ...machine('pacman', 'sudo'), sudo: () => false };
    expect(() => planTmux(no)).toThrow(
      'tmux is not installed, and I may not install it. Run: sudo pacman -Sy --noconfirm tmux; then run this again',
    );
    expect(() => planTmux(machine('zypper'))).toThrow('Run: sudo zypper --non-interactive install tmux');
    expect(() => planTmux(machine())).toThrow('no package manager I know');
    expect(() => planTmux({ ...machine('brew'), mac: true, root: true })).toThrow(
      'brew does not run as root',
    );
  });

  test('is not looked for in a Homebrew on Linux', () => {
    expect(() => planTmux(machine('brew'))).toThrow('no package manager');
  });
});

describe('a failing npm ci is told in a sentence', () => {
  test.each([
    [
      'npm error code ECONNREFUSED\nnpm error errno ECONNREFUSED',
      'could not reach its registry (ECONNREFUSED)',
    ],
    ['npm ERR! code ENOTFOUND', 'could not reach its registry (ENOTFOUND)'],
    [
      "npm error code ENOTCACHED\nnpm error request to x failed: cache mode is 'only-if-cached'",
      'could not reach its registry (ENOTCACHED)',
    ],
    [
      "npm error code E404\nnpm error 404 Not Found\nnpm error 404  'yaml@2.9.1' is not in this registry.",
      'does not have yaml@2.9.1',
    ],
    [
      'npm error code ETARGET\nnpm error notarget No matching version found for @types/node@99.0.0.',
      'does not have @types/node@99.0.0',
    ],
    ['npm error code E401', 'refused us (E401)'],
    ['npm error code E500', 'gives broken answers (E500)'],
    ['npm error code EINTEGRITY', 'not the one of package-lock.json'],
    ['npm error code ENOSPC', 'the disk is full'],
    ['npm error code EACCES', 'may not write'],
    ['npm error code EUSAGE', 'do not belong together'],
    [
      'npm error something new\nnpm error A complete log of this run can be found in: x',
      'npm ci failed: something new',
    ],
    ['', 'it did not say why'],
  ])('%j', (output, words) => {
    expect(refusal(output, null).message).toContain(words);
  });

  test('a signal is no fault of the registry', () => {
    expect(refusal('npm error code ECONNRESET', 'SIGTERM').message).toContain('ended by SIGTERM');
  });
});

test('npm ci is not run by the Node it takes away', async () => {
  await withFolder(async dir => {
    const [ours, theirs] = [join(dir, 'node_modules', '.bin'), join(dir, 'usr', 'bin')];
    for (const folder of [ours, theirs]) {
      await mkdir(folder, { recursive: true });
      await symlink(process.execPath, join(folder, 'node'));
    }
    const env = { PATH: `${ours}:${theirs}:` };
    expect(findProgram('node', env)).toBe(join(ours, 'node'));
    expect(findProgram('node', outside(dir, env))).toBe(join(theirs, 'node'));
    expect(findProgram('tmux', env)).toBeUndefined();
    expect([
      isInModules(dir, ours),
      isInModules(dir, theirs),
      isInModules(dir, `${dir}/node_modules2/x`),
    ]).toEqual([true, false, false]);
  });
});

describe('npm start', () => {
  test('opens the console where npm was called, names the fleet file it will find', async () => {
    await withFolder(async dir => {
      await mkdir(join(dir, 'deep', 'er'), { recursive: true });
      const here = join(dir, 'deep', 'er');
      expect(planRun({ args: [], terminal: true, here })).toEqual({
        args: [],
        say: expect.stringContaining('demo fleet'),
      });
      await writeFile(join(dir, 'hms.yml'), '');
      expect(planRun({ args: [], terminal: true, here }).say).toBe(
        `opening the console on ${join(dir, 'hms.yml')}`,
      );
    });
  });

  test('plays the demo without a terminal, and passes arguments on', () => {
    expect(planRun({ args: [], terminal: false, here: '/' }).args).toEqual(['demo', '--headless']);
    expect(planRun({ args: ['ls', '--json'], terminal: false, here: '/' })).toEqual({
      args: ['ls', '--json'],
      say: '',
    });
  });
});

describe('a stamp', () => {
  test('changes with a byte, a name, a file more or less, and with nothing else', async () => {
    await withFolder(async dir => {
      await mkdir(join(dir, 'src'));
      await writeFile(join(dir, 'src', 'a'), 'one');
      const stamps = [stampOf(dir, ['src', 'gone'])];
      expect(stampOf(dir, ['src', 'gone'])).toBe(stamps[0]);
      await writeFile(join(dir, 'src', 'a'), 'two');
      stamps.push(stampOf(dir, ['src', 'gone']));
      await writeFile(join(dir, 'src', 'b'), '');
      stamps.push(stampOf(dir, ['src', 'gone']));
      await writeFile(join(dir, 'gone'), '');
      stamps.push(stampOf(dir, ['src', 'gone']));
      expect(new Set(stamps).size).toBe(stamps.length);
      const file = join(dir, 'kept', 'stamp');
      expect(isCurrent(file, 'x')).toBe(false);
      keepStamp(file, 'x');
      expect([isCurrent(file, 'x'), isCurrent(file, 'y')]).toEqual([true, false]);
    });
  });
});

describe('the lock of set-up', () => {
  test('lets one in at a time', async () => {
    await withFolder(async dir => {
      const file = join(dir, 'setup.lock');
      let inside = 0;
      const turns = [1, 2].map(() =>
        withLock(file, async () => {
          inside += 1;
          const most = inside;
          await readFile(file);
          inside -= 1;
          return most;
        }),
      );
      expect(await Promise.all(turns)).toEqual([1, 1]);
    });
  });

  test('is taken over from a set-up that was killed', async () => {
    await withFolder(async dir => {
      const file = join(dir, 'setup.lock');
      const gone = spawnSync('true');
      await writeFile(file, String(gone.pid));
      expect(await withLock(file, async () => 'in')).toBe('in');
    });
  });
});

test('a Node too old for set-up is told so by the first file, which it can read', async () => {
  // What Node 12 cannot parse must not stand in the guard: no static import, no optional chaining, no await.
  const guard = await readFile(new URL('../../bin/setup.mjs', import.meta.url), 'utf8');
  expect(guard).not.toMatch(/^import |\?\.|\?\?|\bawait\b/m);
  const old = guard.replace('process.versions.node', "'16.20.2'");
  await withFolder(async dir => {
    await writeFile(join(dir, 'setup.mjs'), old);
    await symlink(process.execPath, join(dir, 'node'));
    const ran = spawnSync(join(dir, 'node'), [join(dir, 'setup.mjs')], { encoding: 'utf8' });
    expect(ran.status).toBe(69);
    expect(ran.stderr).toMatch(/^hms-tui: set-up needs Node 18 or newer, .*Install a newer one/);
  });
});

test('a Rust that is too old is told before it fails', () => {
  const debian12 = 'cargo 1.63.0 (fd9c4297c 2022-07-01)';
  expect(tooOld(debian12, '1.85')).toBe(true);
  expect(tooOld('cargo 1.85.0 (d73d2caf9 2024-12-31)', '1.85')).toBe(false);
  expect(tooOld('cargo 2.0.0', '1.85')).toBe(false);
  // What does not say its version may still build.
  expect(tooOld('', '1.85')).toBe(false);
});
