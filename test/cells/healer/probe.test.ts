import { once } from 'node:events';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Lookout } from '../../../src/cells/healer/lookout.ts';
import { probe } from '../../../src/cells/healer/probe.ts';
import { DependencyConfig, HealingConfig, ProbeConfig } from '../../../src/model/healing.ts';

const here = { cwd: '/', env: process.env, now: Date.now };
const means = (given: object): ProbeConfig => ProbeConfig.parse({ timeout: '5s', ...given });

function portOf(server: { address(): unknown }): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null || !('port' in address)) throw new Error('no port');
  return Number(address.port);
}

test('a command is good when it exits 0, and ended when it takes too long', async () => {
  expect(await probe(means({ exec: 'exit 0' }), here)).toMatchObject({ ok: true });
  expect(await probe(means({ exec: ['sh', '-c', 'exit 3'] }), here)).toMatchObject({
    ok: false,
    words: 'exit 3',
  });
  expect(await probe(means({ exec: ['no-such-program'] }), here)).toMatchObject({
    ok: false,
    words: 'ENOENT',
  });
  expect(await probe(means({ exec: 'sleep 1000', timeout: '100ms' }), here)).toMatchObject({ ok: false });
});

test('a URL is good below 400, a port when it accepts', async () => {
  const http = createHttp((request, answer) => answer.writeHead(request.url === '/well' ? 204 : 503).end());
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const base = `127.0.0.1:${portOf(http)}`;
  expect(await probe(means({ http: `http://${base}/well` }), here)).toMatchObject({
    ok: true,
    words: 'HTTP 204',
  });
  expect(await probe(means({ http: `http://${base}/` }), here)).toMatchObject({
    ok: false,
    words: 'HTTP 503',
  });
  expect(await probe(means({ tcp: base }), here)).toMatchObject({ ok: true });
  http.closeAllConnections();
  await new Promise(resolve => http.close(resolve));
  expect(await probe(means({ tcp: base }), here)).toMatchObject({ ok: false, words: 'ECONNREFUSED' });
});

test('who accepts and says nothing has failed by its deadline', async () => {
  const mute = createServer(() => {});
  await once(mute.listen(0, '127.0.0.1'), 'listening');
  const given = means({ http: `http://127.0.0.1:${portOf(mute)}/`, timeout: '100ms' });
  expect(await probe(given, here)).toMatchObject({ ok: false });
  mute.close();
});

test('a file is good when it is there, and fresh when that is asked', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hms-probe-'));
  const around = { ...here, cwd: dir };
  expect(await probe(means({ file: 'beat' }), around)).toMatchObject({ ok: false, words: 'ENOENT' });
  await writeFile(join(dir, 'beat'), '');
  expect(await probe(means({ file: 'beat', fresh: '1m' }), around)).toMatchObject({ ok: true });
  await utimes(join(dir, 'beat'), 1, 1);
  expect(await probe(means({ file: 'beat' }), around)).toMatchObject({ ok: true });
  expect(await probe(means({ file: 'beat', fresh: '1m' }), around)).toMatchObject({ ok: false });
  await rm(dir, { recursive: true });
});

test('a dependency is down after so many failed looks, or at once when somebody waits for the answer', async () => {
  let up = true;
  let timers: (() => void)[] = [];
  const told: string[] = [];
  const config = HealingConfig.parse({ depends: { db: { tcp: 'a:1', failures: 2 } } });
  expect(config.depends['db']).toEqual(DependencyConfig.parse({ tcp: 'a:1', failures: 2 }));
  const lookout = new Lookout(
    {
      config,
      look: async () => ({ ok: up, words: up ? 'connected' : 'ECONNREFUSED', tookMs: 1 }),
      after: (_, callback) => {
        timers.push(callback);
        return () => {
          timers = timers.filter(one => one !== callback);
        };
      },
      now: () => 0,
      random: () => 0.5,
      isAlive: () => true,
      isWanted: () => true,
      mayProbe: () => true,
      onProbe: () => {},
      onDependency: (name, is) => told.push(`${name} ${is ? 'up' : 'down'}`),
    },
    {},
  );
  const ring = async (): Promise<void> => {
    const due = timers.splice(0);
    for (const callback of due) callback();
    while (timers.length === 0) await Promise.resolve();
  };
  await ring();
  up = false;
  await ring();
  expect(told).toEqual([]);
  await ring();
  expect(told).toEqual(['db down']);
  up = true;
  await ring();
  expect(told).toEqual(['db down', 'db up']);
  up = false;
  expect(await lookout.down()).toEqual(['db']);
  expect(told).toEqual(['db down', 'db up', 'db down']);
  lookout.stop();
  expect(timers).toEqual([]);
});
