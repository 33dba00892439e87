import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, isHealthy } from '../../../src/healing/simulate/catalogue.ts';
import { EventHeap } from '../../../src/healing/simulate/heap.ts';
import { loopPolicy } from '../../../src/healing/simulate/loop-policy.ts';
import type { MakePolicy } from '../../../src/healing/simulate/policy.ts';
import { costOf, noCosts, PRICES } from '../../../src/healing/simulate/score.ts';
import { World, type WorldOptions } from '../../../src/healing/simulate/world.ts';
import type { Signal } from '../../../src/healing/types.ts';
import { HealingConfig, type HealingLevel } from '../../../src/model/healing.ts';

const OPTIONS: WorldOptions = {
  agents: 8,
  seed: 1,
  durationMs: 3_600_000,
  shiftAt: 1_800_000,
  faultEveryMs: 300_000,
};
const level = (name: HealingLevel): MakePolicy =>
  loopPolicy(HealingConfig.parse({ level: name, silence: '30s' }));
const nobody: MakePolicy = () => ({ signal: () => Number.POSITIVE_INFINITY, handles: () => false });

/** Only this fault, at all times. */
const only = (id: string) =>
  CATALOGUE.filter(model => model.id === id).map(model => ({ ...model, share: [1, 1] as const }));

describe('the simulated world', () => {
  it('is the same for the same seed, and another for another', () => {
    const [one, two, other] = [1, 1, 2].map(seed => new World({ ...OPTIONS, seed }, level('hybrid')).run());
    expect(two).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('tells signals of an agent in the order of time, each once', () => {
    const last = new Map<string, number>();
    const seen: Signal[] = [];
    const inner = level('hybrid');
    const checking: MakePolicy = (hands, agents, random) => {
      const policy = inner(hands, agents, random);
      return {
        ...policy,
        signal(agent, signal, now) {
          expect(now).toBeGreaterThanOrEqual(last.get(agent) ?? 0);
          last.set(agent, now);
          seen.push(signal);
          return policy.signal(agent, signal, now);
        },
      };
    };
    new World({ ...OPTIONS, durationMs: 7_200_000 }, checking).run();
    expect(seen.length).toBeGreaterThan(1000);
    expect(new Set(seen.map(({ signal }) => signal))).toEqual(
      new Set([
        ...['started', 'doing', 'progress', 'resources', 'time', 'exited', 'error', 'dependency', 'step'],
        ...['usage', 'allowance', 'tool-failed', 'saved'],
      ]),
    );
  });

  it('never tells a policy what is the matter', () => {
    const words = new Set<string>();
    const policy: MakePolicy = () => ({
      handles: () => false,
      signal: (_agent, signal) => {
        words.add(JSON.stringify(signal));
        return Number.POSITIVE_INFINITY;
      },
    });
    new World({ ...OPTIONS, durationMs: 7_200_000 }, policy).run();
    for (const { id } of CATALOGUE) for (const word of words) expect(word).not.toContain(`"${id}"`);
  });

  it('brings the same faults whoever the policy is', () => {
    // Until the first was dealt with differently, at least: the kinds of each agent's first faults.
    const kinds = (make: MakePolicy) => {
      const world = new World({ ...OPTIONS, durationMs: 600_000 }, make);
      const score = world.run();
      return Object.keys(score.counts).sort();
    };
    expect(kinds(level('basic'))).toEqual(kinds(level('hybrid')));
  });

  it('loses all of the time of a fault nobody deals with, until a person looks round', () => {
    const score = new World({ ...OPTIONS, agents: 1, catalogue: only('F16') }, nobody).run();
    expect(score.giveUps).toBeGreaterThan(0);
    expect(score.missed).toBe(score.giveUps);
    expect(Math.max(...score.recoverS)).toBeCloseTo(600, 3);
    expect(score.total.downS).toBeGreaterThan(600 * score.giveUps);
  });

  it('brings back all agents of a group at once when their dependency is back, and starts nothing before', () => {
    const score = new World({ ...OPTIONS, agents: 4, catalogue: only('F02') }, level('basic')).run();
    expect(score.faults).toBeGreaterThan(3);
    expect(score.wasted).toBe(0);
    expect(score.giveUps).toBe(0);
  });

  it.each(['basic', 'hybrid', 'evolutionary'] as const)(
    'leaves an agent that waits for a person alone at level %s',
    name => {
      const score = new World({ ...OPTIONS, catalogue: only('F09') }, level(name)).run();
      expect(score.starts).toBe(0);
      expect(score.total.falseActs).toBe(0);
    },
  );

  it('uses up memory bit by bit until an agent dies of it, unless it is started anew before', () => {
    const levels: number[] = [];
    const watching: MakePolicy = () => ({
      handles: () => false,
      signal: (_agent, signal) => {
        if (signal.signal === 'resources') levels.push(signal.use.rss / 2 ** 20);
        if (signal.signal === 'exited') levels.push(Number.NaN);
        return Number.POSITIVE_INFINITY;
      },
    });
    const leaks = { ...OPTIONS, agents: 1, catalogue: only('F08') };
    expect(new World(leaks, watching).run().averted).toBe(0);
    const death = levels.findIndex(Number.isNaN);
    expect(death).toBeGreaterThan(10);
    expect(levels[death - 1]).toBeGreaterThan(2000);
    const half = levels.slice(0, death).filter(level => level > 1000 && level < 3000);
    expect(half.length).toBeGreaterThan(2);

    const early: MakePolicy = hands => ({
      handles: () => true,
      signal: (agent, signal) => {
        if (signal.signal === 'resources' && signal.use.rss > 1000 * 2 ** 20) hands.perform(agent, 'resume');
        return Number.POSITIVE_INFINITY;
      },
    });
    const averting = new World(leaks, early).run();
    expect(averting.averted).toBeGreaterThan(2);
    expect(averting.recoverS).toEqual([]);
  });

  it('loses nothing when an agent is started anew just after its work was saved', () => {
    const saved: MakePolicy = hands => ({
      handles: () => true,
      signal: (agent, { signal }) => {
        if (signal === 'saved') hands.perform(agent, 'restart');
        return Number.POSITIVE_INFINITY;
      },
    });
    const score = new World({ ...OPTIONS, agents: 1, catalogue: only('H3') }, saved).run();
    expect(score.starts).toBeGreaterThan(5);
    expect(score.total.lostS).toBe(0);
  });

  it('reaches the agents that share a cause one after the other', () => {
    const deaths: number[] = [];
    const watching: MakePolicy = () => ({
      handles: () => false,
      signal: (_agent, signal, now) => {
        if (signal.signal === 'exited') deaths.push(now);
        return Number.POSITIVE_INFINITY;
      },
    });
    const outage = { ...OPTIONS, agents: 4, durationMs: 3_000_000, catalogue: only('F02') };
    const { reach } = new World(outage, watching).run();
    expect(new Set(deaths).size).toBe(deaths.length);
    expect(Math.max(...reach)).toBeGreaterThan(2);
  });

  it('charges what it prices, and only that', () => {
    expect(costOf({ ...noCosts(), downS: 1, lostS: 2, tokens: 3, persons: 4, leaves: 5, falseActs: 6 })).toBe(
      3 + 3 * PRICES.token + 4 * PRICES.person + 5 * PRICES.leave + 6 * PRICES.falseAct,
    );
    const score = new World(OPTIONS, level('hybrid')).run();
    const byFault = Object.values(score.byFault).map(costOf);
    expect(byFault.reduce((sum, one) => sum + one, 0)).toBeCloseTo(costOf(score.total), 3);
    expect(costOf(score.after)).toBeLessThan(costOf(score.total));
  });

  it('has every fault of the catalogue, and as many again that only look like one, or like the beginning of one', () => {
    const ids = CATALOGUE.map(({ id }) => id);
    for (let number = 1; number <= 16; number += 1)
      expect(ids).toContain(`F${String(number).padStart(2, '0')}`);
    for (const era of [0, 1] as const) {
      const odd = (does: 'show' | 'other') =>
        CATALOGUE.filter(model => isHealthy(model) && model.symptom.does !== 'wait')
          .filter(({ symptom }) => (symptom.does === 'show') === (does === 'show'))
          .reduce((sum, { share }) => sum + share[era], 0);
      expect(odd('other')).toBeCloseTo(0.1);
      expect(odd('show')).toBeGreaterThanOrEqual(0.1);
    }
  });
});

describe('the queue of events', () => {
  it('gives them in the order of time, and of one moment in the order they came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), times => {
        const heap = new EventHeap<number>();
        for (const [order, at] of times.entries()) heap.push(at, order);
        const popped = times.map(() => heap.pop());
        const sorted = times
          .map((at, event) => ({ at, event }))
          .sort((a, b) => a.at - b.at || a.event - b.event);
        expect(popped).toEqual(sorted);
        expect(heap.pop()).toBeUndefined();
      }),
    );
  });
});
