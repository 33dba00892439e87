/** Agents that end, where healing sees to that: the same Loop as for those that hang. */
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Event, EventOf } from '../../src/model/event.ts';
import { AgentId, Digest } from '../../src/model/ids.ts';
import { type Bench, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';

const one = AgentId.parse('one');

/** Dies in its first `deaths` runs, then goes on. */
const dies = (deaths: number, status = 3): string =>
  `echo up; echo >> runs; if [ $(wc -l < runs) -le ${deaths} ]; then exit ${status}; fi; while :; do echo tick; sleep 0.3; done`;

const fleetOf = (
  command: string,
  healing: string,
  restart = '{ from: 10ms, to: 10ms }',
): string => `fleet: unit
agents:
  one:
    command: "${command}"
    restart: ${restart}
    healing: ${healing}
`;

const closed = (bench: Bench): Promise<EventOf<'incident.closed'>> => bench.event('incident.closed');
const count = (events: readonly Event[], kind: Event['kind']): number =>
  events.filter(event => event.kind === kind).length;

test('one that dies is started again as an attempt, which is judged', async () => {
  await withEngine(fleetOf(dies(1), '{ verify: 1s }'), async bench => {
    const { data } = await closed(bench);
    expect(data).toMatchObject({ result: 'recovered', outcome: 'recovered by restart' });
    await bench.event('lesson.learnt');
    const [incident] = bench.state().healed;
    expect(incident).toMatchObject({ agent: one, class: 'crash', detail: 'exit 3' });
    expect(incident?.ladder?.rungs).toMatchObject([{ strategy: 'restart', result: 'recovered' }]);
    expect(bench.state().agents[one]).toMatchObject({ alive: true, incarnation: 2, restartCount: 1 });
  });
});

test('one that ends as it should is left alone', async () => {
  await withEngine(fleetOf('exit 0', 'basic'), async bench => {
    await bench.until('it to end', s => s.agents[one]?.status === 'exited');
    await bench.engine.core.durable;
    expect(count(bench.events(), 'incident.opened')).toBe(0);
    expect(bench.state().agents[one]).toMatchObject({ alive: false, incarnation: 1 });
  });
});

test('one whose starts are spent is given up, a person is asked once, and their yes starts it', async () => {
  const fleet = fleetOf(dies(3), '{ verify: 1s }', '{ max: 2, from: 10ms, to: 10ms }');
  await withEngine(fleet, async bench => {
    const { data } = await bench.event('incident.escalated');
    const state = await bench.until('it to be given up', s => s.agents[one]?.status === 'failed');
    expect(Object.values(state.pending).map(({ action }) => action.tool)).toEqual(['heal.restart']);
    expect(state.agents[one]).toMatchObject({ alive: false, incarnation: 3, restartCount: 2 });
    expect(Object.values(state.incidents)).toMatchObject([{ class: 'crash-loop' }]);
    const { client } = await bench.person();
    const { digest = '' } = state.pending[data.request] ?? {};
    await client.request('approval.decide', {
      request: data.request,
      decision: 'approve',
      digest: Digest.parse(digest),
    });
    await bench.until('it to run', s => s.agents[one]?.alive === true && s.agents[one].incarnation === 4);
    expect((await closed(bench)).data.result).toBe('person');
    expect(bench.state().pending).toEqual({});
  });
});

test('one that ends as soon as it starts was started: what was tried has failed, and the person is asked once', async () => {
  await withEngine(fleetOf('exit 5', '{ verify: 1s }', '{ max: 2, from: 0ms, to: 0ms }'), async bench => {
    await bench.event('incident.escalated');
    const state = await bench.until('it to be given up', s => s.agents[one]?.status === 'failed');
    const [incident] = Object.values(state.incidents);
    expect(incident?.ladder?.rungs.map(({ strategy, result }) => [strategy, result])).toEqual([
      ['restart', 'failed'],
      ['restart', 'failed'],
    ]);
    expect(state.healed).toEqual([]);
  });
});

test('one that may not start even once more leaves its question with a person', async () => {
  await withEngine(fleetOf(dies(1), 'hybrid', '{ max: 0 }'), async bench => {
    const { data } = await bench.event('incident.escalated');
    await bench.event('agent.failed');
    // Told after all that, in order.
    await bench.engine.core.durable;
    expect(Object.keys(bench.state().pending)).toEqual([data.request]);
    expect(Object.keys(bench.state().incidents)).toEqual([data.incident]);
    expect(bench.state().agents[one]).toMatchObject({ alive: false, status: 'failed', incarnation: 1 });
  });
});

test('an engine that ends before the next start leaves it to the one that follows: one start, one incident', async () => {
  const fleet = fleetOf(dies(1), '{ verify: 1s }', '{ from: 2s, to: 2s }');
  await withEngine(fleet, async bench => {
    await bench.event('incident.delayed');
    expect(bench.state().agents[one]).toMatchObject({ alive: false, status: 'healing' });
    await bench.engine.core.durable;
    await bench.engine.stop('the test');
    await bench.again(false);
    expect((await closed(bench)).data.result).toBe('recovered');
    expect(count(bench.events(), 'incident.opened')).toBe(1);
    expect(bench.state().agents[one]).toMatchObject({ alive: true, incarnation: 2, restartCount: 1 });
  });
});

test('one that dies while there is no engine is healed by the next one', async () => {
  const fleet = fleetOf('echo up; while [ ! -e die ]; do sleep 0.1; done; rm die; exit 4', '{ verify: 1s }');
  await withEngine(fleet, async bench => {
    const state = await bench.until('it to run', s => s.agents[one]?.alive === true);
    const { pid = 0 } = state.agents[one] ?? {};
    await bench.engine.core.durable;
    await bench.engine.stop('the test');
    process.kill(pid, 'SIGKILL');
    await bench.again(false);
    expect((await closed(bench)).data.result).toBe('recovered');
    expect(bench.state().agents[one]).toMatchObject({ alive: true, incarnation: 2 });
  });
});

test('a person who stops one that is about to be started again has the last word', async () => {
  const fleet = fleetOf(dies(9), 'basic', '{ from: 1s, to: 1s }');
  await withEngine(fleet, async bench => {
    await bench.event('incident.delayed');
    const { client } = await bench.person();
    await client.request('agent.stop', { agent: one });
    await bench.until('the incident to be over', s => Object.keys(s.incidents).length === 0);
    // Longer than the delay there was: what is to come has come by then.
    await setTimeout(1500);
    expect(bench.state().agents[one]).toMatchObject({ alive: false, status: 'stopped', incarnation: 1 });
    await client.request('agent.start', { agent: one });
    await waitFor(() => bench.state().agents[one]?.incarnation === 2, { what: 'it to start again' });
  });
});

test('one that is healed no longer is started by its restart policy', async () => {
  const { writeFile } = await import('node:fs/promises');
  const fleet = fleetOf(dies(1), 'basic', '{ from: 3s, to: 3s }');
  await withEngine(fleet, async bench => {
    await bench.event('incident.delayed');
    await writeFile(`${bench.dir}/hms.yaml`, fleet.replace('    healing: basic\n', ''));
    const { client } = await bench.person();
    const { revision } = (await bench.event('config.proposed')).data;
    await client.request('fleet.reload', { revision });
    await bench.until('it to run', s => s.agents[one]?.alive === true && s.agents[one].incarnation === 2);
    expect(bench.state().incidents).toEqual({});
  });
});
