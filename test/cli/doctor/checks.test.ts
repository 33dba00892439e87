import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { locale, terminal } from '../../../src/cli/doctor/machine.ts';
import { atLeast, clients, git, helper, node, sandbox, tmux } from '../../../src/cli/doctor/programs.ts';
import { withFolder } from '../../support/scratch.ts';

const tty = (bits: number) => ({ isTTY: true as const, getColorDepth: () => bits });
const linux = (env: NodeJS.ProcessEnv) => ({ env, platform: 'linux' as const });

/** A folder with programs of these scripts, as the whole PATH. */
async function withPrograms(
  scripts: Readonly<Record<string, string>>,
  body: (around: { env: NodeJS.ProcessEnv; platform: 'linux' }) => Promise<void>,
): Promise<void> {
  await withFolder(async dir => {
    await mkdir(join(dir, 'bin'));
    for (const [name, script] of Object.entries(scripts)) {
      await writeFile(join(dir, 'bin', name), `#!/bin/sh\n${script}\n`);
      await chmod(join(dir, 'bin', name), 0o755);
    }
    await body(linux({ PATH: join(dir, 'bin') }));
  });
}

test('versions are compared as numbers, whatever is written around them', () => {
  expect(['3.7', '3.7a', 'next-3.10', '4.0'].map(v => atLeast(v, 3, 7))).toEqual([true, true, true, true]);
  expect(['3.3a', '2.9', '', 'master'].map(v => atLeast(v, 3, 7))).toEqual([false, false, false, false]);
});

test('an old Node is bad', () => {
  expect(node('20.1.0').is).toBe('bad');
  expect(node('24.0.0').is).toBe('ok');
});

test('tmux is asked what it can do', async () => {
  expect((await tmux(linux({ PATH: process.env.PATH }))).says).toContain('has every feature that is needed');
  await withPrograms({}, async around => {
    expect(await tmux(around)).toMatchObject({ is: 'bad', remedy: expect.stringContaining('install it') });
  });
  await withPrograms({ tmux: 'echo 9.9; echo "new-window [-a]"' }, async around => {
    expect(await tmux(around)).toMatchObject({ is: 'bad', says: expect.stringContaining('too old') });
  });
  await withPrograms({ tmux: 'echo broken >&2; exit 1' }, async around => {
    expect(await tmux(around)).toMatchObject({ is: 'bad', says: expect.stringContaining('broken') });
  });
});

test('a sandbox that is there and does not work is told from one that works', async () => {
  const echo = 'while [ "$1" != echo ]; do shift; done; shift; echo "$@"';
  await withPrograms({ bwrap: echo }, async around => expect((await sandbox(around)).is).toBe('ok'));
  await withPrograms({ bwrap: 'exit 1' }, async around =>
    expect(await sandbox(around)).toMatchObject({ is: 'warn', says: expect.stringContaining('may not') }),
  );
  await withPrograms({ unshare: echo }, async around =>
    expect(await sandbox(around)).toMatchObject({
      is: 'warn',
      remedy: expect.stringContaining('bubblewrap'),
    }),
  );
});

test('an old git, none, and agents that do not say their version are worth knowing', async () => {
  await withPrograms({ git: 'echo git version 2.30.1', codex: 'exit 1' }, async around => {
    expect(await git(around)).toMatchObject({ is: 'warn', says: 'git version 2.30.1' });
    expect(await clients(around)).toMatchObject([{ name: 'agent:codex', is: 'warn' }]);
  });
  await withPrograms({}, async around => {
    expect((await git(around)).is).toBe('warn');
    expect(await clients(around)).toMatchObject([{ name: 'agents', is: 'warn' }]);
  });
});

test('terminal and locale come with what to set', () => {
  expect(terminal(linux({ TERM: 'xterm-256color', COLORTERM: 'truecolor' }), tty(24)).is).toBe('ok');
  expect(terminal(linux({ TERM: 'xterm', TMUX: '/tmp/x' }), tty(8))).toMatchObject({
    is: 'warn',
    remedy: expect.stringContaining('default-terminal'),
  });
  expect(terminal(linux({ TERM: 'tmux-256color', TMUX: '/tmp/x' }), tty(8)).remedy).toContain('RGB');
  expect(terminal(linux({ TERM: 'xterm', NO_COLOR: '1' }), tty(1)).is).toBe('ok');
  expect(locale(linux({ LANG: 'C.UTF-8' })).is).toBe('ok');
  expect(locale(linux({ LANG: 'en_US.UTF-8', LC_ALL: 'C' }))).toMatchObject({ is: 'warn', says: 'C' });
});

test('the native helper is asked what it can do', async () => {
  const says = (capabilities: object[]) =>
    JSON.stringify({
      id: 1,
      ok: true,
      result: { protocol: 1, version: '9.8.7', os: 'x', arch: 'y', capabilities },
    });
  const capability = { mechanism: '', privileged: false, revert: 'none', because: '', remedy: '' };
  const can = { ...capability, name: 'watch', available: true };
  const cannot = { ...capability, name: 'net_partition', available: false, because: 'no nftables' };
  const script = `read -r line; echo '${says([can, cannot])}'; cat`;
  await withPrograms({ good: script, bad: 'exit 3' }, async ({ env, platform }) => {
    const named = (name: string) =>
      helper({ env: { PATH: process.env.PATH, HMS_NATIVE: `${env.PATH}/${name}` }, platform });
    expect(await named('good')).toMatchObject({
      is: 'ok',
      says: expect.stringMatching(/^9\.8\.7 \(.*\) can watch; cannot here: net_partition \(no nftables\)$/),
    });
    expect(await named('bad')).toMatchObject({ is: 'bad', says: expect.stringContaining('exit code 3') });
    expect(await named('none')).toMatchObject({ is: 'warn', remedy: expect.stringContaining('HMS_NATIVE') });
  });
});
