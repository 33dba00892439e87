import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { endGroup, processAlive, processState, readBirth, waitForEnd } from '../../src/processes/process.ts';
import { waitFor } from '../support/wait.ts';

/** A process that runs until it is killed; killed at the latest when the test ends. */
async function withSleeper(body: (pid: number) => Promise<void>, argv = ['sleep', '1000']): Promise<void> {
  const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
    await body(child.pid ?? 0);
  } finally {
    child.kill('SIGKILL');
  }
}

describe('processes', () => {
  test('one that runs is alive under its birth and no other', async () => {
    await withSleeper(async pid => {
      const born = readBirth(pid);
      expect(born).not.toBe('');
      expect(processAlive(pid, born)).toBe(true);
      expect(processAlive(pid, '')).toBe(true);
      expect(processAlive(pid, `${born}0`)).toBe(false);
    });
  });

  test('one that was killed is not', async () => {
    await withSleeper(async pid => {
      const born = readBirth(pid);
      process.kill(pid, 'SIGKILL');
      expect(await waitForEnd(pid, born, 5000)).toBe(true);
      expect(processAlive(pid, born)).toBe(false);
      await waitFor(() => processState(pid) === 'gone', { what: 'the pid to be free' });
      expect(readBirth(pid)).toBe('');
    });
  });

  test('no process has pid 0, -1 or a fraction', () => {
    for (const pid of [0, -1, 1.5, Number.NaN]) expect(processAlive(pid, '')).toBe(false);
  });

  test('one that ignores the hang-up is ended with its group', async () => {
    const script = 'trap "" HUP TERM; sleep 1000 & echo $!; wait';
    const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    const [line] = await once(child.stdout, 'data');
    const inner = Number(String(line));
    const pid = child.pid ?? 0;
    const born = readBirth(pid);
    process.kill(pid, 'SIGHUP');
    await endGroup(pid, born, 20);
    expect(processAlive(pid, born)).toBe(false);
    await waitFor(() => !processAlive(inner, ''), { what: 'the whole group to end' });
  });

  test('another process that got the pid is left alone', async () => {
    await withSleeper(async pid => {
      await endGroup(pid, 'another birth', 0);
      expect(processAlive(pid, '')).toBe(true);
    });
  });
});
