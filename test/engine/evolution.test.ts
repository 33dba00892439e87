import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { subject } from '../../src/cells/cell.ts';
import { asJson } from '../../src/cells/optimizer/proposing.ts';
import { actionDigest } from '../../src/gate/digest.ts';
import { readFacts } from '../../src/gate/facts.ts';
import { CHAMPION } from '../../src/healing/evolve/champion.ts';
import { atPoint, DIMENSIONS } from '../../src/healing/evolve/genome.ts';
import { tuningFor } from '../../src/healing/evolve/in-force.ts';
import { Kept, nothingYet } from '../../src/healing/evolve/kept.ts';
import type { EventOf } from '../../src/model/event.ts';
import { AgentId, Digest, IncidentId, type RequestId } from '../../src/model/ids.ts';
import type { JsonObject } from '../../src/model/json.ts';
import type { EvolutionLook } from '../../src/protocol/messages.ts';
import { type Bench, withEngine } from '../support/engine.ts';
import { isAlive } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';
import { newId } from './unit.ts';

const AGENTS = ['one', 'two', 'three'].map(id => AgentId.parse(id));
const fleet = (evolution: string): string => `fleet: unit
agents:
${AGENTS.map(id => `  ${id}: { command: [sleep, "1000000"], healing: evolutionary }`).join('\n')}
evolution: ${evolution}
`;

const NO_DIGEST = Digest.parse('0'.repeat(64));
const other = atPoint(Array(DIMENSIONS).fill(0.4), CHAMPION);

/** As if evolution had come to another genome, which was asked about and played on nearly all its seeds. */
async function found(bench: Bench): Promise<void> {
  const judged = {
    costs: [100],
    after: [50],
    byFault: { F04: 60, F01: 40 },
    starts: 1,
    falseActs: 1,
    tokens: 1,
  };
  const kept: Kept = {
    ...nothingYet(1),
    trials: 1,
    state: {
      ...{ step: 7, evaluations: 90, best: other, fitness: 0.8, history: [1, 0.8] },
      elites: [{ genes: other, value: 0.8, behaviour: [0, 0] }],
    },
    trial: {
      ...{ challenger: other, incumbent: CHAMPION, cases: [], first: 100_000, asked: true },
      played: Array.from({ length: 28 }, () => [judged, judged] as const),
    },
  };
  await writeFile(bench.paths.evolution, JSON.stringify(kept));
}

/** A request as the optimizer makes it, for this genome. */
function asked(bench: Bench, genome: JsonObject = asJson(other), incumbent = asJson(CHAMPION)): RequestId {
  const request = newId();
  const action = { tool: 'heal.tune', input: { genome, incumbent }, cwd: '/' };
  bench.engine.core.emit({
    kind: 'gate.requested',
    actor: { type: 'cell', id: 'optimizer', via: 'cell' },
    subject: subject.request(request),
    data: {
      ...{ request, agent: '', action, digest: actionDigest(action), facts: readFacts(action) },
      ...{ verdict: 'hold', needs: 1, from: '', rules: [], why: '', policy: NO_DIGEST, expires: 0 },
      ...{ can: { edit: false, note: false }, via: 'cell' },
    },
  });
  return request;
}

async function approve(bench: Bench, request: RequestId): Promise<void> {
  const { client } = await bench.person();
  const digest = bench.state().pending[request]?.digest;
  if (!digest) throw new Error(`${request} is not pending`);
  await client.request('approval.decide', { request, decision: 'approve', digest });
}

/** An incident of this agent that took so long, as healing would tell of it. */
function trouble(bench: Bench, agent: AgentId, n: number, ms: number): void {
  const incident = IncidentId.parse(`i-t${agent}${n}`);
  const about = {
    actor: { type: 'cell', id: 'healer', via: 'engine' },
    subject: subject.agent(agent),
  } as const;
  bench.engine.core.emit(
    {
      kind: 'incident.opened',
      ...about,
      data: { incident, agent, class: 'hang', detail: '', level: 'evolutionary', since: 0, findings: [] },
    },
    { kind: 'incident.closed', ...about, data: { incident, outcome: '', ms, result: 'recovered' } },
  );
}

