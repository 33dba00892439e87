import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { openReader } from '../../src/journal/reader.ts';
import { verifyJournal } from '../../src/journal/verify.ts';
import { EVENT_DATA, EventEnvelope, type EventOf } from '../../src/model/event.ts';
import { AgentId, Digest, RequestId } from '../../src/model/ids.ts';
import { connectAgent } from '../../src/protocol/client.ts';
import { PROTOCOL } from '../../src/protocol/limits.ts';
import { processAlive } from '../../src/tmux/process.ts';
import { type Bench, OWNER, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';

const FLEET = `fleet: unit
agents:
  one: { command: "cat > typed", restart: { when: always, from: 0ms, to: 0ms, max: 50 } }
  two: { command: [sleep, "1000000"] }
`;
const one = AgentId.parse('one');
const two = AgentId.parse('two');
const touch = (dir: string) => ({ tool: 'exec', input: { argv: ['touch', 'made'] }, cwd: dir });
const newId = (): RequestId => RequestId.parse(`r-${randomBytes(6).toString('hex')}`);

const alive = (bench: Bench): Promise<unknown> =>
  bench.until('both agents to run', s => s.agents[one]?.alive === true && s.agents[two]?.alive === true);

async function held(bench: Bench) {
  const agent = await bench.agent('one');
  const request = newId();
  const answer = agent.request('gate.ask', { request, action: touch(bench.dir), edit: true });
  answer.catch(() => {});
  await bench.until('the hold', s => request in s.pending);
  const digest = bench.state().pending[request]?.digest ?? Digest.parse('0'.repeat(64));
  return { agent, request, answer, digest };
}

describe('modes and rights', () => {
  test('what a mode forbids the engine refuses, with a word on where it would go', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const { request, digest, answer } = await held(bench);
      const decide = { request, decision: 'approve' as const, digest };
      const watcher = await bench.person('viewer-like', 'observe');
      await expect(watcher.client.request('approval.decide', decide)).rejects.toThrow('not in observe mode');
      await expect(watcher.client.request('agent.stop', { agent: two })).rejects.toThrow('observe');
      await expect(watcher.client.request('lease.take', { agent: one })).rejects.toThrow('collaborate');
      await watcher.client.request('mode.set', { mode: 'watch' });
      await expect(watcher.client.request('agent.send', { agent: two, text: 'hi' })).rejects.toThrow(
        'collaborate',
      );
      await expect(
        watcher.client.request('approval.decide', { ...decide, decision: 'override', note: 'because' }),
      ).rejects.toThrow('lead');
      await watcher.client.request('approval.decide', decide);
      expect((await answer).run).toBe(true);
      expect(bench.state().sessions[watcher.welcome.session]?.mode).toBe('watch');
    });
  });

  test('roles of the fleet file hold, and strangers are refused', async () => {
    await withEngine(`${FLEET}operators: { vera: viewer, otto: operator }\n`, async bench => {
      const vera = await bench.person('vera');
      expect(vera.welcome).toMatchObject({ role: 'viewer', mode: 'observe' });
      await expect(vera.client.request('mode.set', { mode: 'watch' })).rejects.toThrow(
        'a viewer cannot enter watch mode',
      );
      await expect(bench.person('mallory')).rejects.toThrow('mallory is not an operator of this fleet');
      expect((await bench.person()).welcome).toMatchObject({ operator: OWNER, role: 'lead' });
    });
  });

  test('who is attached is shown to all, and who has left is not', async () => {
    await withEngine(FLEET, async bench => {
      const alice = await bench.person('alice');
      const bob = await bench.person('bob', 'observe');
      await bench.until('both', s => Object.keys(s.sessions).length === 2);
      expect(Object.values(bench.state().sessions).map(s => `${s.operator} ${s.mode}`)).toEqual([
        'alice watch',
        'bob observe',
      ]);
      bob.client.close();
      await bench.until('one', s => Object.keys(s.sessions).length === 1);
      expect(bench.state().sessions[alice.welcome.session]).toBeDefined();
    });
  });
});

