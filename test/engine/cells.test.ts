import { describe, expect, test } from 'vitest';
import { type Cell, cellActor, healthy, subject } from '../../src/cells/cell.ts';
import { CELL_NAMES } from '../../src/model/cell-names.ts';
import { HmsError } from '../../src/model/errors.ts';
import type { Event } from '../../src/model/event.ts';
import { Digest, type RequestId } from '../../src/model/ids.ts';
import { readBirth } from '../../src/processes/process.ts';
import { type Bench, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';
import { alive, FLEET, held, one, touch } from './unit.ts';

const note = (bench: Bench, text: string) =>
  bench.engine.core.emit({
    kind: 'engine.noted',
    actor: cellActor('test'),
    subject: subject.fleet,
    data: { level: 'warning', text, detail: null },
  });

async function approve(bench: Bench, request: RequestId): Promise<void> {
  const lead = await bench.person();
  const digest = Digest.parse(bench.state().pending[request]?.digest);
  await lead.client.request('approval.decide', { request, digest, decision: 'approve' });
}

/** Notes what it hears; throws at the words it is given. */
function raiseEar(bench: Bench, throwsAt: (text: string, life: number) => boolean) {
  const heard: string[] = [];
  let life = 0;
  const { cells } = bench.engine;
  const ear = cells.raise({
    name: 'ear',
    build: (): Cell => {
      life += 1;
      const mine = life;
      return {
        name: 'ear',
        onEvent: (event: Event) => {
          if (event.kind !== 'engine.noted') return;
          if (throwsAt(event.data.text, mine)) throw new Error(`it cannot bear ${event.data.text}`);
          heard.push(`${mine} ${event.data.text}`);
        },
        healthCheck: () => healthy('listens'),
        stop: () => {},
      };
    },
  });
  cells.hear(ear);
  return heard;
}

describe('a cell that throws', () => {
  test('is made anew alone, hears the rest, and is well again; agents and the other cells run on', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const heard = raiseEar(bench, text => text === 'b');
      const { pid, incarnation } = bench.state().agents[one] ?? {};
      for (const text of ['a', 'b']) note(bench, text);
      const failed = await bench.event('cell.failed');
      expect(failed.data).toMatchObject({ cell: 'ear', fault: 'crash' });
      expect(failed.data.detail).toContain('it cannot bear b');
      await bench.event('cell.restarted', e => e.data.cell === 'ear' && e.data.attempt === 1);
      note(bench, 'c');
      await waitFor(() => heard.length === 2, { what: 'the next one to hear' });
      expect(heard).toEqual(['1 a', '2 c']);
      expect(bench.state().cells['ear']).toMatchObject({ is: 'restarted', restarts: 1 });
      await bench.event('cell.recovered');
      expect(bench.state().cells).toEqual({});
      expect(bench.state().agents[one]).toMatchObject({ pid, incarnation, alive: true });
      expect(bench.events().filter(e => e.kind === 'cell.restarted')).toHaveLength(1);
    });
  });

  test('again and again, stands aside and is a question to people; a yes brings it back', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const heard = raiseEar(bench, (text, life) => text === 'poison' && life < 10);
      let n = 0;
      // Each life is told the same until there is none.
      const feeding = setInterval(() => note(bench, n++ % 2 === 0 ? 'poison' : 'bread'), 20);
      const isolated = await bench.event('cell.isolated').finally(() => clearInterval(feeding));
      expect(isolated.data.detail).toContain('restarted 5 times within 60 s');
      expect(bench.state().cells['ear']).toMatchObject({ is: 'isolated', restarts: 5 });
      expect(await bench.engine.cells.of('ear').check()).toMatchObject({ state: 'isolated' });
      const { request } = isolated.data;
      expect(bench.state().pending[request]?.action).toMatchObject({
        tool: 'cell.repair',
        input: { cell: 'ear' },
      });
      note(bench, 'unheard');
      await approve(bench, request);
      await bench.event('cell.recovered', e => e.data.cell === 'ear');
      note(bench, 'after');
      await waitFor(() => heard.at(-1)?.endsWith('after'), { what: 'it to hear again' });
      expect(heard.some(line => line.endsWith('unheard'))).toBe(false);
      expect(await bench.engine.cells.of('ear').check()).toMatchObject({ state: 'healthy' });
    });
  });
});

describe('a cell that hangs', () => {
  test('is noticed by its health check, replaced by one that knows the state, and nothing waits for it', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const letGo = bench.engine.core.hold('supervisor');
      const { pid = 0 } = bench.state().agents[one] ?? {};
      process.kill(pid, 'SIGKILL');
      const failed = await bench.event('cell.failed', e => e.data.cell === 'supervisor');
      expect(failed.data.fault).toBe('hang');
      expect(failed.data.detail).toContain('has not answered within');
      // The death it was not told of is in what tmux says.
      await bench.until(
        'the agent is back',
        s => s.agents[one]?.incarnation === 2 && s.agents[one]?.alive === true,
      );
      await bench.event('cell.recovered', e => e.data.cell === 'supervisor');
      // Whoever made it hang lets go of nothing any more.
      letGo();
      expect(bench.events().filter(e => e.kind === 'agent.exited')).toHaveLength(1);
    });
  });
});

