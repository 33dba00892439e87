import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Case, casesOf, fittedTo, resampled } from '../../../src/healing/evolve/seen.ts';
import { CATALOGUE, isHealthy } from '../../../src/healing/simulate/catalogue.ts';
import { FaultClass, StrategyName } from '../../../src/model/healing.ts';
import type { ClosedIncident, RungState } from '../../../src/model/incident-state.ts';

const byId = (models = CATALOGUE) => Object.fromEntries(models.map(model => [model.id, model]));
const hang = (cured: boolean): Case => ({ fault: 'hang', tries: [{ strategy: 'interrupt', cured }] });
const many = (count: number, one: Case): Case[] => Array.from({ length: count }, () => one);

const anyCase: fc.Arbitrary<Case> = fc.record(
  {
    fault: fc.constantFrom(...FaultClass.options, 'nothing' as const),
    tries: fc.array(fc.record({ strategy: fc.constantFrom(...StrategyName.options), cured: fc.boolean() }), {
      maxLength: 4,
    }),
    lastedS: fc.double({ min: 0.1, max: 1e5, noNaN: true }),
  },
  { requiredKeys: ['fault', 'tries'] },
);

describe('the catalogue fitted to a fleet', () => {
  it('is the one that is shipped while nothing was seen', () => {
    expect(fittedTo([])).toBe(CATALOGUE);
  });

  it('moves from what is assumed towards what was seen, the further the more was seen', () => {
    const assumed = byId()['F04']?.cures.interrupt?.[0] ?? 0;
    const few = byId(fittedTo(many(2, hang(false))))['F04']?.cures.interrupt?.[0] ?? 1;
    const more = byId(fittedTo(many(40, hang(false))))['F04']?.cures.interrupt?.[0] ?? 1;
    expect(few).toBeLessThan(assumed);
    expect(more).toBeLessThan(few);
    expect(more).toBeCloseTo((8 * assumed) / 48);
  });

  it('makes what happens often frequent, and splits a class as its models share it', () => {
    const before = byId();
    const after = byId(fittedTo(many(30, hang(true))));
    for (const id of ['F04', 'F12']) expect(after[id]?.share[0]).toBeGreaterThan(before[id]?.share[0] ?? 1);
    expect(after['F01']?.share[0]).toBeLessThan(before['F01']?.share[0] ?? 0);
    const ratio = (models: typeof before): number =>
      (models['F12']?.share[0] ?? 0) / (models['F04']?.share[0] ?? 1);
    expect(ratio(after)).toBeCloseTo(ratio(before));
  });

  it('does not take for rare what is odd, healthy and was rightly left alone', () => {
    const after = byId(fittedTo(many(50, hang(true))));
    for (const model of CATALOGUE.filter(isHealthy)) expect(after[model.id]?.share).toEqual(model.share);
    const alarmed = byId(fittedTo(many(5, { fault: 'nothing', tries: [] })));
    expect(alarmed['F09']?.share[0]).toBeGreaterThan(byId()['F09']?.share[0] ?? 1);
  });

  it('learns how long faults last that go away by themselves', () => {
    const lasted = many(20, { fault: 'hang', tries: [], lastedS: 10 });
    const [median = 0] = byId(fittedTo(lasted))['F04']?.organic ?? [];
    expect(median).toBeGreaterThan(10);
    expect(median).toBeLessThan(100);
  });

  it('is always a catalogue: shares and chances are no less than 0, chances no more than 1', () => {
    fc.assert(
      fc.property(fc.array(anyCase, { maxLength: 60 }), fc.integer(), (cases, seed) => {
        for (const model of fittedTo(resampled(cases, seed))) {
          for (const share of model.share) expect(share >= 0 && Number.isFinite(share)).toBe(true);
          for (const chances of Object.values(model.cures))
            for (const chance of chances) expect(chance >= 0 && chance <= 1).toBe(true);
          if (model.organic) expect(model.organic[0]).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('is drawn anew for each seed, the same again for the same one, from what was seen alone', () => {
    const cases = Array.from(
      { length: 20 },
      (_, at): Case => ({ fault: 'hang', tries: [], lastedS: at + 1 }),
    );
    expect(resampled(cases, 7)).toEqual(resampled(cases, 7));
    expect(resampled(cases, 7)).not.toEqual(resampled(cases, 8));
    expect(resampled(cases, 7)).toHaveLength(20);
    for (const drawn of resampled(cases, 7)) expect(cases).toContain(drawn);
  });
});

describe('what an incident says', () => {
  const rung = (strategy: StrategyName, result: RungState['result']): RungState => ({
    ...{ strategy, result, rung: 0, fault: 'hang', at: 0, incarnation: 1, reason: '' },
    ...{ delayMs: 0, patienceMs: 0, candidates: [], detail: '', ms: 0 },
  });
  const incident = (more: Partial<ClosedIncident>, rungs: readonly RungState[] = []): ClosedIncident => ({
    ...{ id: 'i-1', agent: 'one', class: 'hang', detail: '', at: 0, closed: 9000, outcome: '', lesson: '' },
    ...{ result: 'recovered' as const, ms: 9000 },
    ladder: { level: 'evolutionary', since: 0, findings: [], similar: [], rungs, waits: '', asked: '' },
    ...more,
  });

  it('is what was tried and whether it helped; what could not be done says nothing', () => {
    const tried = [
      rung('nudge', 'failed'),
      rung('swap', 'refused'),
      rung('wait', 'failed'),
      rung('restart', 'recovered'),
    ];
    expect(casesOf([incident({}, tried)])).toEqual([
      {
        fault: 'hang',
        tries: [
          { strategy: 'nudge', cured: false },
          { strategy: 'restart', cured: true },
        ],
      },
    ]);
  });

  it('is that nothing was wrong, or how long it lasted by itself', () => {
    expect(casesOf([incident({ result: 'false-alarm' }, [rung('restart', 'recovered')])])).toEqual([
      { fault: 'nothing', tries: [] },
    ]);
    expect(casesOf([incident({ result: 'organic' })])).toEqual([{ fault: 'hang', tries: [], lastedS: 9 }]);
  });

  it('is nothing when it was let go, or healing had no part in it', () => {
    const { ladder: _ladder, ...ended } = incident({});
    expect(casesOf([incident({ result: 'closed' }), ended])).toEqual([]);
  });
});
