/**
 * What a proxy costs when nothing is wrong, and how exactly it delays: a message there and back, a stream as fast as it
 * goes, and 10 to 200 ms of latency. Beside it a direct connection, and socat, HAProxy and Toxiproxy where they are
 * installed, each in turn with ours.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { withFolder } from '../test/support/scratch.ts';
import { waitFor } from '../test/support/wait.ts';
import { nativeProgram } from './helper.ts';
import { clock, type Measured, median, percentile } from './stats.ts';

const PINGS = 400;
const TURNS = 8;
const WARM_UP = 200;
const DELAYS = [10, 50, 100, 200] as const;
const DELAYED = 20;
const STREAM_MS = 700;
const STREAMS = 3;
const RATE = 2_000_000;
const CHUNK = Buffer.alloc(256 * 1024, 'x');

export async function run(): Promise<Measured> {
  const native = nativeProgram();
  return withFolder(async dir => {
    const children: ChildProcess[] = [];
    const start = (program: string, args: readonly string[]): ChildProcess => {
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
      children.push(child);
      return child;
    };
    try {
      const upstream = Number(
        await firstLine(start(process.execPath, [join(import.meta.dirname, 'proxy-peer.ts')])),
      );
      const control = join(dir, 'control.sock');
      const target = `127.0.0.1:${upstream}`;
      const ours = start(native, ['proxy', '--json', '--upstream', target, '--control', control]);
      const { listen } = JSON.parse(await firstLine(ours)) as { listen: { tcp: string } };
      const ports = new Map([
        ['direct', upstream],
        ['ours', Number(listen.tcp.split(':')[1])],
        ...(await peers(dir, upstream, start)),
      ]);
      return await measure(ports, control);
    } finally {
      for (const child of children) child.kill('SIGKILL');
    }
  });
}

async function measure(ports: ReadonlyMap<string, number>, control: string): Promise<Measured> {
  // Held for as long as it is measured: without it, a proxy that nobody controls and nobody uses ends.
  const held = await socketTo(control);
  const pings = await pingAll(ports);
  const streams = new Map<string, number>();
  for (let n = 0; n < STREAMS; n += 1) {
    for (const [name, port] of ports) {
      streams.set(name, Math.max(streams.get(name) ?? 0, await stream(port)));
    }
  }
  const port = ports.get('ours') ?? 0;
  const delays = await delayErrors(port, held);
  const paced = await bandwidthError(port, held);
  held.destroy();
  const direct = middle(pings.get('direct') ?? []);
  const added = (name: string): number => Math.round((middle(pings.get(name) ?? []) - direct) * 1000) / 1000;
  const others = [...ports.keys()].filter(name => name !== 'ours' && name !== 'direct');
  return {
    figures: {
      p50_ms: added('ours'),
      error_pct: Math.max(...delays.map(({ p50 }) => p50), paced),
      gbit_per_s: streams.get('ours') ?? 0,
    },
    env: {
      compared: {
        direct_p50_ms: Math.round(direct * 1000) / 1000,
        direct_gbit_per_s: streams.get('direct') ?? 0,
        ...Object.fromEntries(
          others.flatMap(name => [
            [`${name}_p50_ms`, added(name)],
            [`${name}_gbit_per_s`, streams.get(name) ?? 0],
          ]),
        ),
      },
      delays: Object.fromEntries(delays.map(({ asked, p50, p95 }) => [`${asked}_ms`, { p50, p95 }])),
      bandwidth_error_pct: paced,
    },
    lines: delays.map(
      ({ asked, p50, p95 }) => `  ${asked} ms asked for: off by ${p50} % (p50), ${p95} % (p95)`,
    ),
  };
}

/** The median to the µs: it is about a hundredth of a ms. */
function middle(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

/** Messages of 64 bytes there and back, ms; the ports take turns, so that what else runs is felt by all. */
async function pingAll(ports: ReadonlyMap<string, number>): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  const sockets = new Map<string, Socket>();
  for (const [name, port] of ports) {
    const socket = await socketTo(port);
    socket.write('e');
    sockets.set(name, socket);
    for (let n = 0; n < WARM_UP; n += 1) await ping(socket);
  }
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [name, socket] of sockets) {
      const taken = times.get(name) ?? [];
      for (let n = 0; n < PINGS / TURNS; n += 1) taken.push(await ping(socket));
      times.set(name, taken);
    }
  }
  for (const socket of sockets.values()) socket.destroy();
  return times;
}

const MESSAGE = Buffer.alloc(64, 'm');

function ping(socket: Socket): Promise<number> {
  return new Promise(resolve => {
    let left = MESSAGE.length;
    const begun = clock();
    const hear = (chunk: Buffer): void => {
      left -= chunk.length;
      if (left > 0) return;
      socket.off('data', hear);
      resolve(clock() - begun);
    };
    socket.on('data', hear);
    socket.write(MESSAGE);
  });
}

