import { createServer, type Server } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Eyes, look, percentWell } from '../../src/chaos/probes.ts';
import { Provider } from '../../src/chaos/schema.ts';
import type { Value } from '../../src/chaos/tolerance.ts';
import { HmsError } from '../../src/model/errors.ts';
import type { AgentState } from '../../src/model/state.ts';

const agent = (id: string, more: Partial<AgentState> = {}): AgentState =>
  ({ id, driver: 'command', alive: true, status: 'working', wantedDown: false, ...more }) as AgentState;

const eyes: Eyes = {
  agents: () => [],
  reading: () => undefined,
  ping: async () => {},
  cwd: tmpdir(),
  env: process.env,
};
const see = (provider: object, more: Partial<Eyes> = {}): Promise<Value> =>
  look(Provider.parse(provider), { ...eyes, ...more });

let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/slow') return;
    if (request.url === '/away') response.writeHead(302, { location: 'http://example.invalid/' });
    else response.writeHead(request.url === '/bad' ? 503 : 200);
    response.end('all ready');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address ? address.port : 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('a probe', () => {
  test('of http sees status, body and time, and follows no redirect', async () => {
    const url = (path: string): string => `http://127.0.0.1:${port}${path}`;
    expect(await see({ type: 'http', url: url('/') })).toEqual({ is: 'seen', value: 200 });
    expect(await see({ type: 'http', url: url('/bad') })).toEqual({ is: 'seen', value: 503 });
    expect(await see({ type: 'http', url: url('/away') })).toEqual({ is: 'seen', value: 302 });
    expect(await see({ type: 'http', url: url('/'), measure: 'body' })).toEqual({
      is: 'seen',
      value: 'all ready',
    });
    expect(await see({ type: 'http', url: url('/slow'), timeout: '50ms' })).toEqual({
      is: 'failed',
      why: 'timeout',
    });
    expect(await see({ type: 'http', url: 'http://127.0.0.1:1/' })).toMatchObject({ is: 'failed' });
  });

  test('of tcp sees whether somebody is there', async () => {
    expect(await see({ type: 'tcp', port })).toMatchObject({ is: 'seen', value: expect.any(Number) });
    const gone = createTcp().listen(0, '127.0.0.1');
    await new Promise(resolve => gone.once('listening', resolve));
    const address = gone.address();
    const free = typeof address === 'object' && address ? address.port : 1;
    await new Promise(resolve => gone.close(resolve));
    expect(await see({ type: 'tcp', port: free })).toEqual({ is: 'failed', why: 'ECONNREFUSED' });
  });

  test('of a command sees its exit and what it prints, without a shell, and ends one that takes too long', async () => {
    expect(await see({ type: 'exec', argv: ['sh', '-c', 'exit 3'] })).toEqual({ is: 'seen', value: 3 });
    expect(await see({ type: 'exec', argv: ['echo', '$HOME; id'], measure: 'stdout' })).toEqual({
      is: 'seen',
      value: '$HOME; id\n',
    });
    expect(await see({ type: 'exec', argv: ['/no/such/program'] })).toEqual({ is: 'failed', why: 'ENOENT' });
    const slow = ['sh', '-c', 'sleep 60 & sleep 60'];
    expect(await see({ type: 'exec', argv: slow, timeout: '100ms' })).toEqual({
      is: 'failed',
      why: 'timeout',
    });
  });

  test('of the engine sees that it does not answer', async () => {
    expect(await see({ type: 'engine' })).toMatchObject({ is: 'seen' });
    const ping = async (): Promise<void> => {
      throw new HmsError('gone', 'the engine is not there');
    };
    expect(await see({ type: 'engine' }, { ping })).toMatchObject({ is: 'failed' });
  });

  test('of a metric sees the newest reading, and that there is none', async () => {
    const sample = { cpu: 12.5, rss: 1, threads: null, processes: 1, output: null };
    const reading = () => ({ at: 1, cores: 1, samples: { one: sample }, alerts: [], bottleneck: '' });
    const metric = { type: 'metric', agent: 'one', metric: 'cpu' };
    expect(await see(metric, { reading })).toEqual({ is: 'seen', value: 12.5 });
    expect(await see({ ...metric, metric: 'threads' }, { reading })).toMatchObject({ is: 'failed' });
    expect(await see(metric)).toMatchObject({ is: 'failed' });
  });
});

test('how many agents are well leaves out those that a person stopped', () => {
  const all = [
    agent('one'),
    agent('two', { alive: false, status: 'exited' }),
    agent('tea', { status: 'healing' }),
    agent('off', { alive: false, wantedDown: true, status: 'stopped' }),
  ];
  const well = (more: object): number =>
    percentWell(
      Provider.parse({ type: 'agent-state', ...more }) as Extract<Provider, { type: 'agent-state' }>,
      all,
    );
  expect(well({})).toBe(33);
  expect(well({ agents: 'one' })).toBe(100);
  expect(well({ agents: ['t*'] })).toBe(0);
  expect(well({ agents: 'driver:command', status: ['healing'] })).toBe(33);
  expect(well({ agents: 'nobody' })).toBe(0);
});
