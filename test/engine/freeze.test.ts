/** The brake on real process trees in a real tmux, with an engine in the test's own process. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AgentId, RequestId } from '../../src/model/ids.ts';
import { processAlive } from '../../src/processes/process.ts';
import { readProcess } from '../../src/processes/table.ts';
import type { FreezeAnswer } from '../../src/protocol/messages.ts';
import { type Bench, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';

const one = AgentId.parse('one');
const two = AgentId.parse('two');
const newId = (): RequestId => RequestId.parse(`r-${randomBytes(6).toString('hex')}`);

// The loops beat into a file each: one in the agent's own group, one in a session of its own whose parent has ended.
const BEATING = `(setsid sh -c 'echo $$ > far; while echo x >> beats; do sleep 0.01; done' &)
while echo x >> beats; do sleep 0.01; done`;
const FLEET = `fleet: unit
agents:
  one: { command: ${JSON.stringify(BEATING)}, restart: { when: always, from: 0ms, to: 0ms, max: 50 } }
  two: { command: [sleep, "1000000"], restart: { when: always, from: 0ms, to: 0ms, max: 50 } }
`;

/** An engine on these agents; what broke away from them, which nobody else ends, is ended too. */
const withAgents = (body: (bench: Bench) => Promise<void>): Promise<void> =>
  withEngine(FLEET, async bench => {
    try {
      await body(bench);
    } finally {
      if (existsSync(join(bench.dir, 'far'))) process.kill(far(bench), 'SIGKILL');
    }
  });

async function running(bench: Bench): Promise<void> {
  await bench.until(
    'both agents to run',
    s => s.agents[one]?.alive === true && s.agents[two]?.alive === true,
  );
  await waitFor(() => existsSync(join(bench.dir, 'far')) && existsSync(join(bench.dir, 'beats')), {
    what: 'both loops to beat',
  });
}

const beats = (bench: Bench): number => readFileSync(join(bench.dir, 'beats')).length;
const freeze = (bench: Bench, ...agents: AgentId[]): Promise<FreezeAnswer> =>
  bench.person().then(({ client }) => client.request('fleet.freeze', { agents }));
const thaw = (bench: Bench, ...agents: AgentId[]): Promise<FreezeAnswer> =>
  bench.person().then(({ client }) => client.request('fleet.thaw', { agents }));
const stateOf = (pid: number): string => readProcess(pid)?.state ?? '';
const pidOf = (bench: Bench, id: AgentId): number => bench.state().agents[id]?.pid ?? 0;
const far = (bench: Bench): number => Number(readFileSync(join(bench.dir, 'far'), 'utf8'));

/** Nothing is written between two looks that are as far apart as tmux and kernel need for a good many things. */
async function stands(bench: Bench): Promise<boolean> {
  const before = beats(bench);
  for (let i = 0; i < 20; i++) await bench.engine.core.durable.then(() => readFileSync('/dev/null'));
  await (await bench.person()).client.request('ping', {});
  return beats(bench) === before;
}

describe('freezing', () => {
  test('stops whole trees, those that broke away too, and says frozen only then; thawing undoes it', async () => {
    await withAgents(async bench => {
      await running(bench);
      const answer = await freeze(bench);
      expect(answer.recorded).toBe(true);
      expect(answer.agents.map(a => [a.agent, a.state, a.running])).toEqual([
        ['one', 'frozen', 0],
        ['two', 'frozen', 0],
      ]);
      // The loop, the far loop, and a sleep of each at the most.
      expect(answer.agents[0]?.stopped).toBeGreaterThanOrEqual(2);
      for (const pid of [pidOf(bench, one), pidOf(bench, two), far(bench)]) expect(stateOf(pid)).toBe('T');
      expect(await stands(bench)).toBe(true);
      expect(bench.state().frozen).toMatchObject({ by: 'owner' });
      const ordered = await bench.event('freeze.ordered');
      expect(ordered).toMatchObject({ actor: { type: 'operator', id: 'owner' }, data: { fleet: true } });

      await thaw(bench);
      const now = beats(bench);
      await waitFor(() => beats(bench) > now, { what: 'the loops to go on' });
      expect(stateOf(far(bench))).not.toBe('T');
      expect(bench.state().frozen).toBeNull();
      expect(bench.state().agents[one]?.freeze).toBeNull();
      await bench.event('agent.thawed', e => e.data.agent === 'one');
      expect(bench.events().filter(e => e.kind === 'incident.opened')).toEqual([]);
    });
  });

  test('outruns what forks all the time', async () => {
    const storm = 'n=0; while :; do (sleep 0.02; sh -c "sleep 0.01") & n=$((n+1)); echo x >> beats; done';
    const yaml = `fleet: unit\nagents:\n  one: { command: ${JSON.stringify(storm)} }\n`;
    await withEngine(yaml, async bench => {
      await waitFor(() => existsSync(join(bench.dir, 'beats')) && beats(bench) > 50, { what: 'the storm' });
      const answer = await freeze(bench);
      expect(answer.agents[0]).toMatchObject({ state: 'frozen', running: 0 });
      expect(await stands(bench)).toBe(true);
      const person = await bench.person();
      await person.client.request('agent.stop', { agent: one });
      await bench.event('agent.exited');
    });
  });

  test('one agent leaves the others alone', async () => {
    await withAgents(async bench => {
      await running(bench);
      await freeze(bench, two);
      expect(stateOf(pidOf(bench, two))).toBe('T');
      expect(bench.state().frozen).toBeNull();
      const before = beats(bench);
      await waitFor(() => beats(bench) > before, { what: 'the other agent to go on' });
    });
  });

  test('leaves alone at the thaw what stood still before', async () => {
    const yaml = `fleet: unit\nagents:\n  one: { command: "sleep 1000000 & echo $! > job; kill -STOP $!; echo x > far; echo x > beats; wait" }\n`;
    await withEngine(yaml, async bench => {
      const job = await waitFor(
        () => existsSync(join(bench.dir, 'beats')) && Number(readFileSync(join(bench.dir, 'job'), 'utf8')),
        { what: 'the stopped job' },
      );
      expect((await freeze(bench)).agents[0]).toMatchObject({ state: 'frozen', stopped: 2 });
      await thaw(bench);
      expect(stateOf(job)).toBe('T');
      expect(stateOf(pidOf(bench, one))).not.toBe('T');
      process.kill(job, 'SIGKILL');
    });
  });

  test('who is let go on by somebody else is shown, and stopped again by the next freeze', async () => {
    await withAgents(async bench => {
      await running(bench);
      await freeze(bench);
      process.kill(pidOf(bench, two), 'SIGCONT');
      await bench.until('it to be noticed', s => s.agents[two]?.freeze?.is === 'partly');
      expect(bench.state().agents[two]?.freeze?.resisting).toMatchObject([
        { name: 'sleep', why: 'somebody let it go on' },
      ]);
      await freeze(bench);
      expect(stateOf(pidOf(bench, two))).toBe('T');
      expect(bench.state().agents[two]?.freeze?.is).toBe('frozen');
    });
  });

  test('survives the engine: the next one confirms it again', async () => {
    await withAgents(async bench => {
      await running(bench);
      await freeze(bench);
      const pid = pidOf(bench, one);
      await bench.engine.stop('for the next');
      process.kill(far(bench), 'SIGCONT');
      await bench.again();
      expect(bench.state().frozen).not.toBeNull();
      await bench.event('agent.frozen', e => e.data.agent === 'one' && e.data.running === 0);
      await waitFor(() => stateOf(far(bench)) === 'T', { what: 'the far loop to be stopped again' });
      expect(pidOf(bench, one)).toBe(pid);
      await thaw(bench);
      expect(stateOf(pid)).not.toBe('T');
    });
  });
});

