import { describe, expect, it } from 'vitest';
import { EvolutionConfig } from '../../../src/model/evolution.ts';
import { AgentId } from '../../../src/model/ids.ts';
import { Bench, GENOME } from './world.ts';

const MINUTE = 60_000;
const kinds = (bench: Bench): string[] =>
  bench.events.map(({ kind }) => kind).filter(kind => /^(evolution|tuning)\./.test(kind));
const proposal = (bench: Bench): string => bench.optimizer.look().proposal;

describe('a cycle', () => {
  it('does not begin while nothing happens, however long', () => {
    const bench = new Bench();
    bench.pass(24 * 60 * MINUTE);
    expect(bench.works).toEqual([]);
    expect(bench.optimizer.look()).toMatchObject({
      next: null,
      why: 'nothing has happened since the last cycle',
    });
  });

  it('begins soon after an incident opened, within its cap, and is told what is in force', () => {
    const bench = new Bench();
    bench.open('one');
    bench.pass(4000);
    expect(bench.works).toHaveLength(0);
    bench.pass(2000);
    expect(bench.work.order).toMatchObject({ capMs: 30_000, challenger: 'best', nice: 19 });
    bench.pass(MINUTE);
    expect(bench.work.ended).toEqual(['SIGKILL']);
  });

  it('is never one of two, and leaves a pause however much happens', () => {
    const bench = new Bench();
    bench.open('one');
    bench.pass(6000);
    for (const agent of ['two', 'three']) bench.open(agent);
    bench.pass(20_000);
    expect(bench.works).toHaveLength(1);
    bench.work.say({ said: 'ended', steps: 2, due: false, words: 'done', incidents: 1 });
    bench.work.gone();
    bench.pass(50_000);
    expect(bench.works).toHaveLength(1);
    bench.pass(20_000);
    expect(bench.works).toHaveLength(2);
  });

  it('waits while the machine is busy, and does not run where it is off or no agent evolves', () => {
    const bench = new Bench();
    bench.busy = 'the machine is busy';
    bench.trouble('one');
    bench.pass(10 * MINUTE);
    expect(bench.works).toEqual([]);
    expect(bench.optimizer.look().why).toBe('the machine is busy');
    bench.busy = '';
    bench.pass(MINUTE);
    expect(bench.works).toHaveLength(1);
    const off = new Bench();
    off.settings = null;
    off.trouble('one');
    off.pass(60 * MINUTE);
    expect(off.works).toEqual([]);
    const none = new Bench('hybrid');
    none.trouble('one');
    none.pass(60 * MINUTE);
    expect(none.works).toEqual([]);
  });

  it('tells each generation and its end, also when its process was killed, and goes on with a challenge that is due', () => {
    const bench = new Bench();
    bench.trouble('one');
    bench.pass(6 * MINUTE);
    bench.work.say({ said: 'stepped', step: 1, evaluations: 60, fitness: 0.9, elites: 3, incidents: 1 });
    bench.work.say({
      said: 'ended',
      steps: 1,
      due: true,
      words: '3 of 40 held-out seeds are played',
      incidents: 1,
    });
    bench.work.gone();
    expect(kinds(bench)).toEqual(['evolution.stepped', 'evolution.ended']);
    expect(bench.state.evolution).toMatchObject({
      generations: [{ step: 1, fitness: 0.9 }],
      cycle: { due: true },
    });
    bench.pass(6 * MINUTE);
    bench.work.gone('it was ended by SIGKILL');
    expect(bench.state.evolution.cycle).toMatchObject({ due: true, detail: 'it was ended by SIGKILL' });
    bench.pass(6 * MINUTE);
    expect(bench.works).toHaveLength(3);
  });

  it('of a person takes as many steps as they want, at once, and is ended by them', () => {
    const bench = new Bench();
    const run = bench.optimizer.begin({ by: 'ann', steps: 7, seed: 1 });
    expect(bench.work.order).toMatchObject({ steps: 7, nice: 5, seed: 1 });
    expect(() => bench.optimizer.begin({ by: 'bob', steps: 1, seed: 1 })).toThrow('at work already for ann');
    bench.optimizer.end(run);
    expect(bench.work.ended).toEqual(['SIGTERM']);
  });

  it('of its own gives way to one that a person asks for', () => {
    const bench = new Bench();
    bench.trouble('one');
    bench.pass(1000);
    const own = bench.work;
    const run = bench.optimizer.begin({ by: 'ann', steps: 7, seed: 1 });
    expect(own.ended).toEqual(['SIGTERM']);
    expect(bench.works).toHaveLength(1);
    expect(() => bench.optimizer.begin({ by: 'bob', steps: 1, seed: 1 })).toThrow('at work already for ann');
    own.gone();
    expect(bench.work.order).toMatchObject({ steps: 7, nice: 5 });
    expect(bench.optimizer.look().running).toMatchObject({ run, by: 'ann' });
    // Whoever leaves before it began wants nothing.
    const other = new Bench();
    other.trouble('one');
    other.pass(1000);
    other.optimizer.end(other.optimizer.begin({ by: 'ann', steps: 7, seed: 1 }));
    other.work.gone();
    expect(other.works).toHaveLength(1);
  });

  it('ends when the fleet file switches it off', () => {
    const bench = new Bench();
    bench.trouble('one');
    bench.pass(1000);
    bench.settings = null;
    bench.emit({ kind: 'healing.changed', data: { agent: AgentId.parse('two'), level: 'basic' } });
    expect(bench.work.ended).toEqual(['SIGTERM']);
    bench.work.gone();
    bench.trouble('one');
    bench.pass(60 * MINUTE);
    expect(bench.works).toHaveLength(1);
  });

  it('dies with the cell', () => {
    const bench = new Bench();
    bench.optimizer.begin({ by: 'ann', steps: 7, seed: 1 });
    bench.optimizer.stop();
    expect(bench.work.ended).toEqual(['SIGKILL']);
    bench.work.say({ said: 'stepped', step: 1, evaluations: 60, fitness: 0.9, elites: 3, incidents: 1 });
    bench.work.gone();
    expect(kinds(bench)).toEqual([]);
  });
});

