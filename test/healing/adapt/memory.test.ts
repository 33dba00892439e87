import { describe, expect, it } from 'vitest';
import { BanditSelector } from '../../../src/healing/adapt/bandit.ts';
import { DriverMemory, outcomesOf } from '../../../src/healing/adapt/memory.ts';
import { bestWait, OrganicRecovery } from '../../../src/healing/adapt/organic.ts';
import { Picture } from '../../../src/healing/picture.ts';
import { seeded } from '../../../src/healing/random.ts';
import type { Abilities } from '../../../src/healing/strategy.ts';
import { TUNING } from '../../../src/healing/tuning.ts';
import type { Attempt, Closed, Incident, PastOutcome } from '../../../src/healing/types.ts';
import { RestartPolicy } from '../../../src/model/fleet.ts';
import { type FaultClass, HealingConfig, type StrategyName } from '../../../src/model/healing.ts';
import { ALL } from '../support/fleet.ts';

const NO_COST = { downMs: 0, lostMs: 0, wasted: 0, tokens: 0 };
const config = HealingConfig.parse({ level: 'hybrid' });

function outcome(
  strategy: StrategyName,
  recovered: boolean,
  at: number,
  more: Partial<PastOutcome> = {},
): PastOutcome {
  return { fault: 'hang', strategy, at, recovered, tookMs: 800, cost: NO_COST, propensity: 1, ...more };
}

function incidentOf(fault: FaultClass, attempts: readonly Attempt[] = [], until?: number): Incident {
  const waitFor = until === undefined ? {} : { until };
  return {
    id: 'i',
    agent: 'a',
    anomaly: { fault, at: 0, since: 0, findings: [], waitFor },
    attempts,
    asked: false,
  };
}