const running = (bench: Bench): Promise<unknown> =>
  bench.until('the agents to run', s => AGENTS.every(id => s.agents[id]?.alive));

const look = async (bench: Bench): Promise<EvolutionLook> =>
  (await bench.person()).client.request('evolution.look', {});

test('what a person picks is judged in a process of its own and asked about, once at a time', async () => {
  await withEngine(fleet('off'), async bench => {
    await running(bench);
    await found(bench);
    const { client } = await bench.person();
    await client.request('evolution.propose', { cell: [0, 0] });
    const last = await waitFor(async () => (await look(bench)).last, {
      what: 'the run to be over',
      deadlineMs: 55_000,
    });
    const { action, facts, outcome } = bench.state().pending[last.request] ?? {};
    expect(outcome).toBeNull();
    expect(facts?.title).toMatch(/^heal by \d+ changed numbers and ladders/);
    expect(action?.input).toMatchObject({
      genome: { numbers: other.numbers },
      first: expect.stringMatching(/^1 of 3 evolutionary agents first/),
    });
    expect(action?.input['changes']).toEqual(expect.arrayContaining([expect.stringContaining(' → ')]));
    await expect(client.request('evolution.propose', {})).rejects.toMatchObject({ code: 'proposal-open' });
  });
});

test('what was agreed to is tried on a third, through the death of an engine, and taken back when it is worse', async () => {
  await withEngine(fleet('{ canary: { incidents: 5 } }'), async bench => {
    await running(bench);
    for (let n = 0; n < 4; n += 1) trouble(bench, AGENTS[n % 3] ?? AgentId.parse('one'), n, 2000 + n);
    const request = asked(bench);
    await approve(bench, request);
    const { data } = await bench.event('tuning.adopted');
    expect(data.agents).toHaveLength(1);
    const [canary] = data.agents;
    const rest = AGENTS.filter(id => id !== canary);
    const tuned = (agent: string): number => tuningFor(bench.state().evolution, agent).threshold;
    expect(tuned(canary ?? '')).toBe(other.numbers.threshold);
    for (const id of rest) expect(tuned(id)).toBe(CHAMPION.numbers.threshold);
    await bench.event('gate.effected', e => e.data.request === request && e.data.exit === 0);
    // The next engine knows of it, and of the answer that was given.
    await bench.engine.stop('the test');
    await bench.again(false);
    expect(bench.state().evolution.canary?.agents).toEqual([canary]);
    for (let n = 10; n < 13; n += 1) trouble(bench, canary ?? AgentId.parse('one'), n, 500_000 + n);
    const reverted = await bench.event('tuning.reverted');
    expect(reverted).toMatchObject({ actor: { id: 'optimizer' }, data: { from: 'canary' } });
    expect(tuned(canary ?? '')).toBe(CHAMPION.numbers.threshold);
    expect(bench.events().filter(({ kind }) => kind === 'tuning.adopted')).toHaveLength(1);
  });
});

test('one that is not worse is given to all, and a person can have back what was before', async () => {
  await withEngine(fleet('{ canary: { incidents: 3 } }'), async bench => {
    await running(bench);
    for (let n = 0; n < 4; n += 1) trouble(bench, AGENTS[n % 3] ?? AgentId.parse('one'), n, 20_000 + n);
    await approve(bench, asked(bench));
    const [canary] = (await bench.event('tuning.adopted')).data.agents;
    for (let n = 10; n < 13; n += 1) trouble(bench, canary ?? AgentId.parse('one'), n, 15_000 + n);
    await bench.event('tuning.promoted');
    const thresholds = (): readonly number[] =>
      AGENTS.map(id => tuningFor(bench.state().evolution, id).threshold);
    expect(new Set(thresholds())).toEqual(new Set([other.numbers.threshold]));
    const { client } = await bench.person();
    expect(await client.request('evolution.revert', { reason: 'it nags' })).toEqual({ from: 'all' });
    expect(new Set(thresholds())).toEqual(new Set([CHAMPION.numbers.threshold]));
    await expect(client.request('evolution.revert', {})).rejects.toMatchObject({ code: 'nothing-tuned' });
  });
});

