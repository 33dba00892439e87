import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { openReader } from '../../src/journal/reader.ts';
import { verifyJournal } from '../../src/journal/verify.ts';
import { EVENT_DATA, EventEnvelope, type EventOf } from '../../src/model/event.ts';
import { AgentId } from '../../src/model/ids.ts';
import { processAlive } from '../../src/processes/process.ts';
import { type Bench, OWNER, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';
import { alive, FLEET, held, newId, one, two } from './unit.ts';

describe('a new engine', () => {
  test('goes on where the last one stopped, and its journal holds only what its schemas say', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const before = bench.state();
      const { request } = await held(bench);
      await bench.engine.stop('test');
      await bench.again();
      await bench.until('the agents adopted', s => s.agents[two]?.alive === true);
      expect(bench.state().agents[two]?.pid).toBe(before.agents[two]?.pid);
      expect(bench.state().pending[request]).toBeDefined();
      const person = await bench.person();
      const note = (await person.client.request('journal.checkpoint', {})) as { note: string };
      expect(note.note).toMatch(/^hms\//);
      for (const event of bench.events()) {
        EventEnvelope.parse(event);
        EVENT_DATA[event.kind].parse(event.data);
      }
      await person.client.request('fleet.down', {}, { deadlineMs: 20_000 });
      expect(await bench.engine.ended).toBe('down');
      expect(verifyJournal(bench.paths.journal).ok).toBe(true);
      for (const agent of Object.values(before.agents)) {
        await waitFor(() => !processAlive(agent.pid, agent.born), { what: `${agent.id} to be gone` });
      }
    });
  });

  test('is refused while another one has the fleet', async () => {
    await withEngine(FLEET, async bench => {
      const { createEngine } = await import('../../src/engine/engine.ts');
      const { loadFleet } = await import('../../src/fleet/load.ts');
      const options = {
        file: join(bench.dir, 'hms.yaml'),
        consented: true,
        fleet: await loadFleet(join(bench.dir, 'hms.yaml')),
        paths: bench.paths,
        version: 'x',
        hms: 'x',
        keeper: ['cat'],
        owner: OWNER,
        env: process.env,
        log: () => {},
      };
      await expect(createEngine(options)).rejects.toThrow('another engine has the fleet unit');
    });
  });
});

test('an engine that cannot start lets go of all it has opened, and the next one can', async () => {
  await withEngine(FLEET, async bench => {
    await alive(bench);
    await bench.engine.stop('test');
    const handles = (): number =>
      process.getActiveResourcesInfo().filter(name => /Process|Pipe/.test(name)).length;
    const before = handles();
    // In the place of the socket for people, which is opened last.
    mkdirSync(join(bench.paths.operatorSocket, 'in-the-way'), { recursive: true });
    await expect(bench.again()).rejects.toThrow();
    await waitFor(() => handles() <= before, { what: 'processes and sockets to be let go' });
    rmSync(bench.paths.operatorSocket, { recursive: true });
    await bench.again();
    await bench.until('the agents adopted', s => s.agents[two]?.alive === true);
  });
});

test('a journal that is not to be signed keeps nobody from going down', async () => {
  await withEngine(FLEET, async bench => {
    await alive(bench);
    const { client } = await bench.person();
    await client.request('journal.checkpoint', {});
    const db = new DatabaseSync(bench.paths.journal);
    db.exec('DROP TRIGGER checkpoint_no_update; UPDATE checkpoint SET root = zeroblob(32)');
    db.close();
    await client.request('fleet.down', {}, { deadlineMs: 20_000 });
    expect(await bench.engine.ended).toBe('down');
    expect(bench.log.join('\n')).toContain('the journal is not signed');
  });
});

describe('agents by their own word', () => {
  test('report what they do and send messages; hooks of another kind mean nothing', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const agent = await bench.agent('two');
      await agent.request('report', { status: 'working', detail: 'the tests' });
      expect(bench.state().agents[two]).toMatchObject({
        status: 'working',
        evidence: { source: 'protocol', detail: 'the tests' },
      });
      await agent.request('message', { to: 'one', text: 'done' });
      expect((await bench.event('message.sent')).data.from).toBe('agent:two');
      const nothing = await agent.request('hook', {
        driver: 'claude',
        request: newId(),
        payload: { hook_event_name: 'Stop' },
      });
      expect(nothing).toEqual({ stdout: '', exit: 0 });
    });
  });
});

test('stopping and starting by hand', async () => {
  await withEngine(FLEET, async bench => {
    await alive(bench);
    const alice = await bench.person('alice');
    await alice.client.request('agent.stop', { agent: one });
    await bench.until('stopped', s => s.agents[one]?.status === 'stopped');
    await expect(alice.client.request('agent.stop', { agent: AgentId.parse('nobody') })).rejects.toThrow(
      'there is no agent called nobody',
    );
    await alice.client.request('agent.start', { agent: one });
    await bench.until('started', s => s.agents[one]?.alive === true && s.agents[one]?.incarnation === 2);
    await alice.client.request('agent.restart', { agent: one });
    await bench.until('restarted', s => s.agents[one]?.alive === true && s.agents[one]?.incarnation === 3);
    await alice.client.request('view.size', { cols: 120, rows: 40 });
    expect((await alice.client.request('ping', {})) as { now: number }).toHaveProperty('now');
    writeFileSync(join(bench.dir, 'done'), '');
  });
});

