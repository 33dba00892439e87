import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chosenFor, judgeCanary, LEAST_CASES, type Side } from '../../../src/healing/evolve/canary.ts';
import { seeded } from '../../../src/healing/random.ts';
import { lognormal } from '../support/lognormal.ts';

const HOUR = 3_600_000;
const RULES = { incidents: 10, forMs: 24 * HOUR };

const costing = (seconds: readonly number[], falseAlarms = 0, hours = 10): Side => ({
  cases: seconds.map((s, at) => ({
    ms: 1000 * s,
    lostMs: 0,
    tokens: 0,
    falseAlarm: at < falseAlarms,
    asked: false,
  })),
  agentMs: hours * HOUR,
});
const drawn = (count: number, median: number, seed: number): readonly number[] => {
  const random = seeded(seed);
  return Array.from({ length: count }, () => lognormal(median, 1, random));
};
const seconds = fc.double({ min: 1, max: 10_000, noNaN: true });

describe('a canary', () => {
  it('proves nothing with fewer than three incidents, however dear', () => {
    fc.assert(
      fc.property(
        fc.array(seconds, { maxLength: LEAST_CASES - 1 }),
        fc.array(seconds, { maxLength: 30 }),
        fc.integer({ min: 0, max: 100 * 24 * HOUR }),
        (canary, others, since) => {
          expect(judgeCanary(costing(canary), costing(others), since, RULES).is).toBe('wait');
        },
      ),
    );
  });

  it('is never less suspect when each of its incidents costs more', () => {
    fc.assert(
      fc.property(
        fc.array(seconds, { minLength: 3, maxLength: 12 }),
        fc.array(seconds, { minLength: 1, maxLength: 30 }),
        fc.double({ min: 1, max: 50, noNaN: true }),
        (canary, others, times) => {
          const before = judgeCanary(costing(canary), costing(others), 0, RULES).worse;
          const dearer = canary.map(s => s * times);
          expect(judgeCanary(costing(dearer), costing(others), 0, RULES).worse).toBeGreaterThanOrEqual(
            before - 0.001,
          );
        },
      ),
    );
  });

  it('that is no different is seldom taken back, one five times as dear nearly always', () => {
    const reverted = (median: number): number =>
      Array.from({ length: 200 }, (_, at) =>
        judgeCanary(costing(drawn(10, median, 2 * at + 1)), costing(drawn(20, 20, 2 * at + 2)), 0, RULES),
      ).filter(({ is }) => is === 'revert').length;
    // One in ten is what P > 0.9 means.
    expect(reverted(20)).toBeLessThan(30);
    expect(reverted(100)).toBeGreaterThan(180);
    expect(reverted(4)).toBe(0);
  });

  it('that is not worse is promoted after so many incidents, or after the time', () => {
    const others = costing(drawn(20, 20, 1));
    expect(judgeCanary(costing(drawn(10, 15, 2)), others, HOUR, RULES).is).toBe('promote');
    expect(judgeCanary(costing(drawn(4, 15, 2)), others, HOUR, RULES).is).toBe('wait');
    expect(judgeCanary(costing(drawn(4, 15, 2)), others, 25 * HOUR, RULES).is).toBe('promote');
  });

  it('that alarms for nothing much more often is taken back, though each alarm is cheap', () => {
    const others = costing(drawn(20, 20, 1), 1, 200);
    expect(judgeCanary(costing([5, 5, 5, 5, 5, 20], 5, 10), others, HOUR, RULES).is).toBe('revert');
    expect(judgeCanary(costing([5, 20, 20], 1, 10), others, HOUR, RULES).is).toBe('wait');
  });

  it('is judged without anything to compare with only by its time', () => {
    expect(judgeCanary(costing([5, 5, 5, 5]), costing([], 0, 0), HOUR, RULES).is).toBe('wait');
    expect(judgeCanary(costing([5, 5, 5, 5]), costing([], 0, 0), 25 * HOUR, RULES).is).toBe('promote');
  });
});

describe('those that try it', () => {
  const agents = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 40 });

  it('are a share of all, one at least, the same for the same proposal in whatever order', () => {
    fc.assert(
      fc.property(agents, fc.integer({ min: 1, max: 100 }), fc.string(), (all, share, what) => {
        const chosen = chosenFor(all, share, what);
        expect(chosen.length).toBe(Math.max(1, Math.floor((all.length * share) / 100)));
        expect(new Set(chosen).size).toBe(chosen.length);
        for (const agent of chosen) expect(all).toContain(agent);
        expect(new Set(chosenFor(all.toReversed(), share, what))).toEqual(new Set(chosen));
      }),
    );
  });

  it('are others for other proposals', () => {
    const all = Array.from({ length: 9 }, (_, at) => `agent-${at}`);
    const choices = new Set(Array.from({ length: 20 }, (_, at) => chosenFor(all, 34, `r-${at}`).join()));
    expect(choices.size).toBeGreaterThan(5);
  });
});
