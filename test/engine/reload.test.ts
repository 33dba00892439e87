/** A fleet file that changes while its fleet runs: shown, agreed to, carried out; and never in force by itself. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configurationOf } from '../../src/engine/configuration.ts';
import { configuredDrafts } from '../../src/engine/configured.ts';
import { fleetChange } from '../../src/fleet/changes.ts';
import { keepConfiguration } from '../../src/fleet/kept.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { AgentId, Digest } from '../../src/model/ids.ts';
import type { FleetState } from '../../src/model/state.ts';
import { type Bench, OWNER, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';
import { repository, run } from '../worktrees/repository.ts';

const sleeper = 'command: [sleep, "1000000"]';
const BEFORE = `fleet: unit
agents:
  stays: { ${sleeper} }
  goes: { ${sleeper} }
  changes: { ${sleeper}, env: { KEY: secret } }
`;
const AFTER = `fleet: unit
agents:
  fresh: { ${sleeper}, needs: [changes] }
  stays: { ${sleeper}, title: told anew }
  changes: { ${sleeper}, env: { KEY: another } }
`;

const write = (bench: Bench, yaml: string) => writeFile(join(bench.dir, 'hms.yaml'), yaml);
const pid = (state: FleetState, id: string): number => (state.agents[id]?.alive ? state.agents[id].pid : 0);
const up = (bench: Bench, ...ids: string[]) =>
  bench.until(`${ids} to run`, s => ids.every(id => pid(s, id) > 0));

async function proposed(bench: Bench): Promise<Digest> {
  return (await bench.event('config.proposed')).data.revision;
}

test('a change is shown and changes nothing; agreed to, it changes what it says and nothing else', async () => {
  await withEngine(BEFORE, async bench => {
    const before = await up(bench, 'stays', 'goes', 'changes');
    const { client } = await bench.person(undefined, 'watch');
    await write(bench, AFTER);
    const revision = await proposed(bench);
    const { change } = (await bench.event('config.proposed')).data;
    expect(change.agents).toEqual([
      expect.objectContaining({ agent: 'fresh', what: 'added' }),
      {
        agent: 'stays',
        what: 'changed',
        restart: false,
        fields: [{ name: 'title', from: '', to: 'told anew' }],
      },
      {
        agent: 'changes',
        what: 'changed',
        restart: true,
        fields: [{ name: 'env.KEY', from: 'set', to: 'set otherwise' }],
      },
      expect.objectContaining({ agent: 'goes', what: 'removed' }),
    ]);
    expect(JSON.stringify(bench.events())).not.toMatch(/secret|another/);
    expect(pid(bench.state(), 'goes')).toBe(pid(before, 'goes'));

    await client.request('fleet.reload', { revision });
    await bench.event('config.applied');
    const after = await up(bench, 'fresh');
    expect(pid(after, 'stays')).toBe(pid(before, 'stays'));
    expect(after.agents['stays']).toMatchObject({ incarnation: 1, title: 'told anew' });
    expect(after.agents['changes']).toMatchObject({ incarnation: 2, alive: true });
    expect(after.order).toEqual(['fresh', 'stays', 'changes']);
    expect(after.agents['goes']).toBeUndefined();
    expect(after.config).toEqual({ revision, proposal: null, due: null });
    const configured = bench.events().filter(e => e.kind === 'fleet.configured');
    expect(configured.at(-1)?.actor).toMatchObject({ type: 'operator', id: OWNER });
    await expect(client.request('fleet.reload', { revision })).rejects.toThrow('in force already');
  });
});

test('an agent that is removed takes its question and its incident along', async () => {
  const fleet = (more: string) => `fleet: unit\nagents:\n  stays: { ${sleeper} }\n${more}`;
  const fails = fleet('  goes: { command: ["/no/such/program"] }\n');
  const outcome = 'the agent was removed from the fleet file';
  await withEngine(fails, async bench => {
    const asked = await bench.until('it to be asked about', s => Object.keys(s.pending).length === 1);
    const [[request], [incident]] = [Object.keys(asked.pending), Object.keys(asked.incidents)];
    const { client } = await bench.person(undefined, 'watch');
    await write(bench, fleet(''));
    await client.request('fleet.reload', { revision: await proposed(bench) });
    const { pending, incidents } = bench.state();
    expect({ pending, incidents }).toEqual({ pending: {}, incidents: {} });
    const settled = await bench.event('gate.settled', e => e.data.request === request);
    expect(settled.data).toMatchObject({ outcome: 'withdrawn', reason: outcome });
    const closed = await bench.event('incident.closed', e => e.data.incident === incident);
    expect(closed.data.outcome).toBe(outcome);
  });
});

test('two who agree at once: one puts it in force, the other is told', async () => {
  await withEngine(BEFORE, async bench => {
    await up(bench, 'stays', 'goes', 'changes');
    const people = await Promise.all([bench.person(undefined, 'watch'), bench.person(undefined, 'watch')]);
    await write(bench, AFTER);
    const revision = await proposed(bench);
    const outcomes = await Promise.allSettled(
      people.map(({ client }) => client.request('fleet.reload', { revision })),
    );
    expect(outcomes.map(o => o.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(String(outcomes.find(o => o.status === 'rejected')?.reason)).toContain('in force already');
    expect(bench.events().filter(e => e.kind === 'config.applied')).toHaveLength(1);
    expect((await up(bench, 'changes')).agents['changes']?.incarnation).toBe(2);
  });
});

test('takes no frozen agent out from under the brake', async () => {
  await withEngine(BEFORE, async bench => {
    const before = await up(bench, 'stays', 'goes', 'changes');
    const { client } = await bench.person(undefined, 'watch');
    await client.request('fleet.freeze', { agents: [AgentId.parse('changes')] });
    await write(bench, AFTER);
    const revision = await proposed(bench);
    await expect(client.request('fleet.reload', { revision })).rejects.toThrow(
      'changes is frozen, and this change would end it',
    );
    expect(pid(bench.state(), 'changes')).toBe(pid(before, 'changes'));
    expect(pid(bench.state(), 'goes')).toBe(pid(before, 'goes'));
    expect(bench.state().config.proposal).toMatchObject({ revision });
    await client.request('fleet.thaw', { agents: [] });
    await client.request('fleet.reload', { revision });
    expect((await up(bench, 'changes')).agents['changes']?.incarnation).toBe(2);
  });
});

test('an agent that is just being started when the yes comes runs as the yes says', async () => {
  const fleet = (key: string) => `fleet: unit
agents:
  slow: { command: "echo $KEY > key; exec sleep 1000000", cwd: repo, worktree: true, env: { KEY: ${key} } }
`;
  // Its tree is being checked out for as long as there is a file `wait`.
  const slowly = (dir: string): void => {
    const [begun, wait] = [join(dir, 'begun'), join(dir, 'wait')];
    writeFileSync(wait, '');
    repository(join(dir, 'repo'), { '.gitattributes': 'a.txt filter=slow', 'a.txt': 'x' });
    const smudge = `touch ${begun}; while [ -e ${wait} ]; do sleep 0.05; done; cat`;
    run(join(dir, 'repo'), 'config', 'filter.slow.smudge', smudge);
  };
  await withEngine(
    fleet('one'),
    async bench => {
      await waitFor(() => existsSync(join(bench.dir, 'begun')), { what: 'the start to begin' });
      const { client } = await bench.person(undefined, 'watch');
      await write(bench, fleet('two'));
      const revision = await proposed(bench);
      const reloaded = client.request('fleet.reload', { revision });
      await client.request('ping', {});
      await rm(join(bench.dir, 'wait'));
      await reloaded;
      const { agents } = await up(bench, 'slow');
      const key = join(agents['slow']?.cwd ?? '', 'key');
      await waitFor(() => readFileSync(key, 'utf8') === 'two\n', { what: 'the new environment' });
    },
    {},
    slowly,
  );
});

test('what cannot be used is refused with its place, and what was in force stays', async () => {
  await withEngine(BEFORE, async bench => {
    const before = await up(bench, 'stays', 'goes', 'changes');
    const { client } = await bench.person(undefined, 'watch');
    await write(bench, BEFORE.replace('env:', 'evn:'));
    const { problems } = (await bench.event('config.refused')).data;
    expect(problems.join('\n')).toMatch(/hms\.yaml:5:\d+ agents\.changes\.evn: .*env/);
    const revision = Digest.parse('0'.repeat(64));
    await expect(client.request('fleet.reload', { revision })).rejects.toThrow('cannot be used');
    await write(bench, BEFORE.replace('fleet: unit', 'fleet: other'));
    await bench.until('the name to be refused', s =>
      JSON.stringify(s.config.proposal).includes('calls the fleet other'),
    );
    // As editors do: another file takes its place.
    await writeFile(join(bench.dir, 'new'), BEFORE);
    await rename(join(bench.dir, 'new'), join(bench.dir, 'hms.yaml'));
    await bench.event('config.withdrawn');
    expect(pid(bench.state(), 'changes')).toBe(pid(before, 'changes'));
    await rm(join(bench.dir, 'hms.yaml'));
    await bench.until('its loss to be told', s =>
      JSON.stringify(s.config.proposal).includes('it is not there'),
    );
  });
});

test('consent is to exactly the bytes that were shown, by somebody who may operate', async () => {
  await withEngine(`${BEFORE}operators: { bob: viewer, carol: operator }\n`, async bench => {
    await write(bench, AFTER);
    const revision = await proposed(bench);
    const viewer = await bench.person('bob', 'observe');
    await expect(viewer.client.request('fleet.reload', { revision })).rejects.toMatchObject({
      message: 'a viewer may only look',
      // No other mode would help.
      hint: expect.stringContaining('the fleet file says who may do what'),
    });
    expect(await viewer.client.request('fleet.look', {})).toMatchObject({ proposal: { revision } });
    const carol = await bench.person('carol', 'prepare');
    await expect(carol.client.request('fleet.reload', { revision })).rejects.toMatchObject({
      message: expect.stringContaining('not in prepare mode'),
      hint: expect.stringContaining('m changes the mode'),
    });
    await carol.client.request('mode.set', { mode: 'watch' });
    await write(bench, AFTER.replace('told anew', 'told otherwise'));
    await expect(carol.client.request('fleet.reload', { revision })).rejects.toThrow(
      'changed since you looked',
    );
    await write(bench, AFTER.replace('agents:', 'operators: { carol: viewer }\nagents:'));
    const { proposal } = (await carol.client.request('fleet.look', {})) as { proposal: { revision: Digest } };
    await carol.client.request('fleet.reload', { revision: proposal.revision });
    expect(bench.state().sessions[carol.welcome.session]?.mode).toBe('observe');
    await expect(carol.client.request('mode.set', { mode: 'watch' })).rejects.toThrow('a viewer cannot');
  });
});

test('a policy that changes is a change too, and decides from the yes on', async () => {
  const policy = 'permit (principal, action, resource);\n';
  await withEngine(
    `${BEFORE}policies: [team.cedar]\n`,
    async bench => {
      const { client } = await bench.person(undefined, 'watch');
      await writeFile(join(bench.dir, 'team.cedar'), 'permit (principal,\n');
      expect((await bench.event('config.refused')).data.problems.join()).toMatch(/team\.cedar:\d+:\d+/);
      await writeFile(
        join(bench.dir, 'team.cedar'),
        `// nothing is let through\n${policy.replace('permit', 'forbid')}`,
      );
      const revision = await proposed(bench);
      const before = bench.state().policy;
      await client.request('fleet.reload', { revision });
      expect(bench.state().policy).not.toBe(before);
      const agent = await bench.agent('stays');
      const action = { tool: 'exec', input: { argv: ['ls'] }, cwd: bench.dir };
      const answer = await agent.request('gate.ask', { request: 'r-abcdef', action });
      expect(answer).toMatchObject({ outcome: 'forbidden' });
    },
    { 'team.cedar': policy },
  );
});

describe('an engine that comes back', () => {
  test('goes on with what was in force when the file is broken, and says so', async () => {
    await withEngine(BEFORE, async bench => {
      const before = await up(bench, 'stays', 'goes', 'changes');
      await bench.engine.stop('test');
      await write(bench, 'fleet: [');
      await bench.again(false);
      const after = await up(bench, 'stays', 'goes', 'changes');
      expect(pid(after, 'goes')).toBe(pid(before, 'goes'));
      expect(after.config.proposal).toMatchObject({ is: 'refused' });
      const { welcome } = await bench.person();
      expect(JSON.stringify(welcome.tail)).toContain('cannot be used: the engine goes on');
    });
  });

  test('waits for consent to what changed meanwhile', async () => {
    await withEngine(BEFORE, async bench => {
      await up(bench, 'goes');
      await bench.engine.stop('test');
      await write(bench, AFTER);
      await bench.again(false);
      await bench.event('config.proposed');
      expect(bench.state().order).toContain('goes');
    });
  });

  test('finishes a change the last one had begun', async () => {
    await withEngine(BEFORE, async bench => {
      const before = await up(bench, 'stays', 'goes', 'changes');
      const old = await configurationOf(await loadFleet(join(bench.dir, 'hms.yaml')));
      await write(bench, AFTER);
      const next = await configurationOf(await loadFleet(join(bench.dir, 'hms.yaml')));
      await keepConfiguration(bench.paths, next);
      const actor = { type: 'operator', id: OWNER, via: 'test' } as const;
      bench.engine.core.emit(...configuredDrafts(next, OWNER, actor, fleetChange(old, next)));
      await bench.engine.stop('test');
      await bench.again(false);
      const after = await bench.until(
        'the change to be carried out',
        s => s.config.due === null && pid(s, 'fresh') > 0,
      );
      expect(after.agents['goes']).toBeUndefined();
      expect(after.agents['changes']?.incarnation).toBe(2);
      expect(pid(after, 'stays')).toBe(pid(before, 'stays'));
      expect(
        bench.events().filter(e => e.kind === 'agent.stopped' && e.data.agent === AgentId.parse('stays')),
      ).toEqual([]);
    });
  });
});
