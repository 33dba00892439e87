import { expect, test } from 'vitest';
import { addressOf, endpointEnv } from '../../src/fleet/endpoints.ts';
import { AgentConfig } from '../../src/model/fleet.ts';

const env = { URL: 'postgres://app@{address}/app', HOST: '{host}', PORT: '{port}' };

test('an agent is told the address in the form its variables have', () => {
  const config = { upstream: 'db:5432', env };
  expect(endpointEnv(config, { tcp: '127.0.0.1:4242' })).toEqual({
    URL: 'postgres://app@127.0.0.1:4242/app',
    HOST: '127.0.0.1',
    PORT: '4242',
  });
  expect(endpointEnv(config, { tcp: '[::1]:80' })).toMatchObject({ HOST: '[::1]', PORT: '80' });
  expect(
    endpointEnv({ upstream: 'unix:/run/x', env: { SOCKET: '{address}' } }, addressOf('unix:/run/x')),
  ).toEqual({
    SOCKET: '/run/x',
  });
  // What replaces is not read again.
  expect(endpointEnv({ upstream: 'a:1', env: { X: '{address}{port}' } }, { unix: '/{port}' }).X).toBe(
    '/{port}',
  );
});

test.each([
  ['an upstream without a port', { upstream: 'db', env }],
  ['an upstream with a scheme', { upstream: 'http://db:80', env }],
  ['a socket that is not absolute', { upstream: 'unix:run/x', env }],
  ['nobody is told', { upstream: 'db:1', env: {} }],
  ['a variable without an address', { upstream: 'db:1', env: { URL: 'http://db' } }],
])('%s is refused', (_, db) => {
  expect(AgentConfig.safeParse({ command: 'x', endpoints: { db } }).success).toBe(false);
  expect(AgentConfig.safeParse({ command: 'x', endpoints: { db: { upstream: 'db:1', env } } }).success).toBe(
    true,
  );
});
