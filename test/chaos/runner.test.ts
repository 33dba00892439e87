import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { planSteps } from '../../src/chaos/plan.ts';
import { ExperimentRun, type FaultEnd, type Outcome, type RunnerPorts } from '../../src/chaos/runner.ts';
import { Experiment } from '../../src/chaos/schema.ts';
import type { Value } from '../../src/chaos/tolerance.ts';
import { HmsError } from '../../src/model/errors.ts';
import type { Event } from '../../src/model/event.ts';
import { RequestId } from '../../src/model/ids.ts';
import type { ChaosTold } from '../../src/protocol/messages.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

const view = { agents: [{ id: 'builder', alive: true, driver: 'command' }] };
const REVERTED: FaultEnd = { phase: 'reverted', because: 'time', detail: '', residues: [] };

interface World {
  /** What the probe sees so many ms after the beginning. */
  sees?(ms: number): number | string;
  halted?(ms: number): boolean;
  /** How the injection ends by itself. */
  readonly end?: FaultEnd;
  /** It does not end by itself. */
  readonly overdue?: boolean;
  readonly refuse?: HmsError;
  /** Asked to take it back, the helper hangs. */
  readonly deaf?: HmsError;
  /** Called at each look, to tell events. */
  during?(run: ExperimentRun, ms: number): void;
}

