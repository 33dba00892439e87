import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { newRequestId } from '../../src/cli/request-id.ts';
import { BreakerName, breakerName } from '../../src/model/breaker.ts';
import { AgentId, Digest, RequestId } from '../../src/model/ids.ts';
import type { FleetState } from '../../src/model/state.ts';
import { type Bench, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';

const one = AgentId.parse('one');
const start = breakerName('start', 'one');

const turns = (bench: Bench, name: BreakerName): string[] =>
  bench
    .events()
    .filter(({ kind, data }) => kind.startsWith('breaker.') && 'breaker' in data && data.breaker === name)
    .map(({ kind }) => kind.slice('breaker.'.length));

/** A start takes its time on a machine that is busy. */
const until = (bench: Bench, what: string, is: (state: FleetState) => boolean): Promise<FleetState> =>
  waitFor(
    () => {
      const state = bench.engine.core.durableState;
      return is(state) && state;
    },
    { what, deadlineMs: 40_000 },
  );

const starts = (bench: Bench): number => bench.state().agents[one]?.incarnation ?? 0;

const DIES_UNTIL_WELL = 'if [ -e well ]; then exec cat; else exit 3; fi';

test.each([
  ['by its restart policy', ''],
  ['by healing', 'healing: basic'],
])(
  'an agent that dies at once, brought back %s, is not started while the breaker of its start is open',
  async (_, healing) => {
    const fleet = `fleet: unit
breakers: { start: { waitDurationInOpenState: 2s } }
agents:
  one:
    command: "${DIES_UNTIL_WELL}"
    restart: { max: 20, from: 20ms, to: 20ms }
    ${healing}
`;
    await withEngine(fleet, async bench => {
      const state = await until(bench, 'it to be kept back', s => s.agents[one]?.status === 'blocked');
      expect(state.agents[one]?.evidence.detail).toMatch(
        /^its start's breaker is open until \d\d:\d\d:\d\d$/,
      );
      expect(state.breakers[start]).toMatchObject({ is: 'open', failed: 3 });
      expect(starts(bench)).toBe(3);
      // The trial dies as the others did, and it waits for longer.
      await until(bench, 'its second opening', s => s.breakers[start]?.openings === 2);
      expect(starts(bench)).toBe(4);
      await writeFile(`${bench.dir}/well`, '');
      await until(
        bench,
        'it to run',
        s => s.agents[one]?.alive === true && s.breakers[start]?.is === 'closed',
      );
      expect(starts(bench)).toBe(5);
      expect(turns(bench, start)).toEqual(['opened', 'half-opened', 'opened', 'half-opened', 'closed']);
    });
  },
);

test.each([
  ['by its restart policy', ''],
  ['by healing', 'healing: basic'],
])(
  'trials count as the starts they are, %s too: one that never lives ends with a question',
  async (_, healing) => {
    const fleet = `fleet: unit
breakers: { start: { waitDurationInOpenState: 200ms, exponentialBackoffMultiplier: 1 } }
agents:
  one: { command: "exit 3", restart: { max: 5, from: 20ms, to: 20ms }, ${healing} }
`;
    await withEngine(fleet, async bench => {
      await until(bench, 'somebody to be asked', s =>
        Object.values(s.pending).some(({ action }) => action.tool.endsWith('.restart')),
      );
      expect(turns(bench, start)).toContain('half-opened');
      expect(starts(bench)).toBe(6);
      // Their yes is for a start, whatever its breaker says.
      const { pending } = bench.state();
      const [asked] = Object.values(pending);
      if (!asked) throw new Error('it is pending');
      const { client } = await bench.person();
      await client.request('approval.decide', {
        request: RequestId.parse(asked.id),
        decision: 'approve',
        digest: asked.digest,
      });
      await until(bench, 'another start', () => starts(bench) > 6);
    });
  },
);

const claude = (id: string, more = ''): string => `  ${id}:
    driver: claude
    command: [sh, -c, 'cat > /dev/null']
    healing: { level: basic, patience: 2s, verify: 500ms }${more}
`;

const anthropic = breakerName('provider', 'anthropic');

/** What Claude Code's hook says when a turn ends in an error of the API, or in an answer. */
const hookOf =
  (bench: Bench) =>
  async (id: string, hook: object): Promise<string> => {
    const agent = await bench.agent(id);
    const payload = {
      session_id: 's',
      transcript_path: '/nowhere',
      cwd: bench.dir,
      permission_mode: 'default',
      hms: { gate: 'ask', resumable: false },
      ...hook,
    };
    const request = newRequestId();
    const { stdout } = await agent.request('hook', { driver: 'claude', request, payload });
    return stdout;
  };

const OVERLOADED = {
  hook_event_name: 'StopFailure',
  error: 'overloaded',
  last_assistant_message: 'API Error',
};

test('agents of a provider that refuses two of them wait, and one of them tries it for all', async () => {
  const fleet = `fleet: unit
breakers: { provider: { waitDurationInOpenState: 6s } }
agents:
${claude('one')}${claude('two')}`;
  await withEngine(fleet, async bench => {
    await until(bench, 'both to run', s => ['one', 'two'].every(id => s.agents[id]?.alive));
    const hook = hookOf(bench);
    for (const id of ['one', 'two']) await hook(id, OVERLOADED);
    const state = await until(bench, 'the breaker to open', s => s.breakers[anthropic]?.is === 'open');
    expect(state.breakers[anthropic]).toMatchObject({ calls: 2, failed: 2 });
    await until(bench, 'both to wait for it', s =>
      ['one', 'two'].every(id =>
        Object.values(s.incidents).some(
          ({ agent, ladder }) => agent === id && ladder?.waits === `for the breaker of ${anthropic}`,
        ),
      ),
    );
    expect(bench.events().filter(({ kind }) => kind === 'recovery.attempted')).toEqual([]);
    const trial = await bench.event('recovery.attempted');
    expect(bench.state().breakers[anthropic]?.is).toBe('half-open');
    const other = trial.data.agent === one ? 'two' : 'one';
    expect(
      Object.values(bench.state().incidents).find(({ agent }) => agent === other)?.ladder?.rungs,
    ).toEqual([]);
    // The one that tried has an answer: then the other one is let go on.
    await hook(trial.data.agent, { hook_event_name: 'Stop', stop_hook_active: false, background_tasks: [] });
    await until(bench, 'it to close', s => s.breakers[anthropic]?.is === 'closed');
    await bench.event('recovery.attempted', ({ data }) => data.agent === other);
    expect(turns(bench, anthropic)).toEqual(['opened', 'half-opened', 'closed']);
  });
});

test('people operate breakers by their rights, agents by asking people, and all of it is on record', async () => {
  const fleet = `fleet: unit
operators: { ann: operator, vic: viewer }
agents:
  one: { command: [cat] }
`;
  await withEngine(fleet, async bench => {
    await until(bench, 'it to run', s => s.agents[one]?.alive === true);
    const bash = breakerName('tool', 'Bash');
    const viewer = await bench.person('vic', 'observe');
    await expect(viewer.client.request('breaker.isolate', { breaker: bash })).rejects.toMatchObject({
      code: 'not-allowed',
    });
    const ann = await bench.person('ann', 'watch');
    await expect(
      ann.client.request('breaker.open', { breaker: breakerName('start', 'nobody') }),
    ).rejects.toMatchObject({ code: 'unknown-breaker' });
    await ann.client.request('breaker.open', { breaker: bash, forMs: 60_000, reason: 'a release' });
    expect(bench.state().breakers[bash]).toMatchObject({ is: 'open', by: 'ann', why: 'a release' });
    const listed = await viewer.client.request('breaker.list', {});
    expect(listed.breakers).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: bash, is: 'open' })]),
    );
    // An agent asks, a person says yes, and then it is done.
    const agent = await bench.agent('one');
    const request = newRequestId();
    const input = { breaker: bash, reason: 'it works again' };
    const action = { tool: 'breaker.close', input, cwd: bench.dir };
    const asked = agent.request('gate.ask', { request, action });
    const { pending } = await until(bench, 'it to be held', s => s.pending[request] !== undefined);
    expect(bench.state().breakers[bash]?.is).toBe('open');
    const digest = pending[request]?.digest;
    if (!digest) throw new Error('it has a digest');
    await ann.client.request('approval.decide', { request, decision: 'approve', digest });
    expect((await asked).outcome).toBe('approved');
    const state = await until(bench, 'it to be closed', s => s.breakers[bash]?.is === 'closed');
    expect(state.breakers[bash]).toMatchObject({
      by: 'ann',
      why: `one asked for it (${request}): it works again`,
    });
  });
});

