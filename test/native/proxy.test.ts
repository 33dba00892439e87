/** Proxies and the harm done to them, through the helper that was built: skipped where it is not (no cargo here). */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Native, openNative } from '../../src/processes/native.ts';
import { findNative } from '../../src/processes/native-program.ts';
import { processAlive, readBirth } from '../../src/processes/process.ts';
import type { Fault, FaultState } from '../../src/protocol/native.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

const program = findNative();
const LONG = { deadlineMs: 20_000 };

const open: { close(): unknown }[] = [];
const proxies = new Set<number>();
afterEach(() => {
  for (const one of open.splice(0)) one.close();
  for (const pid of proxies) if (isProxy(pid)) end(pid);
  proxies.clear();
});

/** It may be ending by itself. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // So it was.
  }
}

/** Only what we started: by its command line, too. */
function isProxy(pid: number): boolean {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).includes(' proxy ');
  } catch {
    return false;
  }
}

async function echo(): Promise<number> {
  const server: Server = createServer(socket => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

async function helper(): Promise<Native> {
  const native = await openNative(program ?? '');
  open.push(native);
  return native;
}

async function socketTo(address: { tcp: string } | { unix: string }): Promise<Socket> {
  const socket =
    'tcp' in address ? connect(Number(address.tcp.split(':').at(-1)), '127.0.0.1') : connect(address.unix);
  open.push({ close: () => socket.destroy() });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** There and back. */
async function ping(socket: Socket, text = 'ping'): Promise<void> {
  let heard = '';
  const hear = (chunk: Buffer): void => {
    heard += chunk.toString();
  };
  socket.on('data', hear);
  socket.write(text);
  await waitFor(() => heard === text, { what: `${text} to come back`, everyMs: 1 });
  socket.off('data', hear);
}

/** What the proxy says of itself. */
async function status(control: string): Promise<{
  pid: number;
  connections: number;
  shaped: number;
  held_bytes: number;
  bytes_lost: number;
  toxics: { name: string; connections: number }[];
}> {
  const socket = await socketTo({ unix: control });
  socket.write('{"id":1,"do":"status","with":{}}\n');
  const [line] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  const { result } = JSON.parse(line.toString());
  proxies.add(result.pid);
  return result;
}

const self = () => ({ pid: process.pid, born: readBirth(process.pid) });

describe.skipIf(!program)('proxies of the native helper (cargo build --release in native/)', () => {
  async function proxied(dir: string, native: Native, listen: { tcp: string } | { unix: string }) {
    const opened = await native.request(
      'proxy.open',
      {
        name: 'builder/db',
        folder: join(dir, 'proxies'),
        listen,
        upstream: { tcp: `127.0.0.1:${await echo()}` },
        owner: self(),
      },
      LONG,
    );
    await status(opened.control);
    return opened;
  }

  test('the hello says what can be done to them, and that the kernel takes it back', async () => {
    const { welcome } = await helper();
    for (const name of [
      'proxy',
      'net_delay',
      'net_loss',
      'net_bandwidth',
      'net_reset',
      'net_drop',
      'net_partition',
    ]) {
      expect(welcome.capabilities.find(one => one.name === name)).toMatchObject({
        available: true,
        privileged: false,
        revert: 'kernel',
      });
    }
  });

  test('bytes go through, on a port or a socket that is ours alone', async () => {
    await withFolder(async dir => {
      const native = await helper();
      const { listen } = await proxied(dir, native, { tcp: '127.0.0.1:0' });
      await ping(await socketTo(listen));
      const path = join(dir, 'proxies', 'x.sock');
      const again = await native.request(
        'proxy.open',
        { name: 'x', folder: join(dir, 'proxies'), listen: { unix: path }, upstream: listen, owner: null },
        LONG,
      );
      proxies.add((await status(again.control)).pid);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      await ping(await socketTo(again.listen));
      await native.request('proxy.close', { name: 'x' });
      expect(existsSync(path)).toBe(false);
    });
  });

  test('what cannot be opened is refused with a reason', async () => {
    await withFolder(async dir => {
      const native = await helper();
      const ask = (listen: { tcp: string } | { unix: string }) =>
        native.request(
          'proxy.open',
          { name: 'p', folder: join(dir, 'proxies'), listen, upstream: { tcp: '127.0.0.1:9' } },
          LONG,
        );
      await expect(ask({ tcp: '0.0.0.0:0' })).rejects.toMatchObject({ code: 'proxy-not-loopback' });
      await expect(ask({ unix: '/tmp/hms-not-ours.sock' })).rejects.toMatchObject({ code: 'proxy-folder' });
      await expect(native.request('proxy.close', { name: 'p' })).rejects.toMatchObject({
        code: 'unknown-proxy',
      });
    });
  });

  test('a proxy outlives its helper, and the next helper takes it over with its connections', async () => {
    await withFolder(async dir => {
      const first = await helper();
      const before = await proxied(dir, first, { tcp: '127.0.0.1:0' });
      const { pid } = await status(before.control);
      const socket = await socketTo(before.listen);
      await ping(socket);
      process.kill(first.pid, 'SIGKILL');
      await waitFor(() => first.closed, { what: 'the helper to be gone' });
      await ping(socket);
      const late = await socketTo(before.listen);
      await ping(late);
      const upstream = { tcp: `127.0.0.1:${await echo()}` };
      const second = await helper();
      const asked = {
        name: 'builder/db',
        folder: join(dir, 'proxies'),
        listen: before.listen,
        owner: self(),
      };
      // To somewhere else: the old one passes on what it has, a new one takes the port.
      const other = await second.request('proxy.open', { ...asked, upstream }, LONG);
      expect(other.adopted).toBe(false);
      expect(other.listen).toEqual(before.listen);
      await status(other.control);
      await ping(socket);
      const third = await helper();
      const same = await third.request('proxy.open', { ...asked, upstream }, LONG);
      expect(same).toEqual({ ...other, adopted: true });
      socket.destroy();
      late.destroy();
      await waitFor(() => !processAlive(pid, ''), { what: 'the old one to end with its last connection' });
    });
  });

  test('a proxy that is killed comes back where it was', async () => {
    await withFolder(async dir => {
      const native = await helper();
      const { listen, control } = await proxied(dir, native, { tcp: '127.0.0.1:0' });
      const { pid } = await status(control);
      process.kill(pid, 'SIGKILL');
      await waitFor(async () => (await status(control)).pid !== pid, { what: 'another one' });
      await ping(await socketTo(listen));
      await native.request('proxy.close', { name: 'builder/db' });
    });
  });

  async function scoped(dir: string, native: Native, control: string): Promise<void> {
    await native.request('chaos.open', {
      folder: join(dir, 'chaos'),
      halt_file: join(dir, 'halt'),
      targets: [
        { name: 'builder', kind: 'service', process: child(dir) },
        { name: 'other', kind: 'service', process: child(dir) },
      ],
      proxies: [{ name: 'builder/db', control, target: 'builder' }],
      limits: { pressure_percent: 100 },
    });
  }

  /** A process of ours that may be named as a target: the helper and what is above it may not. */
  function child(dir: string): { pid: number; born: string } {
    const pid = Number(
      execFileSync('sh', ['-c', 'sleep 60 >/dev/null 2>&1 </dev/null & echo $!'], {
        cwd: dir,
        encoding: 'utf8',
      }),
    );
    open.push({ close: () => process.kill(pid, 'SIGKILL') });
    return { pid, born: readBirth(pid) };
  }

  const inject = (native: Native, fault: Fault, targets = ['builder']) =>
    native.request('chaos.inject', { id: 'it', fault, targets, for_ms: 20_000 }, LONG);

  const FAULTS: readonly Fault[] = [
    {
      fault: 'net_delay',
      proxy: 'builder/db',
      direction: 'both',
      toxicity: 1,
      delay_ms: 9_000,
      jitter_ms: 10,
    },
    { fault: 'net_loss', proxy: 'builder/db', direction: 'up', toxicity: 1, percent: 100 },
    { fault: 'net_bandwidth', proxy: 'builder/db', direction: 'down', toxicity: 1, bytes_per_s: 1 },
    { fault: 'net_partition' },
  ];

  test.each(FAULTS)('$fault holds bytes back, and lets them go when it is halted', async fault => {
    await withFolder(async dir => {
      const native = await helper();
      const { listen, control } = await proxied(dir, native, { tcp: '127.0.0.1:0' });
      await scoped(dir, native, control);
      const socket = await socketTo(listen);
      await ping(socket);
      const plan = await inject(native, fault);
      expect(plan.mechanism).toBe('proxy');
      expect(plan.reverts.map(({ by }) => by)).toEqual(['kernel']);
      expect((await status(control)).shaped).toBe(1);
      let back = '';
      socket.on('data', (chunk: Buffer) => {
        back += chunk.toString();
      });
      socket.write('held back');
      const { faults } = await native.request('chaos.halt', {}, LONG);
      expect(faults).toMatchObject([{ id: 'it', phase: 'reverted', residues: [] }]);
      await waitFor(() => back === 'held back', { what: 'the bytes' });
      expect(await status(control)).toMatchObject({ toxics: [], shaped: 0, held_bytes: 0 });
    });
  });

  test('net_drop and net_reset end connections, and not those that come after them', async () => {
    await withFolder(async dir => {
      const native = await helper();
      const { listen, control } = await proxied(dir, native, { tcp: '127.0.0.1:0' });
      await scoped(dir, native, control);
      const way = { proxy: 'builder/db', direction: 'both', toxicity: 1 } as const;
      for (const fault of [
        { fault: 'net_drop', ...way },
        { fault: 'net_reset', ...way, after_ms: 0 },
      ] as const) {
        const socket = await socketTo(listen);
        await ping(socket);
        let failure = '';
        socket.on('error', error => {
          failure = 'code' in error ? String(error.code) : error.message;
        });
        const ended = new Promise(resolve => socket.once('close', resolve));
        await inject(native, fault);
        socket.write('lost');
        if (fault.fault === 'net_drop')
          await waitFor(async () => (await status(control)).bytes_lost === 4, {
            what: 'the bytes to vanish',
          });
        await native.request('chaos.halt', {}, LONG);
        await ended;
        expect(failure).toMatch(/^(ECONNRESET|EPIPE)$/);
        await ping(await socketTo(listen));
      }
    });
  });

  test('with everybody who knows of a fault killed, the proxy knows nothing of it either', async () => {
    await withFolder(async dir => {
      const native = await helper();
      const { listen, control } = await proxied(dir, native, { tcp: '127.0.0.1:0' });
      await scoped(dir, native, control);
      const socket = await socketTo(listen);
      await ping(socket);
      await inject(native, { fault: 'net_partition' });
      const ours = family(native.pid).filter(pid => !proxies.has(pid));
      expect(ours.length).toBe(3);
      // The actor first: it ends with the others.
      for (const pid of ours.toReversed()) end(pid);
      await ping(socket, 'through');
      expect(await status(control)).toMatchObject({ toxics: [], shaped: 0 });
    });
  });

  /** The process and those below it, as far as they are the helper's. */
  function family(pid: number): number[] {
    const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
    const pairs = table
      .trim()
      .split('\n')
      .map(line => line.trim().split(/\s+/).map(Number));
    const below = pairs.filter(([, parent]) => parent === pid).map(([child = 0]) => child);
    return [pid, ...below.flatMap(family)];
  }

  test('a proxy is harmed only in the name of whose it is', async () => {
    await withFolder(async dir => {
      const native = await helper();
      const { control } = await proxied(dir, native, { tcp: '127.0.0.1:0' });
      await scoped(dir, native, control);
      const fault = { fault: 'net_drop', proxy: 'builder/db', direction: 'both', toxicity: 1 } as const;
      await expect(inject(native, fault, ['other'])).rejects.toMatchObject({ code: 'needs-target' });
      await expect(inject(native, { ...fault, proxy: 'x' })).rejects.toMatchObject({ code: 'unknown-proxy' });
      await expect(inject(native, { fault: 'net_partition' }, ['other'])).rejects.toMatchObject({
        code: 'cannot-here',
      });
      expect((await status(control)).toxics).toEqual([]);
    });
  });

  test('how many connections it met is told while it lasts', async () => {
    await withFolder(async dir => {
      const native = await helper();
      const { listen, control } = await proxied(dir, native, { tcp: '127.0.0.1:0' });
      await scoped(dir, native, control);
      const told: FaultState[] = [];
      native.onPush(push => {
        if (push.push === 'fault') told.push(push.with);
      });
      await inject(native, { fault: 'net_partition' });
      for (let n = 0; n < 3; n += 1) await socketTo(listen);
      await waitFor(() => told.some(({ detail }) => detail['connections'] === 3), { what: 'three' });
      await native.request('chaos.halt', {}, LONG);
    });
  });
});

test('where the helper is not built the others of this file are skipped, and only there', () => {
  if (program) expect(readFileSync(program).length).toBeGreaterThan(0);
  else console.info('the native helper is not built (no cargo?): its proxies are not tested here');
});
