import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const WATCHDOG = new URL('../../src/engine/watchdog.ts', import.meta.url).href;

/** A process that is watched over, does this, and says so; how it ended. */
function watched(then: string): { pid: number; says: Promise<string>; ended: Promise<string> } {
  const code = `
    const { watchOver } = await import(${JSON.stringify(WATCHDOG)});
    await watchOver(400, 20);
    console.log('begins');
    setTimeout(() => { ${then} }, 100);
  `;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  return {
    pid: child.pid ?? 0,
    says: new Promise(resolve => child.stdout.once('data', data => resolve(String(data).trim()))),
    ended: new Promise(resolve => child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`))),
  };
}

describe('a process that is watched over', () => {
  test('is ended when it stands still', async () => {
    const { says, ended } = watched('for (;;);');
    expect(await says).toBe('begins');
    expect(await ended).toBe('SIGKILL');
  });

  test('lives while it does its work, and is kept by nothing when that is done', async () => {
    const { ended } = watched('setTimeout(() => {}, 1000)');
    expect(await ended).toBe('exit 0');
  });

  test('is not blamed for having been stopped', async () => {
    const { pid, says, ended } = watched('setTimeout(() => {}, 1000)');
    await says;
    process.kill(pid, 'SIGSTOP');
    await new Promise(resolve => setTimeout(resolve, 500));
    process.kill(pid, 'SIGCONT');
    expect(await ended).toBe('exit 0');
  });
});