async function runIn(world: World, more: object = {}, method: unknown[] = [kill()]) {
  const experiment = Experiment.parse({
    title: 't',
    'steady-state-hypothesis': {
      title: 'well',
      probes: [{ name: 'well', provider: { type: 'agent-state' }, tolerance: 100 }],
    },
    method,
    ...more,
  });
  const told: ChaosTold[] = [];
  const halts: string[] = [];
  const begun = Date.now();
  const since = (): number => Date.now() - begun;
  const sleep: RunnerPorts['sleep'] = (ms, signal) =>
    new Promise(resolve => {
      if (signal.aborted || ms <= 0) return resolve();
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  const ports: RunnerPorts = {
    now: Date.now,
    sleep,
    look: async () => {
      world.during?.(run, since());
      const seen = world.sees?.(since()) ?? 100;
      const value: Value =
        typeof seen === 'number' ? { is: 'seen', value: seen } : { is: 'failed', why: seen };
      return value;
    },
    inject: async ({ action }) => {
      if (world.refuse) throw world.refuse;
      const { promise, resolve } = Promise.withResolvers<FaultEnd>();
      if (!world.overdue) setTimeout(() => resolve(world.end ?? REVERTED), action.for);
      return {
        mechanism: 'sigstop',
        effects: ['stops it'],
        reverts: ['lets it go on'],
        over: promise,
        halt: async because => {
          halts.push(because);
          if (world.deaf) throw world.deaf;
          resolve({ ...REVERTED, because });
        },
      };
    },
    tell: one => told.push(one),
    measure: () => {},
    halted: () => world.halted?.(since()) ?? false,
  };
  const steps = planSteps(experiment, { id: 'x-test', seed: 1, view, absolute: p => p });
  const request = RequestId.parse('r-test0');
  const run = new ExperimentRun(
    { id: 'x-test', day: '', seed: 1, request, experiment, steps, runner: { pid: 1, born: '1' } },
    ports,
  );
  let outcome: Outcome | undefined;
  void run.run().then(value => {
    outcome = value;
  });
  for (let round = 0; round < 2000 && !outcome; round += 1) await vi.advanceTimersByTimeAsync(100);
  if (!outcome) throw new Error('it does not end');
  return { outcome, told: told.map(one => one.kind), all: told, halts };
}

function kill(more: object = {}) {
  return { type: 'action', fault: 'pause', target: 'builder', for: '5s', ...more };
}

const STORY = ['experiment.started', 'steady-state.checked', 'fault.injected'];

describe('an experiment', () => {
  test('holds when the steady state was never left', async () => {
    const { outcome, told } = await runIn({});
    expect(outcome).toMatchObject({ verdict: 'held', recoveredMs: 0, detected: null });
    expect(told).toEqual([...STORY, 'fault.reverted', 'steady-state.checked']);
    expect(outcome.faults[0]).toMatchObject({ mechanism: 'sigstop', end: { phase: 'reverted' } });
  });

  test('holds when it is back in time, and says how long that took and what noticed it', async () => {
    const { outcome, told } = await runIn({
      sees: ms => (ms > 1000 && ms < 9000 ? 0 : 100),
      during: (run, ms) => {
        if (ms > 2000 && ms < 2600) run.see(event('agent.exited', { agent: 'builder' }, ms));
        if (ms > 1000 && ms < 1600) run.see(event('agent.exited', { agent: 'other' }, ms));
      },
    });
    expect(told).toEqual([
      ...STORY,
      'steady-state.broken',
      'fault.reverted',
      'steady-state.restored',
      'steady-state.checked',
    ]);
    expect(outcome.verdict).toBe('held');
    expect(Math.floor((outcome.recoveredMs ?? 0) / 500)).toBe(18);
    expect(Math.floor((outcome.detected?.ms ?? 0) / 600)).toBe(3);
    expect(outcome.detected).toEqual({ ms: expect.any(Number), by: expect.stringContaining('agent.exited') });
  });

  test('deviates when it does not come back', async () => {
    const { outcome } = await runIn({ sees: ms => (ms > 1000 ? 0 : 100) }, { 'recover-within': '3s' });
    expect(outcome).toMatchObject({ verdict: 'deviated', recoveredMs: null });
    expect(outcome.reason).toContain('well did not come back');
  });

  test('does not begin without a steady state, or while the kill switch is on', async () => {
    const broken = await runIn({ sees: () => 'nobody there' });
    expect(broken.outcome).toMatchObject({ verdict: 'not-begun', faults: [] });
    const halted = await runIn({ halted: () => true });
    expect(halted.outcome).toMatchObject({ verdict: 'not-begun', reason: 'the kill switch of chaos is on' });
    expect(halted.told).not.toContain('fault.injected');
  });

  test('ends, and vouches for nothing, when nobody answers that it is taken back', async () => {
    const { outcome, told } = await runIn({ overdue: true, deaf: new HmsError('no-answer', 'it hangs') });
    expect(outcome).toMatchObject({ verdict: 'aborted', faults: [{ end: { phase: 'failed' } }] });
    expect(outcome.reason).toContain('nobody says whether it was taken back: it hangs');
    expect(told).toContain('fault.failed');
  });

  test('was halted when the helper has seen the kill switch first', async () => {
    const { outcome } = await runIn({ end: { ...REVERTED, because: 'halt' }, halted: ms => ms >= 5000 });
    expect(outcome).toMatchObject({ verdict: 'aborted', reason: 'the kill switch of chaos is on' });
  });

  test('does not hold when the fault was over before its time', async () => {
    const { outcome, told } = await runIn({ end: { ...REVERTED, because: 'guardian' } });
    expect(outcome).toMatchObject({ verdict: 'aborted', faults: [{ end: { phase: 'reverted' } }] });
    expect(outcome.reason).toContain('ended early: guardian');
    expect(told).toContain('fault.reverted');
  });

  test('what an agent does by itself is no notice of what was done to it', async () => {
    const { outcome } = await runIn({
      during: (run, ms) => {
        const status = ms < 2000 ? 'working' : 'unknown';
        if (ms > 200 && ms < 2600) run.see(event('status.changed', { agent: 'builder', status }, ms));
      },
    });
    expect(Math.floor((outcome.detected?.ms ?? 0) / 1000)).toBe(2);
  });

  test('waits a little for a steady state to begin with', async () => {
    const { outcome } = await runIn({ sees: ms => (ms < 1000 ? 0 : 100) });
    expect(outcome).toMatchObject({ verdict: 'held', recoveredMs: 0 });
  });

  test('is aborted when a probe is out of its state for longer than patience', async () => {
    const { outcome, halts } = await runIn(
      { sees: ms => (ms > 1000 && ms < 8000 ? 0 : 100) },
      { patience: '2s' },
    );
    expect(halts).toEqual(['abort']);
    expect(outcome).toMatchObject({ verdict: 'aborted', reason: 'well is not steady for 2000 ms' });
    expect(outcome.faults[0]?.endedAt).toBeLessThan((outcome.faults[0]?.injectedAt ?? 0) + 4000);
  });

  test('is aborted by the rule that was given, and by no other then', async () => {
    const rule = { 'abort-if': [{ probe: 'well', for: '1s', unless: { min: 50 } }], patience: '1ms' };
    const mild = await runIn({ sees: ms => (ms > 1000 && ms < 4000 ? 60 : 100) }, rule);
    expect(mild.outcome.verdict).toBe('held');
    const bad = await runIn({ sees: ms => (ms > 1000 && ms < 4000 ? 40 : 100) }, rule);
    expect(bad.outcome).toMatchObject({ verdict: 'aborted', reason: 'well is what abort-if says' });
  });

  test('is aborted by the kill switch in the middle, and breaks nothing more', async () => {
    const { outcome, halts, told } = await runIn({ halted: ms => ms > 1500 }, {}, [kill(), kill()]);
    expect(halts).toEqual(['halt']);
    expect(outcome.verdict).toBe('aborted');
    expect(told.filter(kind => kind === 'fault.injected')).toHaveLength(1);
  });

  test('ends with what the helper refuses, and with what it could not take back', async () => {
    const refused = await runIn({
      refuse: new HmsError('pressure', 'the machine is under pressure', 'wait'),
    });
    expect(refused.outcome).toMatchObject({
      verdict: 'aborted',
      reason: expect.stringContaining('under pressure (wait)'),
      detected: null,
      recoveredMs: null,
    });
    const residues = ['builder stands still'];
    const left = await runIn({ end: { phase: 'failed', because: 'residue', detail: '', residues } });
    expect(left.outcome.verdict).toBe('aborted');
    expect(left.all.find(one => one.kind === 'fault.failed')?.data).toMatchObject({ residues });
  });

  test('asks for the end of a fault that is overdue', async () => {
    const { halts, outcome } = await runIn({ overdue: true });
    expect(halts).toEqual(['abort']);
    expect(outcome.verdict).toBe('held');
  });

  test('tells what people did, and not their yes to it', async () => {
    const { outcome } = await runIn({
      during: (run, ms) => {
        if (ms !== 1000) return;
        run.see(event('approval.decided', { request: 'r-test0', decision: 'approve' }, ms, 'console:s'));
        run.see(event('agent.stopped', { agent: 'builder' }, ms, 'console:s'));
        run.see(event('chaos.halted', { reason: '' }, ms, 'chaos:s'));
      },
    });
    expect(outcome.deeds).toEqual([
      { at: 1_001_000, by: 'ann', kind: 'agent.stopped', words: 'stopped by a person' },
    ]);
  });

  test('runs its steps one after the other, with stillness between and looks where they stand', async () => {
    const look = { type: 'probe', name: 'in between', provider: { type: 'agent-state' } };
    const { outcome } = await runIn({}, {}, [
      kill({ pauses: { after: '2s' } }),
      look,
      kill({ pauses: { before: '1s' } }),
    ]);
    const [first, second] = outcome.faults;
    expect(outcome.looks).toEqual([{ name: 'in between', at: (first?.endedAt ?? 0) + 2000, value: '100' }]);
    expect((second?.injectedAt ?? 0) - (first?.endedAt ?? 0)).toBe(3000);
  });
});

function event(kind: Event['kind'], data: object, ms: number, via = ''): Event {
  const actor = via
    ? { type: 'operator', id: 'ann', via }
    : { type: 'cell', id: 'supervisor', via: 'engine' };
  return { kind, data, actor, subject: 'fleet', seq: 1, time: 1_000_000 + ms, prev: '' } as unknown as Event;
}
