import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { notRunning, openLink } from '../../src/cli/operator-link.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { fleetPaths } from '../../src/fleet/paths.ts';
import { prepareFolders, writeCard } from '../../src/fleet/registry.ts';
import type { Event } from '../../src/model/event.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';

afterEach(() => vi.unstubAllEnvs());

test('an event that comes in the same read as the welcome is told, and so is a later one', async () => {
  await withFolder(async dir => {
    vi.stubEnv('HMS_HOME', dir);
    vi.stubEnv('HMS_AGENT', '');
    const paths = fleetPaths('unit', dir);
    await prepareFolders(paths);
    const file = join(dir, 'hms.yaml');
    await writeFile(file, 'fleet: unit\nagents:\n  one: { command: cat }\n');
    await writeCard(paths, await loadFleet(file));
    const event = (seq: number) => `${JSON.stringify({ push: 'event', event: { seq } })}\n`;
    const says = [`{"id":1,"ok":true,"result":{}}\n${event(1)}${event(2)}`, event(3)];
    const server = createServer(socket => {
      socket.on('data', () => socket.write(says.shift() ?? ''));
    });
    await new Promise<void>(listening => server.listen(paths.operatorSocket, listening));
    const { client, onEvent } = await openLink({ fleet: 'unit', follow: true });
    try {
      const seen: number[] = [];
      onEvent((told: Event) => seen.push(told.seq));
      expect(seen).toEqual([1, 2]);
      client.request('ping', {}).catch(() => {});
      await waitFor(() => seen.length > 2, { what: 'the later event' });
      expect(seen).toEqual([1, 2, 3]);
    } finally {
      client.close();
      server.close();
    }
  });
});

test('a fleet that does not run is named as people call it', async () => {
  await withFolder(async dir => {
    vi.stubEnv('HMS_HOME', dir);
    expect(notRunning(fleetPaths('p12', dir)).message).toBe('the fleet p12 is not running');
  });
});

test.each([[[]], [['attach']], [['demo']], [['status']], [['approvals', 'list']], [['ls']], [['down']]])(
  'inside an agent %j is refused',
  async words => {
    vi.stubEnv('HMS_AGENT', 'builder');
    const program = await buildProgram('hms');
    await expect(program.parseAsync(words, { from: 'user' })).rejects.toMatchObject({ code: 'agent-inside' });
  },
);
