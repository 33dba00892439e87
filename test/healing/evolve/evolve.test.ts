import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHAMPION } from '../../../src/healing/evolve/champion.ts';
import { beginning, type EvolutionState, step, type Worth } from '../../../src/healing/evolve/evolution.ts';
import { evolutionary, fitnessOf, type Judged, judge } from '../../../src/healing/evolve/fitness.ts';
import {
  atPoint,
  DIMENSIONS,
  Genome,
  pointOf,
  SHIPPED,
  tuningOf,
} from '../../../src/healing/evolve/genome.ts';
import { changePct, cvar } from '../../../src/healing/evolve/paired.ts';
import { challenge, changesOf } from '../../../src/healing/evolve/proposal.ts';
import { TUNING } from '../../../src/healing/tuning.ts';
import { GENES } from '../../../src/model/genes.ts';

const QUICK = { agents: 4, durationMs: 1_200_000, shiftAt: 600_000, faultEveryMs: 120_000 };

function judgedAs(costs: readonly number[], byFault: Record<string, number>): Judged {
  return { costs, after: costs, byFault, starts: 1, falseActs: 1, tokens: 1 };
}

describe('a genome', () => {
  it('goes to a point and back, and never leaves its bounds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -2, max: 3, noNaN: true }), {
          minLength: DIMENSIONS,
          maxLength: DIMENSIONS,
        }),
        point => {
          const genome = atPoint(point, SHIPPED);
          expect(Genome.parse(genome)).toEqual(genome);
          const back = atPoint(pointOf(genome), SHIPPED);
          for (const { name } of GENES) expect(tuningOf(back)[name]).toBeCloseTo(tuningOf(genome)[name], 5);
        },
      ),
    );
  });

  it('holds nothing that people set or that keeps them safe', () => {
    const forbidden = ['verify', 'silence', 'budget', 'stable', 'max', 'within', 'limits', 'leaveS', 'askS'];
    expect(GENES.map(({ name }) => String(name)).filter(name => forbidden.includes(name))).toEqual([]);
    expect(() => Genome.parse({ numbers: { verify: 1 } })).toThrow();
    expect(() => Genome.parse({ numbers: { threshold: 0.1 } })).toThrow();
  });

  it('that is shipped is what the others run on, and the champion is a genome', () => {
    expect(tuningOf(SHIPPED)).toEqual(TUNING);
    expect(Genome.parse(CHAMPION)).toEqual(CHAMPION);
  });
});

describe('comparing seed by seed', () => {
  it('is sure of a change that all seeds show, and not of noise', () => {
    const before = [100, 200, 300, 150, 250, 120, 180, 90];
    const better = changePct(
      before,
      before.map(cost => cost * 0.9),
    );
    expect(better.mean).toBeCloseTo(-10);
    expect(better.high).toBeLessThan(-9);
    const noise = changePct(
      before,
      before.map((cost, at) => cost * (at % 2 ? 1.2 : 0.8)),
    );
    expect(noise.low).toBeLessThan(0);
    expect(noise.high).toBeGreaterThan(0);
  });

  it('looks at the bad tail', () => {
    expect(cvar([1, 2, 3, 10], 0.25)).toBe(10);
    expect(cvar([1, 2, 3, 10], 1)).toBe(4);
  });

  it('lets no class of faults pay for the others', () => {
    const rules = judgedAs([100], { F01: 50, F02: 50 });
    const even = fitnessOf(judgedAs([90], { F01: 45, F02: 45 }), rules);
    const uneven = fitnessOf(judgedAs([90], { F01: 10, F02: 80 }), rules);
    expect(even).toBeCloseTo(0.9);
    expect(uneven).toBeGreaterThan(even + 0.2);
  });
});

describe('evolution', () => {
  /** Worth by how near two of its numbers come to a place: quick, and known. */
  const worth = (genome: Genome): Worth => {
    const [a = 0, b = 0] = pointOf(genome);
    const rungs = genome.playbook.hang?.length ?? 4;
    return { fitness: (a - 0.2) ** 2 + (b - 0.8) ** 2 + 0.01 * rungs, behaviour: [24 * a, 160 * b] };
  };

  function evolve(steps: number, from = beginning(SHIPPED, worth(SHIPPED).fitness)): EvolutionState {
    let state = from;
    for (let at = 0; at < steps; at += 1) {
      const search = step(state, 11);
      let next = search.next();
      while (!next.done) next = search.next(next.value.map(worth));
      state = next.value;
    }
    return state;
  }

  it('finds better numbers and shorter playbooks, and fills the archive', () => {
    const state = evolve(3);
    expect(state.fitness).toBeLessThan(0.02);
    expect(state.best.playbook.hang).toHaveLength(1);
    expect(state.elites.length).toBeGreaterThan(5);
    expect(state.history).toHaveLength(4);
    expect([...state.history].sort((a, b) => b - a)).toEqual(state.history);
  });

  it('is taken up from JSON where it was left, and comes to the same', () => {
    const half: EvolutionState = JSON.parse(JSON.stringify(evolve(2)));
    expect(evolve(1, half)).toEqual(evolve(3));
  });

  it('judges in the simulator, the same again for the same seeds', () => {
    const one = judge(evolutionary(SHIPPED), QUICK, [1, 2]);
    expect(judge(evolutionary(SHIPPED), QUICK, [1, 2])).toEqual(one);
    expect(one.costs).toHaveLength(2);
    expect(fitnessOf(one, one)).toBeCloseTo(1);
  });
});

describe('a challenger', () => {
  const genomes = {
    incumbent: SHIPPED,
    challenger: Genome.parse({ numbers: { threshold: 6 }, playbook: { hang: ['nudge'] } }),
  };
  const costs = [100, 110, 120, 90, 95, 105, 130, 80];

  it('is proposed with its changes, gain and evidence when it surely wins', () => {
    const incumbent = judgedAs(costs, { F01: 400, F04: 430 });
    const proposal = challenge(
      genomes,
      incumbent,
      judgedAs(
        costs.map(cost => cost * 0.8),
        { F01: 400, F04: 264 },
      ),
    );
    expect(proposal).toMatchObject({
      changes: [
        { what: 'threshold: surprise that is acted on, bans', from: String(TUNING.threshold), to: '6' },
        { what: 'playbook for hang', to: 'nudge' },
      ],
      evidence: { seeds: 8 },
    });
    expect(JSON.parse(JSON.stringify(proposal))).toEqual(proposal);
  });

  it('is refused when it may be chance, or when a class of faults pays for it', () => {
    const incumbent = judgedAs(costs, { F01: 400, F04: 430 });
    const chance = costs.map((cost, at) => cost * (at % 2 ? 1.3 : 0.75));
    expect(challenge(genomes, incumbent, judgedAs(chance, incumbent.byFault))).toHaveProperty('refused');
    const uneven = judgedAs(
      costs.map(cost => cost * 0.8),
      { F01: 440, F04: 200 },
    );
    expect(challenge(genomes, incumbent, uneven)).toMatchObject({
      refused: 'crash once (F01) would cost 10.0 % more',
    });
  });

  it('has no changes to itself', () => {
    expect(changesOf(CHAMPION, CHAMPION)).toEqual([]);
  });
});
