/** What sensors tell healing, each from where it really comes: a socket, hooks, a pane. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newRequestId } from '../../src/cli/request-id.ts';
import type { EventOf } from '../../src/model/event.ts';
import { type Bench, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';

const opened = (bench: Bench, agent: string): Promise<EventOf<'incident.opened'>> =>
  waitFor(
    () =>
      bench
        .events()
        .find((e): e is EventOf<'incident.opened'> => e.kind === 'incident.opened' && e.data.agent === agent),
    { what: `an incident of ${agent}`, deadlineMs: 40_000 },
  );

test('an agent that has promised to beat and stops is found hanging, though it prints on', async () => {
  const fleet = `fleet: unit
agents:
  one:
    command: 'echo "$HMS_HEARTBEAT_MS"; while :; do echo prints; sleep 0.2; done'
    healing: { heartbeat: 1s, silence: 1m, patience: 60s }
  two:
    command: 'while :; do echo prints; sleep 0.2; done'
    healing: { heartbeat: 1s, patience: 60s }
`;
  await withEngine(fleet, async bench => {
    await bench.until('both agents', s => s.agents.one?.alive === true && s.agents.two?.alive === true);
    const [one, two] = [await bench.agent('one'), await bench.agent('two')];
    const beating = setInterval(() => void two.request('beat', {}).catch(() => {}), 200);
    try {
      expect(await one.request('beat', {})).toEqual({});
      const { data } = await opened(bench, 'one');
      expect(data).toMatchObject({ class: 'hang', findings: [{ detector: 'heartbeat' }] });
      expect(data.detail).toMatch(/^no heartbeat for \d+ s, more than 1 s$/);
      expect(bench.events().some(e => e.kind === 'incident.opened' && e.data.agent === 'two')).toBe(false);
    } finally {
      clearInterval(beating);
    }
  });
});

test('the same command with the same outcome again and again is a circle, as its hooks tell it', async () => {
  const fleet = `fleet: unit
agents:
  one: { driver: claude, command: "exec sleep 1000000 #", healing: hybrid }
`;
  await withEngine(fleet, async bench => {
    await bench.until('the agent', s => s.agents.one?.alive === true);
    const one = await bench.agent('one');
    const ran = (command: string, stdout: string) =>
      one.request('hook', {
        driver: 'claude',
        request: newRequestId(),
        payload: {
          ...{ hook_event_name: 'PostToolUse', tool_name: 'Bash', tool_input: { command } },
          ...{ tool_response: { stdout }, duration_ms: 900 },
          hms: { gate: 'ask', resumable: false },
        },
      });
    for (let n = 0; n < 20; n += 1) await ran('gh run view', `${n} % done`);
    expect(bench.events().some(({ kind }) => kind === 'incident.opened')).toBe(false);
    for (let n = 0; n < 6; n += 1) await ran('npm test', `3 failed in ${n}.2 s`);
    expect((await opened(bench, 'one')).data).toMatchObject({
      class: 'repeat',
      findings: [{ detector: 'repeat', words: expect.stringContaining('with the same outcome: npm test') }],
    });
  });
});

test('what a provider says of when its limit is over is waited for', async () => {
  const fleet = `fleet: unit
agents:
  one: { driver: claude, command: "exec sleep 1000000 #", healing: basic }
`;
  await withEngine(fleet, async bench => {
    await bench.until('the agent', s => s.agents.one?.alive === true);
    const one = await bench.agent('one');
    await one.request('hook', {
      driver: 'claude',
      request: newRequestId(),
      payload: {
        ...{ hook_event_name: 'StopFailure', error: 'rate_limit' },
        last_assistant_message: "You've hit your usage limit, try again in 3 hours 5 minutes",
        hms: { gate: 'ask', resumable: false },
      },
    });
    const { data } = await opened(bench, 'one');
    expect(data).toMatchObject({
      class: 'usage-limit',
      detail: expect.stringContaining('3 hours 5 minutes'),
    });
    const { data: delayed } = await bench.event('incident.delayed');
    expect(delayed.detail).toMatch(/until|for/);
    expect(bench.events().some(({ kind }) => kind === 'recovery.attempted')).toBe(false);
  });
});

test('words that a fleet file knows for an error are found in what a plain program prints, until it gets past it', async () => {
  const fleet = `fleet: unit
agents:
  one:
    command: |
      while :; do
        if [ -e past ]; then n=$((n + 1)); echo "done $n"; else echo "HTTP 429, retry-after: 2"; fi
        sleep 0.5
      done
    healing: { errors: { rate-limit: "429|rate limit" }, verify: 1s }
`;
  await withEngine(fleet, async bench => {
    const { data } = await opened(bench, 'one');
    expect(data).toMatchObject({ class: 'rate-limit', detail: 'HTTP 429, retry-after: 2' });
    await writeFile(join(bench.dir, 'past'), '');
    const over = await waitFor(
      () => bench.events().find((e): e is EventOf<'incident.closed'> => e.kind === 'incident.closed'),
      { what: 'the incident to be over', deadlineMs: 40_000 },
    );
    expect(over.data.incident).toBe(data.incident);
    expect(bench.state().agents['one']?.incarnation).toBe(1);
  });
});

test.runIf(process.platform === 'linux')(
  'too many open files of a plain program are seen, with no helper to count them',
  async () => {
    const fleet = `fleet: unit
agents:
  one:
    command: |
      exec bash -c 'for n in {10..90}; do eval "exec $n</dev/null"; done; while :; do echo works; sleep 0.3; done'
    healing: { limits: { fds: 50 } }
`;
    await withEngine(fleet, async bench => {
      const { data } = await opened(bench, 'one');
      expect(data).toMatchObject({
        class: 'fd-exhausted',
        detail: expect.stringMatching(/^\d+ open files, more than 50/),
      });
    });
  },
);
