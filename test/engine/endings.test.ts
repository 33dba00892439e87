import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { reap } from '../../src/engine/endings.ts';
import { processAlive, readBirth } from '../../src/processes/process.ts';

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

test('only the process that is meant is ended: none of another birth, and none of an unknown one', async () => {
  child = spawn('sleep', ['1000000'], { stdio: 'ignore', detached: true });
  const pid = child.pid ?? 0;
  const born = readBirth(pid);
  expect(born).not.toBe('');
  for (const other of ['', `${born}0`]) {
    await reap(pid, other);
    expect(processAlive(pid, born), other).toBe(true);
  }
  await reap(pid, born);
  expect(processAlive(pid, born)).toBe(false);
});
