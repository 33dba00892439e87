import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { endTmux, tmuxProcesses, withTmux } from './tmux.ts';

describe('the help for tests', () => {
  test('ends what a test left behind', async () => {
    let socket = '';
    await expect(
      withTmux(async scratch => {
        socket = scratch.socket;
        await scratch.tmux('new-session', '-d', '-s', 'x', 'sleep', '1000');
        const [pid] = await tmuxProcesses(socket);
        process.kill(pid ?? 0, 'SIGSTOP');
        throw new Error('the test failed');
      }),
    ).rejects.toThrow('the test failed');
    expect(await tmuxProcesses(socket)).toEqual([]);
    await expect(stat(dirname(socket))).rejects.toMatchObject({ code: 'ENOENT' });
    await endTmux(socket);
  }, 20_000);

  test('makes a folder that is gone afterwards', async () => {
    const before = await mkdtemp(join(tmpdir(), 'hms-t-'));
    await rm(before, { recursive: true });
    const dir = await withTmux(async scratch => scratch.dir);
    await expect(stat(dir)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
