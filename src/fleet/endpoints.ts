/** Agents' ways out that go through proxies: their names, what agents are told of them, and where they are remembered. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { EndpointConfig } from '../model/fleet.ts';
import { ProxyAddress } from '../protocol/native.ts';
import type { FleetPaths } from './paths.ts';

export type Address = z.infer<typeof ProxyAddress>;

const Remembered = z.record(
  z.string(),
  z.strictObject({
    agent: z.string(),
    listen: ProxyAddress,
    upstream: ProxyAddress,
    control: z.string(),
  }),
);
/** By the proxy's name. An agent that runs has been told the address: it stays the same, whoever comes and goes. */
export type Endpoints = z.infer<typeof Remembered>;

/** Names of proxies: an agent has none with a slash, so no two endpoints have the same. */
export const proxyName = (agent: string, endpoint: string): string => `${agent}/${endpoint}`;

export const endpointsFile = (paths: Pick<FleetPaths, 'state'>): string =>
  join(paths.state, 'endpoints.json');

/** None when there are none yet, or what is there is not ours: then others are chosen. */
export async function readEndpoints(paths: Pick<FleetPaths, 'state'>): Promise<Endpoints> {
  try {
    return Remembered.parse(JSON.parse(await readFile(endpointsFile(paths), 'utf8')));
  } catch {
    return {};
  }
}

/** `HOST:PORT`, or `unix:` and a path, as the schema has made sure. */
export function addressOf(text: string): Address {
  return text.startsWith('unix:') ? { unix: text.slice('unix:'.length) } : { tcp: text };
}

/** What an agent is told: its variables, with the address in place of `{address}`, `{host}` and `{port}`. */
export function endpointEnv(config: EndpointConfig, address: Address): Record<string, string> {
  const whole = 'tcp' in address ? address.tcp : address.unix;
  const colon = 'tcp' in address ? whole.lastIndexOf(':') : whole.length;
  const parts: Readonly<Record<string, string>> = {
    '{address}': whole,
    '{host}': whole.slice(0, colon),
    '{port}': whole.slice(colon + 1),
  };
  const filled = (text: string): string =>
    text.replace(/\{(?:address|host|port)\}/g, part => parts[part] ?? part);
  return Object.fromEntries(Object.entries(config.env).map(([name, text]) => [name, filled(text)]));
}