function choose(memory: DriverMemory, incident: Incident, draws = 60): Record<string, number> {
  // What is assumed counts little here.
  const selector = new BanditSelector({ ...TUNING, prior: 1 }, memory);
  const picture = new Picture();
  picture.see({ signal: 'started', incarnation: 1, resumed: false }, 0);
  const random = seeded(3);
  const counts: Record<string, number> = {};
  for (let at = 0; at < draws; at += 1) {
    const policy = RestartPolicy.parse({});
    const chosen = selector.choose({
      incident,
      relapsed: [],
      picture,
      config,
      policy,
      can: ALL,
      restarts: [],
      pauseMs: Number.POSITIVE_INFINITY,
      now: 1000,
      random,
    });
    const name = 'ask' in chosen ? 'ask' : chosen.strategy;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('one memory by several discounts', () => {
  it('is told once and weighs as each says, also what was told before and what did not hold', () => {
    const memory = new DriverMemory(1, [outcome('restart', true, 1)]);
    const forgetful = memory.discounted(0.5);
    forgetful.take(outcome('restart', true, 2));
    memory.take(outcome('resume', false, 3));
    expect(memory.arm('hang', undefined, 'restart')).toMatchObject({ wins: 2, tried: 2 });
    expect(forgetful.arm('hang', undefined, 'restart')).toMatchObject({ wins: 0.75, tried: 2 });
    expect(forgetful.arm('hang', undefined, 'resume')).toMatchObject({ losses: 1 });
    memory.relapsed(outcome('restart', true, 2));
    expect(forgetful.arm('hang', undefined, 'restart')).toMatchObject({ wins: 0, cured: 1 });
    expect(forgetful.outcomes).toBe(memory.outcomes);
    expect(forgetful.organic('hang')).toBe(memory.organic('hang'));
    expect(memory.discounted(0.5)).toBe(forgetful);
    expect(forgetful.discounted(1)).toBe(memory);
  });
});

describe('what agents of one driver learn together', () => {
  it('prefers what cured, and unlearns it when it cures no longer', () => {
    const memory = new DriverMemory(0.9);
    for (let at = 0; at < 20; at += 1) memory.take(outcome('nudge', true, at));
    expect(choose(memory, incidentOf('hang'))['nudge']).toBeGreaterThan(50);
    for (let at = 20; at < 50; at += 1) {
      memory.take(outcome('nudge', false, at));
      memory.take(outcome('interrupt', true, at));
    }
    const now = choose(memory, incidentOf('hang'));
    expect(now['interrupt']).toBeGreaterThan(45);
  });

  it('learns what helps after something else did not, apart from what helps at first', () => {
    const memory = new DriverMemory(0.95);
    for (let at = 0; at < 30; at += 1)
      memory.take(outcome('restart', false, at, { fault: 'crash', after: 'resume' }));
    const arm = memory.arm('crash', 'resume', 'restart');
    expect([arm.tried, arm.cured]).toEqual([30, 0]);
    expect(memory.arm('crash', undefined, 'restart').tried).toBe(0);
  });

  it('is patient for as long as successes took, no longer than people set', () => {
    const memory = new DriverMemory(0.95);
    const selector = new BanditSelector({ ...TUNING, leastPatience: 500 }, memory);
    for (let at = 0; at < 10; at += 1) memory.take(outcome('nudge', true, at));
    const picture = new Picture();
    picture.see({ signal: 'started', incarnation: 1, resumed: false }, 0);
    const policy = RestartPolicy.parse({});
    const random = () => 0.5;
    const chosen = selector.choose({
      incident: incidentOf('hang'),
      relapsed: [],
      picture,
      config,
      policy,
      can: ALL,
      restarts: [],
      pauseMs: Number.POSITIVE_INFINITY,
      now: 0,
      random,
    });
    expect(chosen).toMatchObject({ strategy: 'nudge' });
    expect('ask' in chosen ? 0 : chosen.patienceMs).toBeLessThan(2000);
  });

  it('is patient for no longer than a usual pause with what leaves the agent running, before anything is known', () => {
    const patienceOf = (fault: FaultClass, can: Partial<Abilities>): number => {
      const selector = new BanditSelector(TUNING, new DriverMemory(0.95));
      const picture = new Picture();
      picture.see({ signal: 'started', incarnation: 1, resumed: false }, 0);
      const policy = RestartPolicy.parse({});
      const nothing = { ...ALL, nudge: false, interrupt: false, resume: false, swap: false, shed: false };
      const chosen = selector.choose({
        incident: incidentOf(fault),
        relapsed: [],
        picture,
        config: { ...config, ladder: { overload: ['nudge'] } },
        policy,
        can: { ...nothing, ...can },
        restarts: [],
        pauseMs: 4000,
        now: 0,
        random: () => 0.5,
      });
      return 'ask' in chosen ? 0 : chosen.patienceMs;
    };
    expect(patienceOf('hang', { interrupt: true })).toBe(4000);
    expect(patienceOf('hang', {})).toBe(config.patience);
    expect(patienceOf('overload', { nudge: true })).toBe(config.patience);
  });

  it('waits for a time the provider gave when that is near, and goes elsewhere when it is far', () => {
    const memory = new DriverMemory(0.95);
    for (let at = 0; at < 20; at += 1)
      memory.take(outcome('swap', true, at, { fault: 'rate-limit', tookMs: 16_000 }));
    expect(choose(memory, incidentOf('rate-limit', [], 11_000))['wait']).toBeGreaterThan(50);
    expect(choose(memory, incidentOf('rate-limit', [], 3_000_000))['swap']).toBeGreaterThan(40);
  });

  it('unlearns a success that did not hold', () => {
    const memory = new DriverMemory(0.95);
    const seemed = outcome('resume', true, 0, { fault: 'crash' });
    memory.take(seemed);
    memory.relapsed(seemed);
    const { wins, losses, cured, tried } = memory.arm('crash', undefined, 'resume');
    expect([wins, losses, cured, tried]).toEqual([0, 1, 0, 1]);
  });

  it('is the same when it is made again from its outcomes, in any order', () => {
    const memory = new DriverMemory(0.9);
    for (let at = 0; at < 40; at += 1) memory.take(outcome(at % 3 ? 'nudge' : 'resume', at % 4 > 0, at));
    const again = new DriverMemory(0.9, memory.outcomes.toReversed());
    for (const name of ['nudge', 'resume'] as const) {
      expect(again.arm('hang', undefined, name).wins).toBeCloseTo(memory.arm('hang', undefined, name).wins);
    }
  });

  it('reads outcomes off an incident: what it was taken for then, after what, and without the window of verification', () => {
    const response = (strategy: StrategyName) => ({
      strategy,
      rung: 0,
      delayMs: 0,
      patienceMs: 1,
      candidates: [{ strategy, cost: 1, propensity: 0.25 }],
      reason: '',
    });
    const attempts: Attempt[] = [
      { fault: 'crash', response: response('resume'), at: 1000, result: 'failed' },
      { fault: 'crash-loop', response: response('restart'), at: 4000, result: 'recovered' },
    ];
    const closed: Closed = {
      incident: incidentOf('crash-loop', attempts),
      at: 9000,
      outcome: 'recovered',
      cost: NO_COST,
    };
    expect(outcomesOf(closed, [], config)).toMatchObject([
      { strategy: 'wait', recovered: false, tookMs: 1000 },
      { fault: 'crash', strategy: 'resume', recovered: false, tookMs: 3000, propensity: 0.25 },
      { fault: 'crash-loop', after: 'resume', strategy: 'restart', recovered: true, tookMs: 2000 },
    ]);
  });
});

describe('organic recovery', () => {
  it('fits how long it took, and takes what has lasted for what lasts', () => {
    const organic = new OrganicRecovery('overload');
    const random = seeded(5);
    for (let at = 0; at < 60; at += 1) organic.recovered(20 * (0.7 + 0.6 * random()));
    expect(organic.survival(10)).toBeGreaterThan(0.8);
    expect(organic.survival(60)).toBeLessThan(0.1);
    const waits = organic.waits(0);
    expect(bestWait(waits, 200)?.totalS).toBeLessThan(40);
    // What costs less than waiting is done at once.
    expect(bestWait(waits, 5)).toBeUndefined();
    const left = (elapsed: number) => organic.waits(elapsed).find(({ waitS }) => waitS === 60)?.left ?? 0;
    expect(left(200)).toBeGreaterThan(left(0));
  });

  it('stops hoping when it never comes back', () => {
    const organic = new OrganicRecovery('overload');
    for (let at = 0; at < 60; at += 1) organic.waited(600);
    expect(bestWait(organic.waits(0), 420)).toBeUndefined();
  });
});