test('a tool that keeps failing by itself is forbidden to every agent for a while; a command that fails is not', async () => {
  const fleet = `fleet: unit
breakers: { tool: { consecutiveFailures: 3, waitDurationInOpenState: 1m } }
agents:
${claude('one')}${claude('two')}`;
  await withEngine(fleet, async bench => {
    await until(bench, 'both to run', s => ['one', 'two'].every(id => s.agents[id]?.alive));
    const hook = hookOf(bench);
    const failed = (tool: string, error: string): object => ({
      hook_event_name: 'PostToolUseFailure',
      tool_name: tool,
      tool_input: {},
      error,
    });
    for (const id of ['one', 'two', 'one']) {
      await hook(id, failed('Bash', 'Exit code 1\nno such test'));
      await hook(id, failed('mcp__github__search', 'connection closed'));
    }
    await until(bench, 'the breaker to open', s => s.breakers['tool:mcp__github__search']?.is === 'open');
    expect(bench.state().breakers['tool:Bash']).toBeUndefined();
    const uses = (tool: string): object => ({
      hook_event_name: 'PreToolUse',
      tool_name: tool,
      tool_input: {},
    });
    const said = await hook('two', uses('mcp__github__search'));
    expect(said).toContain('"permissionDecision":"deny"');
    expect(said).toContain('the breaker of tool:mcp__github__search is open until');
    expect(bench.state().settled[0]).toMatchObject({
      agent: 'two',
      outcome: 'forbidden',
      rules: ['breaker'],
    });
    expect(await hook('two', uses('Bash'))).not.toContain('deny');
  });
});

