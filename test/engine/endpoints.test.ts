/** Endpoints of agents: through proxies where the native helper is built (skipped without cargo), straight without it. */

import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readEndpoints } from '../../src/fleet/endpoints.ts';
import { findNative } from '../../src/processes/native-program.ts';
import { processRuns } from '../../src/processes/process.ts';
import { type Bench, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';

const open: { close(): unknown }[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const one of open.splice(0)) one.close();
});

async function upstream(): Promise<string> {
  const server = createServer(socket => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  const address = server.address();
  return `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

const fleet = (address: string, title = '') => `fleet: unit
agents:
  one:
    command: 'echo "$DB $PORT" > told-$HMS_AGENT; exec sleep 1000000'
    title: '${title}'
    endpoints:
      db: { upstream: '${address}', env: { DB: 'tcp://{address}/db', PORT: '{port}' } }
`;

async function told(bench: Bench): Promise<string> {
  const file = join(bench.dir, 'told-one');
  return waitFor(() => existsSync(file) && readFileSync(file, 'utf8').trim(), {
    what: 'what the agent was told',
  });
}

async function passes(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':');
  const socket = connect(Number(port), host);
  socket.on('error', () => {});
  socket.write('ping');
  const heard = await Promise.race([
    once(socket, 'data').then(([data]) => String(data)),
    once(socket, 'close').then(() => ''),
  ]).catch(() => '');
  socket.destroy();
  return heard === 'ping';
}

test('without the helper an agent goes straight to the upstream', async () => {
  vi.stubEnv('HMS_NATIVE', 'off');
  const address = await upstream();
  await withEngine(fleet(address), async bench => {
    expect(await told(bench)).toBe(`tcp://${address}/db ${address.split(':')[1]}`);
    expect(await readEndpoints(bench.paths)).toEqual({});
  });
});

describe.skipIf(!findNative())('with the native helper (cargo build --release in native/)', () => {
  test('an agent goes through a proxy, which outlives engines and goes with the fleet', async () => {
    const address = await upstream();
    let pid = 0;
    await withEngine(fleet(address), async bench => {
      const words = await told(bench);
      const { listen, control } = (await readEndpoints(bench.paths))['one/db'] ?? {};
      const through = listen && 'tcp' in listen ? listen.tcp : '';
      expect(words).toBe(`tcp://${through}/db ${through.split(':')[1]}`);
      expect(through).not.toBe(address);
      expect(await passes(through)).toBe(true);
      pid = await pidOf(control ?? '');

      await bench.engine.stop('test');
      expect(await passes(through)).toBe(true);
      await bench.again();
      expect((await readEndpoints(bench.paths))['one/db']?.listen).toEqual(listen);
      expect(await pidOf(control ?? '')).toBe(pid);
      expect(processRuns(pid)).toBe(true);
    });
    await waitFor(() => !processRuns(pid), { what: 'the proxy to end with the fleet' });
  });

  test('when the upstream changes the proxy stays where it is and goes there', async () => {
    const [before, after] = [await upstream(), '127.0.0.1:9'];
    await withEngine(fleet(before), async bench => {
      await told(bench);
      const { listen } = (await readEndpoints(bench.paths))['one/db'] ?? {};
      await bench.engine.stop('test');
      await writeFile(join(bench.dir, 'hms.yaml'), fleet(after, 'changed'));
      await bench.again();
      const now = (await readEndpoints(bench.paths))['one/db'];
      expect(now).toMatchObject({ listen, upstream: { tcp: after } });
      expect(await passes(listen && 'tcp' in listen ? listen.tcp : '')).toBe(false);
    });
  });
});

async function pidOf(control: string): Promise<number> {
  const socket = connect(control);
  socket.write('{"id":1,"do":"status","with":{}}\n');
  const [line] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return JSON.parse(line.toString()).result.pid;
}
