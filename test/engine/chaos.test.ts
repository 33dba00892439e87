import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ExperimentId } from '../../src/model/chaos.ts';
import { CELLS_THAT_HANG } from '../../src/model/chaos-state.ts';
import { OperatorId } from '../../src/model/ids.ts';
import { readBirth } from '../../src/processes/process.ts';
import { type Client, connectOperator, type OperatorTable } from '../../src/protocol/client.ts';
import { PROTOCOL } from '../../src/protocol/limits.ts';
import type { OperatorInput } from '../../src/protocol/messages.ts';
import { type Bench, withEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait.ts';
import { alive, FLEET, one } from './unit.ts';

const experiment = ExperimentId.parse('x-abcd');

async function runner(bench: Bench, as?: string): Promise<Client<OperatorTable>> {
  const client = await connectOperator(bench.paths.operatorSocket);
  await client.request('hello', {
    protocol: PROTOCOL,
    client: 'chaos',
    follow: true,
    ...(as ? { as: OperatorId.parse(as) } : {}),
  });
  return client;
}

const fault = (what: string, targets: string[], n = 1) => ({
  id: `x-abcd.${n}`,
  what,
  targets,
  forMs: 60_000,
  about: `${what} ${targets.join(', ')}`,
});

function proposal(bench: Bench, faults = [fault('kill', [one])]): OperatorInput<'chaos.propose'> {
  const { pid, born } = bench.state().agents[one] ?? { pid: 1, born: '' };
  const how = { mechanism: 'pidfd', privileged: false, effects: ['kills it'], reverts: [] };
  return {
    experiment,
    title: 'a killed agent comes back',
    seed: 7,
    probes: ['agents 100'],
    faults: faults.map(one => ({ ...one, ...how })),
    scope: [{ name: one, pid, born }],
  };
}

function started(request: OperatorInput<'approval.decide'>['request'], faults = [fault('kill', [one])]) {
  const me = { pid: process.pid, born: readBirth(process.pid) };
  return {
    kind: 'experiment.started' as const,
    data: { experiment, title: 't', day: '', seed: 7, request, runner: me, probes: ['agents'], faults },
  };
}

describe('an experiment', () => {
  test('waits at the gate for somebody who may break things, and may begin then, once', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const client = await runner(bench, 'rita');
      const { request, digest, needs } = await client.request('chaos.propose', proposal(bench));
      expect(needs).toBe(1);
      expect(bench.state().pending[request]).toMatchObject({
        agent: '',
        digest,
        facts: { verb: 'Chaos', classes: ['chaos'], targets: [one], programs: ['chaos', 'chaos kill'] },
      });
      await expect(client.request('chaos.tell', started(request))).rejects.toThrow('not what was agreed to');
      const watcher = await bench.person('walt');
      const decide = { request, digest, decision: 'approve' as const };
      await expect(watcher.client.request('approval.decide', decide)).rejects.toThrow(
        'needs a lead, or collaborate',
      );
      await watcher.client.request('mode.set', { mode: 'collaborate' });
      await watcher.client.request('approval.decide', decide);
      await expect(
        client.request('chaos.tell', started(request, [fault('kill', ['two'], 2)])),
      ).rejects.toThrow('not what was agreed to');
      await client.request('chaos.tell', started(request));
      await expect(client.request('chaos.tell', started(request))).rejects.toThrow('begun already');
      const injected = {
        kind: 'fault.injected' as const,
        data: {
          experiment,
          fault: 'x-abcd.1',
          what: 'kill',
          targets: [one],
          until: 9e12,
          mechanism: 'pidfd',
          about: 'k',
        },
      };
      await client.request('chaos.tell', injected);
      // The answer was lost and it is said again: one event.
      await client.request('chaos.tell', injected);
      expect(bench.state().chaos.running[experiment]).toMatchObject({
        by: 'rita',
        faults: [{ phase: 'active' }],
      });
      expect(bench.events().filter(e => e.kind === 'fault.injected')).toHaveLength(1);
      client.close();
    });
  });

  test('that names what is not the fleet’s is forbidden, also for a lead', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const client = await runner(bench);
      const given = proposal(bench);
      const { outcome, why } = await client.request('chaos.propose', {
        ...given,
        scope: [...(given.scope ?? []), { name: 'builder', pid: 1, born: '1' }],
        paths: ['/etc'],
      });
      expect(outcome).toBe('forbidden');
      expect(why).toContain('what is not the fleet');
      const forbidden = bench.state().settled[0];
      expect(forbidden?.facts.targets).toEqual([one, 'builder (pid 1)', '/etc']);
      client.close();
    });
  });

  test('is withdrawn when its runner goes before it was answered, and lost when it dies later', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const first = await runner(bench);
      const { request } = await first.request('chaos.propose', proposal(bench));
      first.close();
      await bench.event('gate.settled', e => e.data.request === request && e.data.outcome === 'withdrawn');
      const second = await runner(bench);
      const again = await second.request('chaos.propose', proposal(bench));
      const lead = await bench.person();
      const { request: id, digest } = again;
      await lead.client.request('approval.decide', { request: id, digest, decision: 'approve' });
      const told = started(id);
      await second.request('chaos.tell', {
        ...told,
        data: { ...told.data, runner: { pid: 4_194_304, born: '1' } },
      });
      await expect(second.request('chaos.propose', proposal(bench))).rejects.toThrow('x-abcd runs');
      second.close();
      const asked = join(bench.dir, 'asked');
      const helper = join(bench.dir, 'helper');
      writeFileSync(helper, `#!/bin/sh\necho "$*" >${asked}\necho '[]'\n`, { mode: 0o755 });
      vi.stubEnv('HMS_NATIVE', helper);
      const over = await bench.event('experiment.finished').finally(() => vi.unstubAllEnvs());
      expect(over.data.verdict).toBe('lost');
      await vi.waitFor(
        () => expect(readFileSync(asked, 'utf8')).toMatch(/^recover .*chaos\/undo --json/),
        5000,
      );
      expect(bench.state().chaos.finished[0]).toMatchObject({ id: experiment, verdict: 'lost' });
    });
  });

  test('of a game day follows the one before on the same connection', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const lead = await bench.person();
      const client = await runner(bench);
      const { request, digest } = await client.request('chaos.propose', proposal(bench));
      await lead.client.request('approval.decide', { request, digest, decision: 'approve' });
      await client.request('chaos.tell', started(request));
      const over = {
        verdict: 'held' as const,
        reason: '',
        ms: 1,
        detectedMs: null,
        recoveredMs: 0,
        report: '',
      };
      await client.request('chaos.tell', { kind: 'experiment.finished', data: { experiment, ...over } });
      const next = ExperimentId.parse('x-next');
      const given = proposal(bench);
      const faults = given.faults.map(one => ({ ...one, id: 'x-next.1' }));
      expect((await client.request('chaos.propose', { ...given, experiment: next, faults })).needs).toBe(1);
      await expect(client.request('chaos.measure', { experiment, at: 1, probes: [] })).rejects.toThrow(
        'one connection',
      );
      client.close();
    });
  });

  test('may be told and measured by its runner alone', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const lead = await bench.person();
      const measure = { experiment, at: 1, probes: [] };
      await expect(lead.client.request('chaos.measure', measure)).rejects.toThrow('only the runner');
      await expect(lead.client.request('chaos.propose', proposal(bench))).rejects.toThrow('only the runner');
      const client = await runner(bench);
      const readings: unknown[] = [];
      lead.client.onPush(push => push.push === 'probes' && readings.push(push.readings));
      await client.request('chaos.measure', measure);
      await waitFor(() => readings.length > 0, { what: 'the reading' });
      expect(readings).toEqual([measure]);
      expect(Object.values(bench.state().sessions).map(s => s.client)).toEqual(['console']);
      client.close();
    });
  });
});

