import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inTurn } from '../../src/tmux/door.ts';
import { ownerMark } from '../../src/tmux/owner.ts';

async function withFolder(body: (socket: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'hms-d-'));
  try {
    await body(join(dir, 's'));
  } finally {
    await rm(dir, { recursive: true });
  }
}

describe('the door of a tmux server', () => {
  test('is passed one at a time, and is free afterwards', async () => {
    await withFolder(async socket => {
      let inside = 0;
      let most = 0;
      const pass = () =>
        inTurn(socket, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await new Promise(resolve => setImmediate(resolve));
          inside -= 1;
        });
      await Promise.all(Array.from({ length: 6 }, pass));
      expect(most).toBe(1);
      await expect(lstat(`${socket}.door`)).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });

  test('is free again when what was done in it failed', async () => {
    await withFolder(async socket => {
      await expect(inTurn(socket, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
      expect(await inTurn(socket, async () => 'passed')).toBe('passed');
    });
  });

  test.each([
    ['who was killed in it', (door: string, mark: string) => symlink(mark, door)],
    ['a mark that was never written', (door: string) => writeFile(door, '')],
  ])('is not blocked by %s', async (_, leave) => {
    await withFolder(async socket => {
      const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
      await once(child, 'spawn');
      const mark = ownerMark(child.pid);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await leave(`${socket}.door`, mark);
      let passed = false;
      await inTurn(socket, async () => {
        // The door is ours now, not just waited out.
        await lstat(`${socket}.door`);
        passed = true;
      });
      expect(passed).toBe(true);
      await expect(lstat(`${socket}.door`)).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });

  test('stands open where there is no place for it', async () => {
    expect(await inTurn('/no/such/folder/s', async () => 'passed')).toBe('passed');
  });
});