test('an agreed genome that the engine before did not come to put in force is put in force by the next', async () => {
  await withEngine(fleet('off'), async bench => {
    await running(bench);
    const request = asked(bench);
    const digest = Digest.parse(bench.state().pending[request]?.digest);
    const { core } = bench.engine;
    // As an engine leaves it that is killed between the answer and what follows from it.
    core.hold('optimizer');
    core.emit({
      kind: 'gate.settled',
      actor: { type: 'cell', id: 'gatekeeper', via: 'engine' },
      subject: subject.request(request),
      data: { request, outcome: 'approved', reason: '', digest, grant: '' },
    });
    await core.durable;
    await bench.engine.stop('the test');
    await bench.again(false);
    await bench.until('it to be tried', s => s.evolution.canary?.request === request);
  });
});

test('what was agreed to and is no genome within its bounds is not put in force', async () => {
  await withEngine(fleet('off'), async bench => {
    await running(bench);
    const request = asked(bench, { numbers: { threshold: 0.1 }, playbook: {} });
    await approve(bench, request);
    const { data } = await bench.event('gate.effected');
    expect(data).toMatchObject({ request, exit: 1 });
    expect(bench.state().evolution.canary).toBeNull();
  });
});

test('a proposal is withdrawn when nobody is left whom it concerns', async () => {
  await withEngine(fleet('off'), async bench => {
    await running(bench);
    const request = asked(bench);
    const { client } = await bench.person();
    for (const agent of AGENTS) await client.request('heal.set-level', { agent, level: 'hybrid' });
    const { data } = await bench.event('gate.settled', e => e.data.request === request);
    expect(data).toMatchObject({ outcome: 'withdrawn' });
  });
});

test('an agent that tries a tuning is healed by it from then on, without being started for it', async () => {
  const yaml = `fleet: unit
agents:
  one:
    command: |
      while [ ! -e hang ]; do echo tick; sleep 0.2; done
      rm hang; trap '' INT; while :; do sleep 1000000; done
    healing: { level: evolutionary, silence: 2s, patience: 20s, verify: 1s }
evolution: off
`;
  await withEngine(yaml, async bench => {
    await bench.until('it to run', s => s.agents['one']?.alive === true);
    // Nothing but a fresh start is left to choose from.
    const genome = { numbers: {}, playbook: { hang: ['restart'] } };
    await approve(bench, asked(bench, genome));
    await bench.event('tuning.adopted');
    expect(bench.state().agents['one']).toMatchObject({ alive: true, incarnation: 1 });
    await writeFile(`${bench.dir}/hang`, '');
    const { data } = await waitFor(
      () => bench.events().find((e): e is EventOf<'recovery.attempted'> => e.kind === 'recovery.attempted'),
      { what: 'something to be tried', deadlineMs: 40_000 },
    );
    expect(data).toMatchObject({ strategy: 'restart', rung: 0 });
    expect(data.candidates.map(({ strategy }) => strategy)).toEqual(['restart']);
  });
});

test('evolution is at work in a process that ends with the engine, and what it did is there for the next', async () => {
  await withEngine(fleet('off'), async bench => {
    await running(bench);
    trouble(bench, AgentId.parse('one'), 1, 2000);
    await bench.engine.core.durable;
    const { client } = await bench.person();
    await client.request('evolution.begin', { steps: 1000 });
    const read = async (): Promise<Kept | undefined> => {
      const text = await readFile(bench.paths.evolution, 'utf8').catch(() => '');
      return text ? Kept.parse(JSON.parse(text)) : undefined;
    };
    const kept = await waitFor(read, { what: 'something to be kept', deadlineMs: 55_000 });
    expect(kept.doing?.cases).toEqual([{ fault: 'hang', tries: [] }]);
    const pid = (await look(bench)).running?.pid ?? 0;
    expect(isAlive(pid)).toBe(true);
    await bench.engine.stop('the test');
    await waitFor(() => !isAlive(pid), { what: 'the worker to end' });
    expect((await read())?.doing?.worths.length).toBeGreaterThan(0);
  });
});
