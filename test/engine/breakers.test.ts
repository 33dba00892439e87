import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { newRequestId } from '../../src/cli/request-id.ts';
import { type BreakerName, breakerName } from '../../src/model/breaker.ts';
import { AgentId } from '../../src/model/ids.ts';
import { type Bench, withEngine } from '../support/engine.ts';

const one = AgentId.parse('one');
const start = breakerName('start', 'one');

const turns = (bench: Bench, name: BreakerName): string[] =>
  bench
    .events()
    .filter(({ kind, data }) => kind.startsWith('breaker.') && 'breaker' in data && data.breaker === name)
    .map(({ kind }) => kind.slice('breaker.'.length));

const starts = (bench: Bench): number => bench.events().filter(({ kind }) => kind === 'agent.started').length;

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
      const state = await bench.until('it to be kept back', s => s.agents[one]?.status === 'blocked');
      expect(state.agents[one]?.evidence.detail).toMatch(
        /^its start's breaker is open until \d\d:\d\d:\d\d$/,
      );
      expect(state.breakers[start]).toMatchObject({ is: 'open', failed: 3 });
      expect(starts(bench)).toBe(3);
      // The trial dies as the others did, and it waits for longer.
      await bench.until('its second opening', s => s.breakers[start]?.openings === 2);
      expect(starts(bench)).toBe(4);
      await writeFile(`${bench.dir}/well`, '');
      await bench.until(
        'it to run',
        s => s.agents[one]?.alive === true && s.breakers[start]?.is === 'closed',
      );
      expect(starts(bench)).toBe(5);
      expect(turns(bench, start)).toEqual(['opened', 'half-opened', 'opened', 'half-opened', 'closed']);
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
    await bench.until('both to run', s => ['one', 'two'].every(id => s.agents[id]?.alive));
    const hook = hookOf(bench);
    for (const id of ['one', 'two']) await hook(id, OVERLOADED);
    const state = await bench.until('the breaker to open', s => s.breakers[anthropic]?.is === 'open');
    expect(state.breakers[anthropic]).toMatchObject({ calls: 2, failed: 2 });
    await bench.until('both to wait for it', s =>
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
    await bench.until('it to close', s => s.breakers[anthropic]?.is === 'closed');
    await bench.event('recovery.attempted', ({ data }) => data.agent === other);
    expect(turns(bench, anthropic)).toEqual(['opened', 'half-opened', 'closed']);
  });
});
