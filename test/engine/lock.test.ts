import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tryLock, waitForLock } from '../../src/engine/lock.ts';
import { waitFor } from '../support/wait.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'hms-lock-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('the engine lock', () => {
  test('is held by one at a time and free after release', () => {
    const first = tryLock(join(dir, 'lock'));
    expect(first).toBeDefined();
    expect(tryLock(join(dir, 'lock'))).toBeUndefined();
    first?.release();
    expect(tryLock(join(dir, 'lock'))).toBeDefined();
  });

  test('is freed by the kernel when its holder is killed', async () => {
    const path = join(dir, 'lock');
    const script = `import { tryLock } from ${JSON.stringify(new URL('../../src/engine/lock.ts', import.meta.url).href)};
      if (!tryLock(${JSON.stringify(path)})) process.exit(3);
      process.stdout.write('held');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    let said = '';
    child.stdout.on('data', chunk => {
      said += chunk;
    });
    await waitFor(() => said === 'held', { what: 'the child to hold the lock' });
    expect(tryLock(path)).toBeUndefined();
    child.kill('SIGKILL');
    const lock = await waitForLock(path, 5000);
    expect(lock).toBeDefined();
    lock?.release();
  });

  test('a file that is no lock is said to be so', async () => {
    await writeFile(join(dir, 'lock'), 'x'.repeat(5000));
    expect(() => tryLock(join(dir, 'lock'))).toThrow(/cannot lock/);
  });
});
