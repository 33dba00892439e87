import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whenLate } from '../../src/protocol/deadline.ts';

describe('a deadline', () => {
  test('that has passed while nothing could be read lets what has come be read first', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hms-late-'));
    const answered = join(dir, 'answered');
    const child = spawn('/bin/sh', ['-c', `read question; echo answer; touch ${answered}`]);
    try {
      const told = await new Promise<string>(resolve => {
        const cancel = whenLate(1, () => resolve('late'));
        child.stdout.once('data', () => {
          cancel();
          resolve('answered');
        });
        child.stdin.write('question\n', () => {
          // This process stands still until the answer waits for it, long after the deadline.
          while (!existsSync(answered));
        });
      });
      expect(told).toBe('answered');
    } finally {
      child.kill('SIGKILL');
      await rm(dir, { recursive: true });
    }
  });

  test('calls back once, and never when it was cancelled in its last turn', async () => {
    const told: string[] = [];
    await new Promise<void>(resolve => {
      const cancel = whenLate(0, () => told.push('cancelled'));
      // Due in the same look at timers, so after the timer and before its turn.
      setTimeout(cancel, 0);
      whenLate(0, () => told.push('once'));
      whenLate(20, resolve);
    });
    expect(told).toEqual(['once']);
  });
});