describe('the gatekeeper', () => {
  test('made anew, answers those who waited at the one before', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const { request, answer } = await held(bench);
      bench.engine.cells.kill('gatekeeper', 'killed by a test');
      await bench.event('cell.restarted', e => e.data.cell === 'gatekeeper');
      await expect(answer).rejects.toThrow();
      expect(bench.state().pending[request]).toBeDefined();
      const again = await bench.agent(one);
      const second = again.request('gate.ask', { request, action: touch(bench.dir), edit: true });
      await approve(bench, request);
      expect(await second).toMatchObject({ run: true });
    });
  });

  test('that cannot be brought back has the whole engine begin anew', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const killing = setInterval(() => bench.engine.cells.kill('gatekeeper', 'killed by a test'), 20);
      expect(await bench.engine.ended.finally(() => clearInterval(killing))).toBe('restart');
      await bench.again(false);
      await bench.until('it goes on', s => s.engine.running && s.agents[one]?.alive === true);
      expect(bench.state().cells).toEqual({});
      expect(bench.state().agents[one]?.incarnation).toBe(1);
    });
  });
});

describe('every cell', { timeout: 60_000 }, () => {
  test('can be killed and is made anew from the state, while agents run on', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const { cells } = bench.engine;
      const before = bench.state().agents;
      for (const name of cells.names()) cells.kill(name, 'killed by a test');
      for (const name of cells.names()) {
        await bench.event('cell.recovered', e => e.data.cell === name);
        expect(await cells.of(name).check()).toMatchObject({ state: 'healthy' });
      }
      for (const { id, pid, incarnation } of Object.values(before))
        expect(bench.state().agents[id]).toMatchObject({ pid, incarnation, alive: true });
      const lead = await bench.person();
      expect(await lead.client.request('ping', {})).toHaveProperty('now');
    });
  });

  test('answers for its health and its parameters without a word in the journal', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const { cells, core } = bench.engine;
      await core.durable;
      for (const name of cells.names()) {
        const { seq } = core.state;
        const { check, optimize } = cells.of(name);
        expect(await check()).toMatchObject({ state: 'healthy' });
        await optimize();
        expect(core.state.seq).toBe(seq);
      }
      expect(cells.registered().map(({ of, name }) => `${of}.${name}`)).toHaveLength(
        cells.names().length * 3,
      );
      for (const { name, effect } of cells.registered()) expect(effect !== undefined).toBe(name === 'repair');
      expect(() => cells.of('nobody')).toThrow(HmsError);
    });
  });

  test('is repaired once, and left alone when it is well', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const { cells } = bench.engine;
      expect(await cells.of('status').repair()).toMatchObject({ done: false });
      expect(bench.events().filter(e => e.kind === 'cell.restarted')).toEqual([]);
    });
  });
});

describe('cells that stand aside', { timeout: 60_000 }, () => {
  test('leave the rest at work; what they would do is refused, and the fleet goes down without them', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const { cells } = bench.engine;
      const { client } = await bench.person();
      const isolate = async (...names: string[]): Promise<void> => {
        const killing = setInterval(() => {
          for (const name of names) cells.kill(name, 'killed by a test');
        }, 20);
        for (const name of names) await bench.event('cell.isolated', e => e.data.cell === name);
        clearInterval(killing);
      };
      await isolate('recorder', 'healer', 'usage', 'status', 'worktrees', 'notifier', 'resources');
      await client.request('agent.restart', { agent: one });
      await bench.until('it to run unrecorded and unhealed', s => s.agents[one]?.incarnation === 2);
      expect(await client.request('cell.repair', { cell: 'usage' })).toMatchObject({ done: true });
      expect(await cells.of('usage').check()).toMatchObject({ state: 'healthy' });
      const asked = Object.values(bench.state().pending).map(({ action }) => action.input['cell']);
      expect(asked.toSorted()).toEqual(
        ['healer', 'notifier', 'recorder', 'resources', 'status', 'worktrees'].toSorted(),
      );
      await isolate('supervisor');
      await expect(client.request('agent.restart', { agent: one })).rejects.toThrow(
        'supervisor stands aside',
      );
      const { cells: looked } = await client.request('cell.list', {});
      expect(looked.filter(({ health }) => health.state === 'isolated')).toHaveLength(7);
      const { pid = 0, born } = bench.state().agents[one] ?? {};
      await client.request('fleet.down', {});
      expect(await bench.engine.ended).toBe('down');
      await waitFor(() => readBirth(pid) !== born, { what: 'the agent to be gone' });
    });
  });
});

describe('people', () => {
  test('see every cell, have one that stands aside made anew, and are asked first where agents would notice', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const { cells } = bench.engine;
      const { client } = await bench.person();
      const looked = await client.request('cell.list', {});
      expect(looked.cells.map(({ cell }) => cell)).toEqual(cells.names());
      for (const { health, functions } of looked.cells) {
        expect(health.state).toBe('healthy');
        expect(functions.map(({ name }) => name)).toEqual(['healthCheck', 'repair', 'optimize']);
      }
      expect(await client.request('cell.repair', { cell: 'status' })).toMatchObject({
        done: false,
        request: '',
      });
      await expect(client.request('cell.repair', { cell: 'nobody' })).rejects.toThrow('no cell nobody');
      const viewer = await bench.person('vera', 'observe');
      await expect(viewer.client.request('cell.repair', { cell: 'status' })).rejects.toThrow('observe');
      const letGo = bench.engine.core.hold('supervisor');
      const asked = await client.request('cell.repair', { cell: 'supervisor' });
      expect(asked).toMatchObject({ done: false });
      expect(bench.state().pending[asked.request]?.action.tool).toBe('cell.repair');
      letGo();
      expect((await client.request('cell.optimize', {})).cells).toHaveLength(looked.cells.length);
    });
  });

  test('are offered the names of the cells there are', async () => {
    await withEngine(FLEET, async bench => {
      expect([...bench.engine.cells.names()].sort()).toEqual([...CELL_NAMES].sort());
    });
  });
});
