import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile, chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Native, type NativePush, openNative } from '../../src/processes/native.ts';
import { NativeKeeper } from '../../src/processes/native-keeper.ts';
import { findNative } from '../../src/processes/native-program.ts';
import { NativeWatch } from '../../src/processes/native-watch.ts';
import { readBirth } from '../../src/processes/process.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

const program = findNative();
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function sleeper(): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  ends.push(() => child.kill('SIGKILL'));
  const { pid } = child;
  if (pid === undefined) throw new Error('sleep cannot be run');
  return Object.assign(child, { pid });
}

async function open(path: string): Promise<Native> {
  const native = await openNative(path);
  ends.push(() => native.close());
  return native;
}

const markOf = (pid: number) => ({ pid, born: readBirth(pid) });

/** A helper of the test's own: a script that is given requests on its stdin. */
async function withScript(script: string, body: (path: string) => Promise<void>): Promise<void> {
  await withFolder(async dir => {
    const path = join(dir, 'helper');
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    await body(path);
  });
}
const HELLO =
  'read -r line; echo \'{"id":1,"ok":true,"result":{"protocol":1,"version":"9","os":"x","arch":"y","capabilities":[]}}\'';

describe.skipIf(!program)('the native helper', () => {
  const path = program ?? '';

  test('says hello with what this machine can do', async () => {
    const { welcome } = await open(path);
    expect(welcome.protocol).toBe(1);
    expect(welcome.capabilities.map(({ name }) => name)).toEqual(expect.arrayContaining(['watch', 'top']));
  });

  test('tells deaths, and at once what is gone already', async () => {
    const native = await open(path);
    const pushes: NativePush[] = [];
    native.onPush(push => pushes.push(push));
    const child = sleeper();
    const process = markOf(child.pid);
    const ended = sleeper();
    const gone = markOf(ended.pid);
    ended.kill('SIGKILL');
    await waitFor(() => readBirth(ended.pid) === '', { what: 'it to be gone' });
    const processes = [
      { name: 'one', process },
      { name: 'two', process: gone },
    ];
    expect(await native.request('watch.add', { processes })).toEqual({ gone: ['two'] });
    child.kill('SIGKILL');
    const died = await waitFor(() => pushes[0], { what: 'the push' });
    expect(died).toEqual({ push: 'died', with: { name: 'one', process, at: expect.any(Number) } });
  });

  test('measures trees', async () => {
    const native = await open(path);
    const roots = [{ name: 'me', process: markOf(process.pid) }];
    const { samples, at } = await native.request('top.sample', { roots });
    expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
    expect(samples).toHaveLength(1);
    expect(samples[0]).toMatchObject({ name: 'me', cpu_ms: expect.any(Number) });
    expect(samples[0]?.rss).toBeGreaterThan(10_000_000);
  });

  test('follows files through rotation', async () => {
    await withFolder(async dir => {
      const log = join(dir, 'log');
      await writeFile(log, 'old\n');
      const native = await open(path);
      const lines: string[] = [];
      native.onPush(push => {
        if (push.push === 'lines') lines.push(...push.with.lines);
      });
      await native.request('tail.add', { name: 'log', path: log });
      await appendFile(log, 'one\n');
      await waitFor(() => lines.length === 1, { what: 'a line' });
      await rename(log, join(dir, 'log.1'));
      await writeFile(log, 'two\n');
      await waitFor(() => lines.length === 2, { what: 'a line of the new file' });
      expect(lines).toEqual(['one', 'two']);
      await expect(native.request('tail.add', { name: 'dir', path: dir })).rejects.toMatchObject({
        code: 'no-file',
      });
    });
  });

  test('a refusal is an error with its code and remedy', async () => {
    const native = await open(path);
    const wrong = { processes: [{ name: '', process: markOf(process.pid) }] };
    await expect(native.request('watch.add', wrong)).rejects.toMatchObject({ code: 'bad-request' });
  });

  test('killed, it is started again, and what was watched is watched again', async () => {
    const log: string[] = [];
    const lives = new NativeKeeper({ program: path, env: process.env, log: line => log.push(line) });
    ends.push(() => lives.close());
    let died = 0;
    const onDied = (): void => {
      died += 1;
    };
    const watch = new NativeWatch({ lives, log: line => log.push(line), onDied });
    const child = sleeper();
    watch.watch([child.pid]);
    const first = await waitFor(() => lives.current?.pid, { what: 'the first life' });
    process.kill(first, 'SIGKILL');
    await waitFor(() => lives.current && lives.current.pid !== first, { what: 'the second life' });
    expect(log).toEqual([expect.stringMatching(/native helper is gone: ended by SIGKILL.* again in 100 ms/)]);
    expect(died).toBe(0);
    child.kill('SIGKILL');
    await waitFor(() => died > 0, { what: 'the death to be told' });
  });

  test('it ends with us', async () => {
    const native = await open(path);
    const { pid } = native;
    native.close();
    expect(native.closed).toBe(true);
    await waitFor(() => readBirth(pid) === '', { what: 'the helper to end' });
    await expect(native.request('ping', {})).rejects.toMatchObject({ code: 'native-gone' });
  });
});

describe('a helper that is not as agreed', () => {
  test('cannot be run: it says so', async () => {
    await expect(openNative('/nowhere/hms-native')).rejects.toMatchObject({ code: 'no-native' });
  });

  test('ends at once, or is another program: hello fails', async () => {
    await withScript('exit 3', async path => {
      await expect(openNative(path)).rejects.toMatchObject({ message: /exit code 3/ });
    });
    await withScript('echo hello; cat', async path => {
      await expect(openNative(path)).rejects.toMatchObject({ code: 'native-gone' });
    });
  });

  test('answers something else: that request fails, and says what to do', async () => {
    await withScript(
      `${HELLO}; read -r line; echo '{"id":2,"ok":true,"result":{"gone":7}}'; cat`,
      async path => {
        const native = await open(path);
        const asked = native.request('watch.add', { processes: [] });
        await expect(asked).rejects.toMatchObject({ code: 'native-malformed', hint: /npm run setup/ });
      },
    );
  });

  test('says what is no answer and no push: it is ended', async () => {
    await withScript(`${HELLO}; echo '{"push":"party","with":{}}'; cat`, async path => {
      const native = await open(path);
      await waitFor(() => native.closed, { what: 'the end' });
    });
  });

  test('does not answer: the deadline does', async () => {
    await withScript(`${HELLO}; cat > /dev/null`, async path => {
      const native = await open(path);
      const asked = native.request('ping', {}, { deadlineMs: 20 });
      await expect(asked).rejects.toMatchObject({ code: 'no-answer' });
    });
  });

  test('speaks another protocol: it is not tried again', async () => {
    const refuses =
      'echo \'{"id":1,"ok":false,"error":{"code":"protocol","message":"2 here","remedy":"build"}}\'; cat';
    await withScript(refuses, async path => {
      const log: string[] = [];
      const lives = new NativeKeeper({ program: path, env: process.env, log: line => log.push(line) });
      ends.push(() => lives.close());
      await waitFor(() => log[0], { what: 'a word in the log' });
      expect(log).toEqual(['going on without the native helper: 2 here']);
    });
  });
});