describe('while it is frozen', () => {
  test('nothing is let through the gate, a deny counts, and what asks waits for the thaw', async () => {
    await withAgents(async bench => {
      await running(bench);
      const agent = await bench.agent('one');
      const touch = { tool: 'exec', input: { argv: ['touch', 'made'] }, cwd: bench.dir };
      const ask = (request: RequestId, action = touch) =>
        agent.request('gate.ask', { request, action }).catch(() => undefined);
      const [first, second] = [newId(), newId()];
      const answer = ask(first);
      void ask(second, { ...touch, input: { argv: ['touch', 'other'] } });
      await bench.until('both holds', s => first in s.pending && second in s.pending);
      await freeze(bench);
      const person = await bench.person();
      const decide = (request: RequestId, decision: 'approve' | 'override' | 'deny') =>
        person.client.request('approval.decide', {
          request,
          decision,
          note: 'because',
          digest: bench.state().pending[request]?.digest ?? '',
        } as never);
      await expect(decide(first, 'approve')).rejects.toThrow('one is frozen: nothing is let through');
      await expect(decide(first, 'override')).rejects.toThrow('frozen');
      await expect(person.client.request('grant.issue', { request: first } as never)).rejects.toThrow(
        'frozen',
      );
      await decide(second, 'deny');
      // Even what the policy permits at once is not answered.
      const late = newId();
      const read = ask(late, { ...touch, input: { argv: ['true'] } });
      await person.client.request('ping', {});
      expect(late in bench.state().pending).toBe(false);
      expect(bench.events().some(e => e.kind === 'gate.requested' && e.data.request === late)).toBe(false);
      await thaw(bench);
      await decide(first, 'approve');
      expect((await answer)?.run).toBe(true);
      await bench.event('gate.requested', e => e.data.request === late);
      agent.close();
      await read;
    });
  });

  test('nothing starts: not by a person, not by the supervisor; what died comes back with the thaw', async () => {
    await withAgents(async bench => {
      await running(bench);
      await freeze(bench);
      process.kill(pidOf(bench, two), 'SIGKILL');
      await bench.event('agent.exited', e => e.data.agent === 'two');
      await bench.until('it to be held', s => s.agents[two]?.status === 'blocked');
      expect(bench.state().agents[two]?.evidence.detail).toContain('starts when it is thawed');
      const person = await bench.person();
      await expect(person.client.request('agent.start', { agent: two })).rejects.toThrow('frozen');
      await expect(person.client.request('agent.restart', { agent: one })).rejects.toThrow('frozen');
      await thaw(bench);
      await bench.until(
        'it to be back',
        s => s.agents[two]?.alive === true && s.agents[two]?.incarnation === 2,
      );
    });
  });

  test('an agent that is stopped ends, with all that was frozen of it, and never runs in between', async () => {
    await withAgents(async bench => {
      await running(bench);
      await freeze(bench);
      const [pid, away] = [pidOf(bench, one), far(bench)];
      const before = beats(bench);
      const person = await bench.person();
      await person.client.request('agent.stop', { agent: one });
      await bench.event('agent.exited', e => e.data.agent === 'one' && e.data.wanted);
      await waitFor(() => !processAlive(pid, '') && !processAlive(away, ''), { what: 'the tree to end' });
      expect(beats(bench)).toBe(before);
      expect(bench.state().agents[one]?.freeze).toBeNull();
    });
  });

  test('observe mode may not use the brake, watch may', async () => {
    await withAgents(async bench => {
      const looker = await bench.person('vera', 'observe');
      await expect(looker.client.request('fleet.freeze', {})).rejects.toThrow('not in observe mode');
    });
  });
});
