import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FleetFileError } from '../../src/fleet/issue.ts';
import { loadFleet } from '../../src/fleet/load.ts';

async function agentsOf(yaml: string): Promise<string[] | Record<string, unknown>> {
  const dir = await mkdtemp(join(tmpdir(), 'hms-healing-'));
  try {
    await writeFile(join(dir, 'hms.yaml'), `fleet: unit\nagents:\n${yaml}`);
    const { config } = await loadFleet(join(dir, 'hms.yaml'));
    return config.agents;
  } catch (error) {
    if (!(error instanceof FleetFileError)) throw error;
    return error.issues.map(issue => `${issue.line}: ${issue.path}: ${issue.reason}`);
  } finally {
    await rm(dir, { recursive: true });
  }
}

test('a level alone stands for the section, and without the section there is none', async () => {
  const agents = await agentsOf(`  a: { command: "true", healing: hybrid }
  b: { command: "true", healing: { level: hybrid } }
  c: { command: "true" }
`);
  if (Array.isArray(agents)) throw new Error(agents.join('\n'));
  const { a, b, c } = agents as Record<string, { healing?: unknown }>;
  expect(a?.healing).toMatchObject({ level: 'hybrid', silence: 0, verify: 3000, patience: 15_000 });
  expect(b?.healing).toEqual(a?.healing);
  expect(c).not.toHaveProperty('healing');
});

test('every slip in it is told at once, with its line', async () => {
  expect(
    await agentsOf(`  a: { command: "true", healing: hybird }
  b:
    command: "true"
    healing:
      silense: 5s
      probes:
        both: { http: "http://x/", tcp: "a:1" }
        bare: { tcp: redis }
        new: { exec: "true", fresh: 3s }
        busy: { tcp: "a:1", every: 0s, timeout: 0ms }
      ladder: { hang: [nuge] }
`),
  ).toEqual([
    '3: agents.a.healing: "hybird" is not possible here',
    '7: agents.b.healing.silense: there is no such key',
    '9: agents.b.healing.probes.both: a probe has exactly one of exec, http, tcp and file',
    '10: agents.b.healing.probes.bare.tcp: it is written host:port',
    '13: agents.b.healing.ladder.hang[0]: "nuge" is not possible here',
  ]);
  expect(
    await agentsOf(`  b:
    command: "true"
    healing:
      probes:
        new: { exec: "true", fresh: 3s }
        busy: { tcp: "a:1", every: 0s, timeout: 0ms }
      depends: { db: { exec: [""] } }
`),
  ).toEqual([
    '7: agents.b.healing.probes.new.fresh: "fresh" is about a file',
    '8: agents.b.healing.probes.busy.every: there is no time between two looks',
    '8: agents.b.healing.probes.busy.timeout: no look can be that quick',
    '9: agents.b.healing.depends.db.exec: the program has no name',
  ]);
});

test('alternatives that nobody could tell apart, that the driver can do nothing with, or that are ours to set', async () => {
  const alternatives = (rest: string) =>
    agentsOf(`  a:
    command: "true"
    healing:
      swap:
${rest}`);
  expect(
    await alternatives(`        - { model: opus }
        - { env: { HMS_TOKEN: x, URL: y } }
        - { name: u, env: { URL: y } }
        - { name: u, env: { URL: z } }
`),
  ).toEqual([
    '7: agents.a.healing.swap[0].model: the command driver cannot be told a model',
    '8: agents.a.healing.swap[1].env.HMS_TOKEN: hms-tui sets this itself',
    '10: agents.a.healing.swap[3]: another one has that name',
  ]);
  expect(await alternatives('        - { name: nothing }\n')).toEqual([
    '7: agents.a.healing.swap[0]: it has neither a model nor env',
  ]);
});