describe('keyboards', () => {
  test('are typed on by their holder alone, and a lead may take one away', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice', 'collaborate');
      const bob = await bench.person('bob', 'collaborate');
      const lead = await bench.person(undefined, 'collaborate');
      const { fence } = (await alice.client.request('lease.take', { agent: one })) as { fence: number };
      await expect(bob.client.request('lease.take', { agent: one })).rejects.toThrow('alice holds');
      await expect(bob.client.request('lease.take', { agent: one, force: true })).rejects.toThrow('lead');
      const type = (text: string, by = alice, at = fence) =>
        by.client.request('agent.type', {
          agent: one,
          bytes: Buffer.from(text).toString('base64'),
          fence: at,
        });
      await type('hello\r');
      await expect(type('x', bob)).rejects.toThrow('no longer hold');
      const taken = await lead.client.request('lease.take', { agent: one, force: true });
      await expect(type('late')).rejects.toThrow('no longer hold');
      await type('abc', lead, (taken as { fence: number }).fence);
      const typed = join(bench.dir, 'typed');
      await waitFor(() => existsSync(typed) && readFileSync(typed, 'utf8').includes('hello'), {
        what: 'the line',
      });
      expect(readFileSync(typed, 'utf8')).not.toContain('late');
      expect((await bench.event('keyboard.typed', e => e.actor.id === 'alice')).data.bytes).toBe(6);
      expect((await bench.event('keyboard.typed', e => e.actor.id === OWNER)).data.bytes).toBe(3);
    });
  });

  test('go back when their holder leaves collaborate mode or goes away', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice', 'collaborate');
      await alice.client.request('lease.take', { agent: one });
      await alice.client.request('mode.set', { mode: 'watch' });
      expect(bench.state().leases).toEqual({});
      await alice.client.request('mode.set', { mode: 'collaborate' });
      await alice.client.request('lease.take', { agent: one });
      alice.client.close();
      await bench.until('the lease to be free', s => Object.keys(s.leases).length === 0);
      expect(bench.state().fences['keyboard:one']).toBe(2);
    });
  });
});

describe('messages and staging', () => {
  test('a message is typed into the pane and on the record, but never onto an open question', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice', 'collaborate');
      await alice.client.request('agent.send', { agent: one, text: 'two\nlines' });
      const typed = join(bench.dir, 'typed');
      await waitFor(() => existsSync(typed) && readFileSync(typed, 'utf8').includes('lines'), {
        what: 'the message',
      });
      expect((await bench.event('message.sent')).data).toMatchObject({
        from: 'operator:alice',
        to: 'agent:one',
        text: 'two\nlines',
      });
      await held(bench);
      await bench.until('asking', s => s.agents[one]?.status === 'asking');
      await expect(alice.client.request('agent.send', { agent: one, text: 'x' })).rejects.toThrow(
        'could pick one',
      );
    });
  });

  test('prepare stages and commits; what fails is said, what was dropped is gone', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const { request, digest, answer } = await held(bench);
      const alice = await bench.person('alice', 'prepare');
      const stage = (staged: Parameters<typeof alice.client.request<'stage.add'>>[1]['staged']) =>
        alice.client.request('stage.add', { staged }) as Promise<{ item: number }>;
      const approve = await stage({ type: 'decision', request, decision: 'approve', digest });
      const message = await stage({ type: 'message', agent: two, text: 'for later' });
      const dropped = await stage({ type: 'message', agent: two, text: 'never' });
      const stale = await stage({
        type: 'decision',
        request: RequestId.parse('r-gone'),
        decision: 'deny',
        digest,
      });
      expect(Object.keys(bench.state().sessions[alice.welcome.session]?.staged ?? {})).toHaveLength(4);
      await alice.client.request('stage.drop', { items: [dropped.item] });
      const items = [approve.item, message.item, stale.item];
      expect(await alice.client.request('stage.commit', { items })).toMatchObject({
        results: [{ ok: true }, { ok: true }, { ok: false, message: 'there is no request r-gone' }],
      });
      expect((await answer).run).toBe(true);
      expect(bench.events().some(e => e.kind === 'message.sent' && e.data.text === 'never')).toBe(false);
      await expect(alice.client.request('stage.commit', { items })).rejects.toThrow('no staged item');
    });
  });
});