/** One stream as fast as it goes, Gbit/s, counted by who receives it. */
async function stream(port: number): Promise<number> {
  const socket = await socketTo(port);
  const answer = new Promise<string>(resolve => {
    let text = '';
    socket.on('data', chunk => {
      text += chunk.toString();
    });
    socket.on('end', () => resolve(text));
  });
  socket.write('s');
  const begun = clock();
  while (clock() - begun < STREAM_MS) {
    if (!socket.write(CHUNK)) await once(socket, 'drain');
  }
  socket.write('E');
  const bytes = Number(await answer);
  return Math.round(((bytes * 8) / (clock() - begun) / 1e6) * 100) / 100;
}

/** How far the delay of one direction is off, percent of what was asked for. */
async function delayErrors(
  port: number,
  control: Socket,
): Promise<{ readonly asked: number; readonly p50: number; readonly p95: number }[]> {
  const socket = await socketTo(port);
  socket.write('e');
  for (let n = 0; n < WARM_UP; n += 1) await ping(socket);
  const base: number[] = [];
  for (let n = 0; n < WARM_UP; n += 1) base.push(await ping(socket));
  const errors = [];
  for (const asked of DELAYS) {
    await tell(control, 'toxic.add', {
      name: 'bench',
      toxic: { type: 'latency', latency_ms: asked },
      direction: 'up',
    });
    const off: number[] = [];
    for (let n = 0; n < DELAYED; n += 1) {
      const delay = (await ping(socket)) - median(base);
      off.push((Math.abs(delay - asked) / asked) * 100);
    }
    errors.push({ asked, p50: percentile(off, 50), p95: percentile(off, 95) });
  }
  await tell(control, 'toxic.remove', {});
  socket.destroy();
  return errors;
}

/** How far a stream's rate is off the bandwidth that was asked for, percent. */
async function bandwidthError(port: number, control: Socket): Promise<number> {
  await tell(control, 'toxic.add', {
    name: 'bench',
    toxic: { type: 'bandwidth', bytes_per_s: RATE },
    direction: 'up',
  });
  const socket = await socketTo(port);
  const begun = clock();
  socket.write('s');
  socket.write(Buffer.concat([Buffer.alloc(RATE - 2), Buffer.from('E')]));
  await once(socket, 'data');
  const taken = clock() - begun;
  socket.destroy();
  await tell(control, 'toxic.remove', {});
  return Math.round(Math.abs(taken - 1000) * 10) / 100;
}

let asked = 0;

async function tell(control: Socket, what: string, how: object): Promise<void> {
  asked += 1;
  control.write(`${JSON.stringify({ id: asked, do: what, with: how })}\n`);
  const [answer] = (await once(control, 'data')) as [Buffer];
  if (!answer.toString().includes('"ok":true')) throw new Error(answer.toString());
}

async function socketTo(place: number | string): Promise<Socket> {
  const socket =
    typeof place === 'number'
      ? connect({ port: place, host: '127.0.0.1', noDelay: true })
      : connect({ path: place });
  await once(socket, 'connect');
  return socket;
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no output to read');
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => [''])])) as [
    string,
  ];
  return line;
}

/** Other proxies that are installed, listening. */
async function peers(
  dir: string,
  upstream: number,
  start: (program: string, args: readonly string[]) => ChildProcess,
): Promise<[string, number][]> {
  const found: [string, number][] = [];
  const port = 20_000 + (process.pid % 20_000);
  const socat = which('socat');
  if (socat) {
    start(socat, [
      `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr,nodelay`,
      `TCP:127.0.0.1:${upstream},nodelay`,
    ]);
    found.push(['socat', port]);
  }
  const haproxy = which('haproxy');
  if (haproxy) {
    const file = join(dir, 'haproxy.cfg');
    writeFileSync(
      file,
      `defaults
  mode tcp
  option splice-auto
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen bench
  bind 127.0.0.1:${port + 1}
  server one 127.0.0.1:${upstream}
`,
    );
    start(haproxy, ['-f', file]);
    found.push(['haproxy', port + 1]);
  }
  const toxiproxy = which('toxiproxy-server');
  if (toxiproxy) {
    const file = join(dir, 'toxiproxy.json');
    const one = {
      name: 'bench',
      listen: `127.0.0.1:${port + 2}`,
      upstream: `127.0.0.1:${upstream}`,
      enabled: true,
    };
    writeFileSync(file, JSON.stringify([one]));
    start(toxiproxy, ['-host', '127.0.0.1', '-port', String(port + 3), '-config', file]);
    found.push(['toxiproxy', port + 2]);
  }
  for (const [name, at] of found) {
    await waitFor(async () => (await socketTo(at)).destroy(), { what: `${name} to listen` });
  }
  return found;
}

function which(program: string): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map(folder => join(folder, program));
  return [...places, `/usr/sbin/${program}`].find(place => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