describe('agents that are to run', () => {
  const team = `fleet: unit
agents:
  one: { command: [sleep, "1000000"], needs: [two] }
  two: { command: [sleep, "1000000"], restart: never }
`;
  const down = async (bench: Bench): Promise<void> => {
    const { client } = await bench.person();
    await client.request('fleet.down', {}, { deadlineMs: 20_000 });
    await bench.engine.ended;
  };

  test('start with the one they need, also after a person had stopped them', async () => {
    await withEngine(team, async bench => {
      await alive(bench);
      const { client } = await bench.person();
      await client.request('agent.stop', { agent: one });
      await client.request('agent.stop', { agent: two });
      await bench.until('both stopped', s => !s.agents[one]?.alive && !s.agents[two]?.alive);
      await client.request('agent.start', { agent: one });
      await bench.until('one to wait', s => s.agents[one]?.status === 'blocked');
      await client.request('agent.start', { agent: two });
      await alive(bench);
    });
  });

  test('stay down when they are stopped while they start', async () => {
    await withEngine(team, async bench => {
      await alive(bench);
      const { client } = await bench.person();
      await client.request('agent.stop', { agent: two });
      await bench.until('two stopped', s => s.agents[two]?.status === 'stopped');
      const started = client.request('agent.start', { agent: two });
      await client.request('agent.stop', { agent: two });
      await started;
      const { agents } = await bench.until('two stopped', s => s.agents[two]?.status === 'stopped');
      expect(agents[two]).toMatchObject({ alive: false, wantedDown: true, incarnation: 2 });
    });
  });

  test('come up after a first try that failed half-way', async () => {
    await withEngine(team, async bench => {
      await alive(bench);
      await down(bench);
      mkdirSync(join(bench.paths.agentSocket, 'in-the-way'), { recursive: true });
      await expect(bench.again()).rejects.toThrow();
      rmSync(bench.paths.agentSocket, { recursive: true });
      await bench.again();
      await alive(bench);
      expect(bench.state().agents[two]).toMatchObject({ incarnation: 2, restartCount: 0 });
    });
  });

  test('and are not to come back, are not said to run when their tmux server is gone', async () => {
    await withEngine(team, async bench => {
      await alive(bench);
      const journal = openReader(bench.paths.journal);
      const [{ data }] = [...journal.read({ kinds: ['tmux.started'] })] as [EventOf<'tmux.started'>];
      journal.close();
      process.kill(data.pid, 'SIGKILL');
      expect(await bench.engine.ended).toBe('handover');
      await bench.again();
      const { agents } = await bench.until('two lost', s => s.agents[two]?.status === 'exited');
      expect(agents[two]).toMatchObject({ alive: false, evidence: { source: 'process' } });
    });
  });

  test('no longer, are left alone until they end, and their end is written down', async () => {
    await withEngine(team, async bench => {
      await alive(bench);
      await bench.engine.stop('test');
      writeFileSync(
        join(bench.dir, 'hms.yaml'),
        'fleet: unit\nagents:\n  two: { command: [sleep, "1000000"] }\n',
      );
      await bench.again();
      await alive(bench);
      const { client } = await bench.person();
      await expect(client.request('agent.restart', { agent: one })).rejects.toThrow(
        'no longer in the fleet file',
      );
      process.kill(bench.state().agents[one]?.pid ?? 0, 'SIGKILL');
      await bench.until('one gone', s => s.agents[one]?.alive === false);
      expect((await bench.event('agent.exited')).data).toMatchObject({ agent: one, signal: 'SIGKILL' });
    });
  });
});

test('an agent that dies at once, again and again, ends in one question that stays', async () => {
  const crasher = AgentId.parse('crasher');
  const yaml = `fleet: unit
agents:
  crasher: { command: "exit 3", restart: { when: on-failure, max: 2, from: 0ms, to: 0ms } }
`;
  await withEngine(yaml, async bench => {
    await bench.until('it to have failed', s => s.agents[crasher]?.status === 'failed');
    const { client } = await bench.person();
    // Whatever was still on its way to the cells has arrived when a later event has.
    await client.request('journal.checkpoint', {});
    await bench.event('journal.checkpointed');
    const asked = Object.values(bench.state().pending);
    expect(asked.map(r => [r.action.tool, r.agent])).toEqual([['agent.restart', 'crasher']]);
  });
});

test('people are asked once about an agent that cannot start, however often they try', async () => {
  const ghost = AgentId.parse('ghost');
  await withEngine('fleet: unit\nagents:\n  ghost: { command: [no-such-program] }\n', async bench => {
    const reader = openReader(bench.paths.journal);
    const failures = () => [...reader.read({ kinds: ['agent.failed'] })].length;
    const { client } = await bench.person(undefined, 'collaborate');
    for (let tries = 1; tries <= 2; tries++) {
      await bench.until('it to have failed', () => failures() === tries);
      await client.request('agent.start', { agent: ghost });
    }
    await bench.until('the last try to have failed', () => failures() === 3);
    reader.close();
    expect(Object.values(bench.state().pending).map(r => r.action.input.agent)).toEqual([ghost]);
  });
});