describe('requests', () => {
  test('an edit runs as edited, is judged by the policy, and says so', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice');
      const first = await held(bench);
      const ruinous = { argv: ['rm', '-rf', '/'] };
      await expect(
        alice.client.request('approval.decide', {
          request: first.request,
          decision: 'approve',
          digest: first.digest,
          edit: ruinous,
        }),
      ).rejects.toThrow('forbidden');
      const edit = { argv: ['touch', 'other'] };
      await alice.client.request('approval.decide', {
        request: first.request,
        decision: 'approve',
        digest: first.digest,
        edit,
      });
      const answer = await first.answer;
      expect(answer).toMatchObject({ run: true, edited: true, action: { input: edit } });
      expect(answer.digest).not.toBe(first.digest);
      await first.agent.request('gate.effect', { request: first.request, exit: 0, ms: 5 });
      expect(bench.state().settled[0]).toMatchObject({ id: first.request, exit: 0 });
    });
  });

  test('one request is one answer: its id is not good for a second run, another action or another agent', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice');
      const { agent, request, digest, answer } = await held(bench);
      const twin = await bench.agent('one');
      await expect(twin.request('gate.ask', { request, action: touch(bench.dir) })).rejects.toThrow(
        'waited for',
      );
      await expect(
        agent.request('gate.ask', { request, action: { ...touch(bench.dir), input: { argv: ['rm', 'x'] } } }),
      ).rejects.toThrow('another request');
      await alice.client.request('approval.decide', { request, decision: 'approve', digest });
      await answer;
      await expect(agent.request('gate.ask', { request, action: touch(bench.dir) })).rejects.toThrow(
        'answered already',
      );
      const other = await bench.agent('two');
      await expect(other.request('gate.ask', { request, action: touch(bench.dir) })).rejects.toThrow(
        'another request',
      );
    });
  });

  test('a grant lets the like pass so often and no longer; revoked, not at all', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice');
      const { agent, request } = await held(bench);
      await alice.client.request('grant.issue', { request, minutes: 5, uses: 1 });
      const like = await agent.request('gate.ask', {
        request: newId(),
        action: { ...touch(bench.dir), input: { argv: ['touch', 'more'] } },
      });
      expect(like).toMatchObject({ run: true, outcome: 'permitted' });
      const next = newId();
      agent.request('gate.ask', { request: next, action: touch(bench.dir) }).catch(() => {});
      await bench.until('the next hold', s => next in s.pending);
      await alice.client.request('grant.issue', { request: next, minutes: 5, uses: 5 });
      const grant = Object.values(bench.state().grants).find(g => g.used === 0);
      await alice.client.request('grant.revoke', { grant: (grant?.id ?? '') as never });
      const last = newId();
      agent.request('gate.ask', { request: last, action: touch(bench.dir) }).catch(() => {});
      await bench.until('a hold again', s => last in s.pending);
    });
  });

  test('later is not deny', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const alice = await bench.person('alice');
      const { request } = await held(bench);
      await alice.client.request('approval.defer', { request, minutes: 1 });
      expect(bench.state().pending[request]?.deferredUntil).toBeGreaterThan(Date.now());
    });
  });

  test('a token of an earlier incarnation, of nobody, or no hello at all lets nobody in', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const old = await connectAgent(bench.paths.agentSocket);
      process.kill(bench.state().agents[one]?.pid ?? 0, 'SIGKILL');
      await bench.until('incarnation 2', s => s.agents[one]?.incarnation === 2);
      const { openTokens } = await import('../../src/engine/tokens.ts');
      const token = openTokens(join(bench.paths.state, 'agent.secret')).make('one', 1);
      await expect(old.request('hello', { protocol: PROTOCOL, token })).rejects.toThrow('earlier run');
      const stranger = await connectAgent(bench.paths.agentSocket);
      await expect(stranger.request('hello', { protocol: PROTOCOL, token: 'one.2.x' })).rejects.toThrow(
        'not one of this fleet',
      );
    });
  });
});

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

test('the hooks of an agent that is no longer in the fleet file still meet the policy', async () => {
  const two = '  two: { command: [sleep, "1000000"] }\n';
  const one = '  one: { driver: claude, command: [sh, -c, "sleep 1000000"] }\n';
  await withEngine(`fleet: unit\nagents:\n${one}${two}`, async bench => {
    await alive(bench);
    await bench.engine.stop('test');
    writeFileSync(join(bench.dir, 'hms.yaml'), `fleet: unit\nagents:\n${two}`);
    await bench.again();
    const agent = await bench.agent('one');
    const payload = {
      hook_event_name: 'PreToolUse',
      session_id: '0b6f2a3e-8f0e-4d6e-9d6e-2f8f4c1a7b90',
      cwd: bench.dir,
      tool_name: 'Bash',
      tool_input: { command: 'rm -rf /' },
    };
    const said = await agent.request('hook', { driver: 'claude', request: newId(), payload });
    expect(JSON.stringify(said)).toContain('deny');
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

test('what is odd about a policy is on the record', async () => {
  // The м is Cyrillic: it looks like an m and matches no rm.
  const rule = '@id("mixed") permit (principal, action, resource) when { context.tool like "r\u043c*" };';
  await withEngine(
    `${FLEET}policies: [odd.cedar]\n`,
    async bench => {
      const reader = openReader(bench.paths.journal);
      const noted = () => [...reader.read({ kinds: ['engine.noted'] })][0];
      const event = await waitFor(noted, { what: 'the note' });
      reader.close();
      expect(JSON.stringify(event.data)).toMatch(/odd\.cedar:1:\d+: .*mixed scripts/);
    },
    { 'odd.cedar': `${rule}\npermit (principal, action, resource) when { context.approvalCount >= 1 };\n` },
  );
});