describe('a cell that hangs', () => {
  test('hears nothing until it is let go, and then everything in order', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const client = await runner(bench);
      const faults = [fault('cell_hang', ['cell:supervisor'])];
      const { request, digest } = await client.request('chaos.propose', proposal(bench, faults));
      expect(bench.state().pending[request]?.facts.classes).toEqual(['chaos-core']);
      const hang = { experiment, fault: 'x-abcd.1', forMs: 60_000 };
      await expect(client.request('chaos.hang', hang)).rejects.toThrow('no hang that was agreed to');
      const lead = await bench.person();
      await lead.client.request('approval.decide', { request, digest, decision: 'approve' });
      await client.request('chaos.tell', started(request, faults));
      await client.request('chaos.hang', hang);
      const before = bench.state().agents[one];
      process.kill(before?.pid ?? 0, 'SIGKILL');
      await waitFor(() => readBirth(before?.pid ?? 0) !== before?.born, { what: 'the death' });
      // Looks go on meanwhile, and none of them is the supervisor's.
      await lead.client.request('ping', {});
      await lead.client.request('ping', {});
      expect(bench.state().agents[one]?.alive).toBe(true);
      await client.request('chaos.hang', { ...hang, forMs: 0 });
      await bench.event('agent.exited', e => e.data.agent === one);
      await bench.until('it is back', s => s.agents[one]?.incarnation === 2);
      client.close();
    });
  });

  test('is let go by its time, and by the kill switch of no engine at all', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const client = await runner(bench);
      const faults = [fault('cell_hang', ['cell:status', 'cell:recorder'])];
      const { request, digest } = await client.request('chaos.propose', proposal(bench, faults));
      const lead = await bench.person();
      await lead.client.request('approval.decide', { request, digest, decision: 'approve' });
      await client.request('chaos.tell', started(request, faults));
      const { core } = bench.engine;
      await client.request('chaos.hang', { experiment, fault: 'x-abcd.1', forMs: 30 });
      await waitFor(() => !core.isHeld('status') && !core.isHeld('recorder'), { what: 'its time' });
      await client.request('chaos.hang', { experiment, fault: 'x-abcd.1', forMs: 60_000 });
      expect([core.isHeld('status'), core.isHeld('recorder')]).toEqual([true, true]);
      writeFileSync(bench.paths.chaosHalt, '');
      await waitFor(() => !core.isHeld('status') && !core.isHeld('recorder'), { what: 'the kill switch' });
      await bench.event('chaos.halted');
      client.close();
    });
  });

  test('may be killed instead, and comes back by itself', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const client = await runner(bench);
      const faults = [fault('cell_kill', ['cell:status'])];
      const { request, digest } = await client.request('chaos.propose', proposal(bench, faults));
      const lead = await bench.person();
      await lead.client.request('approval.decide', { request, digest, decision: 'approve' });
      await client.request('chaos.tell', started(request, faults));
      await client.request('chaos.hang', { experiment, fault: 'x-abcd.1', forMs: 1000 });
      const failed = await bench.event('cell.failed');
      expect(failed.data).toEqual({ cell: 'status', fault: 'crash', detail: 'killed by an experiment' });
      await bench.event('cell.restarted', e => e.data.cell === 'status');
      client.close();
    });
  });

  test('is one of those the engine has', async () => {
    await withEngine(FLEET, async bench => {
      for (const cell of CELLS_THAT_HANG) bench.engine.core.hold(cell)();
      expect(() => bench.engine.core.hold('nobody')).toThrow('there is no cell nobody');
    });
  });
});

describe('the kill switch', () => {
  test('stops what would begin, is lifted by who may break things, and outlives the engine', async () => {
    await withEngine(FLEET, async bench => {
      await alive(bench);
      const client = await runner(bench);
      const walt = await bench.person('walt');
      await walt.client.request('chaos.halt', { on: true, reason: 'enough' });
      expect(bench.state().chaos.halted).toMatchObject({ by: 'walt', reason: 'enough' });
      await expect(client.request('chaos.propose', proposal(bench))).rejects.toThrow(
        'the kill switch of chaos is on',
      );
      client.close();
      await bench.engine.stop('another one');
      await bench.again();
      expect(bench.state().chaos.halted).not.toBeNull();
      const again = await bench.person('walt');
      await expect(again.client.request('chaos.halt', { on: false })).rejects.toThrow(
        'needs a lead, or collaborate',
      );
      const lead = await bench.person();
      await lead.client.request('chaos.halt', { on: false });
      expect(bench.state().chaos.halted).toBeNull();
      const next = await runner(bench);
      expect((await next.request('chaos.propose', proposal(bench))).needs).toBe(1);
      next.close();
    });
  });
});
