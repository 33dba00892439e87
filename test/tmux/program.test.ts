import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cleanEnvironment, findTmux, installCommand, ownSettings } from '../../src/tmux/program.ts';

describe('the tmux program', () => {
  test('is the first one in PATH that can be run', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hms-p-'));
    try {
      const path = join(dir, 'tmux');
      await writeFile(path, '#!/bin/sh\n', { mode: 0o644 });
      const install = () => 'some command';
      expect(() => findTmux({ PATH: dir }, install)).toThrow(
        expect.objectContaining({ code: 'no-tmux', hint: 'install it: some command' }),
      );
      await chmod(path, 0o755);
      expect(findTmux({ PATH: `:/nowhere:${dir}` })).toBe(path);
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  test('no PATH at all is no tmux', () => {
    expect(() => findTmux({})).toThrow(expect.objectContaining({ code: 'no-tmux' }));
  });

  test.each([
    ['darwin', '', 'brew install tmux'],
    ['linux', 'ID=debian\n', 'sudo apt-get install tmux'],
    ['linux', 'NAME="Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', 'sudo apt-get install tmux'],
    ['linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'sudo dnf install tmux'],
    ['linux', 'ID=arch\n', 'sudo pacman -S tmux'],
    ['linux', 'ID=alpine\n', 'sudo apk add tmux'],
    ['linux', 'ID="opensuse-tumbleweed"\n', 'sudo zypper install tmux'],
    ['linux', '', 'with the package manager of your system'],
  ] as const)('on %s with %j people are told: %s', (platform, osRelease, command) => {
    expect(installCommand(platform, osRelease)).toBe(command);
  });
});

describe('environments', () => {
  const env = {
    PATH: '/bin',
    LANG: 'C',
    TMUX: '/tmp/x,1,0',
    TMUX_PANE: '%1',
    TMUX_TMPDIR: '/t',
    HMS_HOME: '/h',
    HMS_TOKEN: 'secret',
    HMS_AGENT: 'a',
    npm_config_prefix: '/n',
    INIT_CWD: '/i',
    COLUMNS: '80',
  };

  test("agents start with the person's, without ours, npm's and another tmux's", () => {
    expect(cleanEnvironment(env)).toEqual({ PATH: '/bin', LANG: 'C', TMUX_TMPDIR: '/t' });
  });

  test('the engine gets our settings, and nothing that belongs to an agent', () => {
    expect(ownSettings(env)).toEqual({ HMS_HOME: '/h' });
  });
});