describe('what won', () => {
  const found = (): Bench => {
    const bench = new Bench();
    bench.trouble('one');
    bench.pass(6 * MINUTE);
    bench.finds();
    return bench;
  };

  it('is asked about with its changes, evidence and expected gain, once', () => {
    const bench = found();
    const { action } = bench.state.pending[proposal(bench)] ?? {};
    expect(action).toMatchObject({
      tool: 'heal.tune',
      input: {
        about: 'heal by 1 changed number or ladder, 5.0 % cheaper [3.0, 7.0]',
        changes: ['prior: 8 → 3'],
        expected: { change_pct: { mean: -5, low: -7, high: -3 } },
        genome: GENOME,
      },
    });
    bench.trouble('two');
    bench.pass(6 * MINUTE);
    expect(bench.work.order.challenger).toBe('none');
    bench.finds();
    expect(Object.keys(bench.state.pending)).toHaveLength(1);
  });

  it('is tried on one of three after a yes, given to all after enough incidents', () => {
    const bench = found();
    bench.decide(proposal(bench), 'approved');
    const { canary } = bench.state.evolution;
    expect(canary?.agents).toHaveLength(1);
    const [first = ''] = canary?.agents ?? [];
    for (let n = 0; n < 10; n += 1) bench.trouble(first, 4000 + n);
    expect(kinds(bench).slice(-2)).toEqual(['tuning.adopted', 'tuning.promoted']);
    expect(bench.state.evolution).toMatchObject({ tuning: GENOME, canary: null });
  });

  it('is given to all after its time where incidents are few', () => {
    const bench = found();
    bench.decide(proposal(bench), 'approved');
    const [first = ''] = bench.state.evolution.canary?.agents ?? [];
    for (let n = 0; n < 3; n += 1) bench.trouble(first, 4000 + n);
    bench.pass(23 * 60 * MINUTE);
    expect(bench.state.evolution.canary).not.toBeNull();
    bench.pass(2 * 60 * MINUTE);
    expect(bench.state.evolution.tuning).toEqual(GENOME);
  });

  it('is not proposed again by itself once people said no to it, or it was taken back', () => {
    const bench = found();
    bench.decide(proposal(bench), 'denied');
    bench.trouble('two');
    bench.pass(6 * MINUTE);
    bench.finds();
    expect(proposal(bench)).toBe('');
    expect(bench.optimizer.look().last?.detail).toMatch(/people have said no to it/);
    // A person may want it all the same.
    bench.optimizer.begin({ by: 'ann', steps: 0, seed: 1, propose: 'best' });
    bench.finds();
    expect(proposal(bench)).not.toBe('');
  });

  it('is withdrawn when another tuning has come into force meanwhile', () => {
    const bench = found();
    const request = proposal(bench);
    bench.emit(
      {
        kind: 'tuning.adopted',
        data: { request, genome: { numbers: { prior: 3 } }, agents: [AgentId.parse('one')] },
      },
      { kind: 'tuning.promoted', data: { request, detail: '' } },
    );
    expect(bench.state.settled[0]).toMatchObject({ id: request, outcome: 'withdrawn' });
  });

  it('is taken back when none of those that try it evolve any more', () => {
    const bench = found();
    bench.decide(proposal(bench), 'approved');
    const [first = ''] = bench.state.evolution.canary?.agents ?? [];
    bench.emit({ kind: 'healing.changed', data: { agent: AgentId.parse(first), level: 'basic' } });
    expect(kinds(bench).at(-1)).toBe('tuning.reverted');
    expect(bench.state.evolution).toMatchObject({ canary: null, tuning: null });
  });
});

it('tells who steps in to try a tuning by the share that the fleet file gives', () => {
  const bench = new Bench();
  bench.settings = EvolutionConfig.parse({ canary: { share: 67 } });
  bench.optimizer.begin({ by: 'ann', steps: 0, seed: 1, propose: 'best' });
  bench.finds();
  bench.decide(proposal(bench), 'approved');
  expect(bench.state.evolution.canary?.agents).toHaveLength(2);
});
