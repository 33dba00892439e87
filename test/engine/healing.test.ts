import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { EventOf } from '../../src/model/event.ts';
import { AgentId } from '../../src/model/ids.ts';
import { type Bench, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';

const one = AgentId.parse('one');
const two = AgentId.parse('two');

/** Falls silent in its first run, and leaves a C-c unheeded; later runs print on. */
const HANGS_ONCE = `if [ -e again ]; then while :; do echo tick; sleep 0.3; done; fi
      touch again; trap '' INT; for n in 1 2 3; do echo up; sleep 0.3; done; while :; do sleep 1000000; done`;

const story = (bench: Bench): string[] =>
  bench
    .events()
    .filter(({ kind }) => /^(incident|recovery|lesson|restart)\./.test(kind))
    .map(event => {
      const { strategy = '', result = '' } = event.data as { strategy?: string; result?: string };
      return [event.kind, strategy, result].filter(Boolean).join(' ');
    });

const closed = (bench: Bench): Promise<EventOf<'incident.closed'>> =>
  waitFor(() => bench.events().find((e): e is EventOf<'incident.closed'> => e.kind === 'incident.closed'), {
    what: 'the incident to be over',
    deadlineMs: 40_000,
  });

test('an agent that hangs is interrupted, then started anew, and watched until it is well', async () => {
  const fleet = `fleet: unit
agents:
  one:
    command: |
      ${HANGS_ONCE}
    healing: { silence: 2s, patience: 3s, verify: 2s }
`;
  await withEngine(fleet, async bench => {
    const { data } = await closed(bench);
    expect(data).toMatchObject({ result: 'recovered', outcome: 'recovered by restart' });
    expect(story(bench)).toEqual([
      'incident.opened',
      'recovery.attempted interrupt',
      'recovery.failed interrupt failed',
      'incident.delayed',
      'recovery.attempted restart',
      'restart.scheduled',
      'recovery.verified restart',
      'incident.closed recovered',
      'lesson.learnt',
    ]);
    await bench.until('its lesson', s => s.healed[0]?.lesson !== '');
    const { healed, incidents, agents } = bench.state();
    expect(incidents).toEqual({});
    expect(healed[0]).toMatchObject({ agent: 'one', class: 'hang', result: 'recovered' });
    expect(healed[0]?.ladder?.rungs.map(({ strategy, result }) => [strategy, result])).toEqual([
      ['interrupt', 'failed'],
      ['restart', 'recovered'],
    ]);
    expect(agents[one]).toMatchObject({ alive: true, incarnation: 2, restartCount: 1 });
  });
});

test('an agent that waits for somebody to type is left alone, however silent it is', async () => {
  const fleet = `fleet: unit
agents:
  one: { command: [cat], healing: { silence: 1s } }
  two:
    command: |
      ${HANGS_ONCE}
    healing: { silence: 2s, patience: 1s, verify: 1s }
`;
  await withEngine(fleet, async bench => {
    // By the time another one has hung and is well again, it would have been noticed too.
    await closed(bench);
    expect(
      bench
        .events()
        .filter(({ kind, data }) => kind === 'incident.opened' && 'agent' in data && data.agent === one),
    ).toEqual([]);
    expect(bench.state().agents[one]).toMatchObject({ alive: true, incarnation: 1 });
  });
});

test('while what it depends on is down it is not started in vain, and at once when that is back', async () => {
  const server = createServer(socket => socket.end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const fleet = `fleet: unit
agents:
  one:
    command: "echo up; while [ ! -e die ]; do sleep 0.1; done; rm die; exit 1"
    restart: { when: always, from: 0ms, to: 0ms }
    healing: { depends: { db: { tcp: "127.0.0.1:${port}", every: 50ms } } }
`;
  await withEngine(fleet, async bench => {
    await bench.until('it to run', s => s.agents[one]?.alive === true);
    await new Promise(resolve => server.close(resolve));
    const { writeFile } = await import('node:fs/promises');
    await writeFile(`${bench.dir}/die`, '');
    const state = await bench.until('it to be kept back', s => s.agents[one]?.status === 'blocked');
    expect(state.agents[one]?.evidence.detail).toBe('needs db, which does not answer');
    expect(state.agents[one]?.healing?.down).toHaveProperty('db');
    await once(server.listen(port, '127.0.0.1'), 'listening');
    await bench.until(
      'it to run again',
      s => s.agents[one]?.alive === true && s.agents[one].incarnation === 2,
    );
    expect(bench.state().agents[one]?.healing?.down).toEqual({});
    // One start for one death: none was spent on the outage.
    expect(bench.state().agents[one]?.restartCount).toBe(1);
  });
  server.close();
});

test('what uses more memory than its limit is started afresh', async () => {
  const fleet = `fleet: unit
agents:
  one:
    command:
      - node
      - -e
      - "const fs = require('fs'); const again = fs.existsSync('again'); fs.writeFileSync('again', ''); globalThis.kept = again ? [] : [Buffer.alloc(300 << 20, 1)]; setInterval(() => console.log('tick'), 300)"
    healing: { limits: { memory: 200 }, verify: 2s, ladder: { leak: [restart] } }
`;
  await withEngine(fleet, async bench => {
    const { data } = await closed(bench);
    expect(data).toMatchObject({ result: 'recovered', outcome: 'recovered by restart' });
    expect(bench.events().find(({ kind }) => kind === 'incident.opened')?.data).toMatchObject({
      class: 'leak',
    });
    expect(bench.state().agents[one]).toMatchObject({ alive: true, incarnation: 2 });
  });
});

test('an engine that dies in the middle is followed by one that goes on with the same incident', async () => {
  const fleet = `fleet: unit
agents:
  one:
    command: |
      ${HANGS_ONCE}
    healing: { silence: 2s, patience: 4s, verify: 2s }
`;
  await withEngine(fleet, async bench => {
    const { data: opened } = await bench.event('incident.opened');
    await bench.event('recovery.attempted');
    await bench.engine.core.durable;
    await bench.engine.stop('the test');
    await bench.again(false);
    const { data } = await closed(bench);
    expect(data).toMatchObject({ incident: opened.incident, result: 'recovered' });
    expect(story(bench).filter(line => line.startsWith('recovery.attempted'))).toEqual([
      'recovery.attempted interrupt',
      'recovery.attempted restart',
    ]);
    expect(story(bench).filter(line => line === 'incident.opened')).toHaveLength(1);
  });
});

test('when nothing is left to try a person is asked, and their yes starts it afresh', async () => {
  const fleet = `fleet: unit
agents:
  one:
    command: |
      ${HANGS_ONCE}
    healing: { silence: 2s, patience: 1s, verify: 1s, ladder: { hang: [interrupt] } }
`;
  await withEngine(fleet, async bench => {
    const { data } = await bench.event('incident.escalated');
    const state = await bench.until('the question', s => data.request in s.pending);
    const { digest, facts } = state.pending[data.request] ?? {};
    expect(facts?.title).toMatch(/^start one afresh: nothing for \d s while working/);
    const { client } = await bench.person();
    if (!digest) throw new Error('it has no digest');
    await client.request('approval.decide', { request: data.request, decision: 'approve', digest });
    await bench.until(
      'it to run anew',
      s => s.agents[one]?.alive === true && s.agents[one].incarnation === 2,
    );
    expect((await closed(bench)).data).toMatchObject({ result: 'person' });
  });
});

test('a step that could do harm waits at the gate like what agents want', async () => {
  const fleet = `fleet: unit
agents:
  one:
    command: |
      ${HANGS_ONCE}
    healing: { silence: 2s, patience: 1s, verify: 1s, ladder: { hang: [isolate] } }
`;
  await withEngine(fleet, async bench => {
    const { data } = await bench.event('gate.requested', e => e.data.action.tool === 'heal.isolate');
    const { client } = await bench.person();
    const { request, digest } = data;
    await client.request('approval.decide', { request, decision: 'approve', digest });
    await bench.until('it to be frozen', s => s.agents[one]?.freeze?.is === 'frozen');
    await bench.event('gate.effected', e => e.data.request === request);
    await bench.event('incident.escalated');
  });
});

test('a person gives it another level; what is known of it is kept, and the file is not asked again', async () => {
  const fleet = `fleet: unit
agents:
  one: { command: [cat], healing: basic }
  two: { command: [cat] }
`;
  await withEngine(fleet, async bench => {
    await bench.until('it to run', s => s.agents[one]?.alive === true);
    const watching = await bench.person(undefined, 'observe');
    const set = { agent: one, level: 'hybrid' } as const;
    await expect(watching.client.request('heal.set-level', set)).rejects.toMatchObject({
      code: 'not-allowed',
    });
    const { client } = await bench.person();
    await client.request('heal.set-level', set);
    expect(bench.state().agents[one]?.healing).toMatchObject({ level: 'hybrid', configured: 'basic' });
    await expect(client.request('heal.set-level', { ...set, agent: two })).rejects.toMatchObject({
      code: 'not-healed',
    });
    await bench.engine.stop('the test');
    await bench.again(false);
    expect(bench.state().agents[one]?.healing?.level).toBe('hybrid');
  });
});