test('a live probe whose command is not there heals nobody: it is left out, and that is said', async () => {
  const fleet = `fleet: unit
agents:
  one:
    command: "while :; do echo tick; sleep 0.2; done"
    healing:
      probes:
        gone: { exec: [no-such-command-at-all], every: 50ms, failures: 1 }
        fails: { exec: [sh, -c, 'exit 1'], purpose: health, every: 50ms, failures: 2 }
`;
  const gone = breakerName('probe', 'one/gone');
  await withEngine(fleet, async bench => {
    const state = await until(bench, 'its breaker to open', s => s.breakers[gone]?.is === 'open');
    expect(state.breakers[gone]).toMatchObject({ failed: 3 });
    await bench.event('probe.failed', ({ data }) => data.probe === 'fails');
    expect(bench.events().filter(({ kind }) => kind === 'incident.opened')).toEqual([]);
    expect(bench.state().agents[one]?.healing?.failing).not.toHaveProperty('gone');
    expect(bench.state().agents[one]).toMatchObject({ alive: true, incarnation: 1 });
  });
});

test('other settings hold after a reload, for breakers that are there too; a slip changes nothing', async () => {
  const fleet = (settings: string): string => `fleet: unit\nbreakers: ${settings}\nagents:\n${claude('one')}`;
  const search = breakerName('tool', 'mcp__github__search');
  await withEngine(fleet('{ tool: { consecutiveFailures: 50 } }'), async bench => {
    await until(bench, 'it to run', s => s.agents[one]?.alive === true);
    const hook = hookOf(bench);
    const fails = {
      hook_event_name: 'PostToolUseFailure',
      tool_name: search.slice(5),
      tool_input: {},
      error: 'gone',
    };
    const { client } = await bench.person();
    const look = async (settings: string): Promise<string> => {
      await writeFile(`${bench.dir}/hms.yaml`, fleet(settings));
      await client.request('fleet.look', {});
      const { proposal } = bench.state().config;
      return proposal?.is === 'proposed' ? proposal.revision : (proposal?.problems.join() ?? '');
    };
    expect(await look('{ tool: { slidingWindowSize: 3 } }')).toMatch(
      /hms.yaml:2:\d+ breakers.tool.slidingWindowSize: a breaker of the kind consecutive has no such setting/,
    );
    await hook('one', fails);
    const revision = Digest.parse(await look('{ tool: { consecutiveFailures: 2 } }'));
    await client.request('fleet.reload', { revision });
    for (const _ of [1, 2]) await hook('one', fails);
    await until(bench, 'the breaker to open', s => s.breakers[search]?.is === 'open');
    expect(bench.state().breakers[search]?.failed).toBe(2);
  });
});

test('what is isolated stays so when the cell of breakers is made anew, and when the engine is', async () => {
  const fleet = `fleet: unit\nagents:\n${claude('one')}`;
  const search = breakerName('tool', 'mcp__github__search');
  await withEngine(fleet, async bench => {
    await until(bench, 'it to run', s => s.agents[one]?.alive === true);
    const uses = { hook_event_name: 'PreToolUse', tool_name: search.slice(5), tool_input: {} };
    const { client } = await bench.person();
    await client.request('breaker.isolate', { breaker: search, reason: 'it lies' });
    bench.engine.cells.kill('breaker', 'by the test');
    await bench.event('cell.restarted', ({ data }) => data.cell === 'breaker');
    expect(await hookOf(bench)('one', uses)).toContain('is isolated');
    await bench.engine.stop('the test');
    await bench.again();
    expect(await hookOf(bench)('one', uses)).toContain('is isolated');
  });
});

test('thresholds follow what is usual where healing learns: of an agent by its own level, of what all share by any', async () => {
  const fleet = `fleet: unit
agents:
  one: { command: [cat], healing: hybrid }
  two: { command: [cat] }
breakers: { provider: { adaptive: false } }
`;
  await withEngine(fleet, async bench => {
    const { client } = await bench.person();
    const names = ['start:one', 'start:two', 'tool:Bash', 'provider:x'].map(name => BreakerName.parse(name));
    for (const breaker of names) await client.request('breaker.close', { breaker });
    const { breakers } = await client.request('breaker.list', {});
    const adaptive = breakers.filter(one => one.adaptive).map(({ name }) => name);
    expect(adaptive.filter(name => names.includes(name))).toEqual(['start:one', 'tool:Bash']);
    await client.request('heal.set-level', { agent: one, level: 'basic' });
    await until(bench, 'the level', s => s.agents[one]?.healing?.level === 'basic');
    const after = await client.request('breaker.list', {});
    expect(after.breakers.filter(one => one.adaptive)).toEqual([]);
  });
});
