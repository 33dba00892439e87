import { describe, expect, it } from 'vitest';
import { type CycleEnd, type CycleGiven, evolve } from '../../../src/healing/evolve/cycle.ts';
import { atPoint, DIMENSIONS, type Genome, SHIPPED } from '../../../src/healing/evolve/genome.ts';
import { Kept, nothingYet } from '../../../src/healing/evolve/kept.ts';
import type { Case } from '../../../src/healing/evolve/seen.ts';

const QUICK = { agents: 2, durationMs: 600_000, shiftAt: 300_000, faultEveryMs: 100_000 };

const genome = (place: number): Genome => atPoint(Array(DIMENSIONS).fill(place), SHIPPED);
const seen: readonly Case[] = [{ fault: 'hang', tries: [{ strategy: 'restart', cured: true }] }];

/** Before a step that takes few judgements: children of two elites. It begins with those two and the best. */
const begun: Kept = {
  ...nothingYet(5),
  state: {
    step: 1,
    evaluations: 2,
    best: SHIPPED,
    fitness: 1,
    history: [1],
    elites: [
      { genes: genome(0.3), value: 1, behaviour: [1, 1] },
      { genes: genome(0.5), value: 1, behaviour: [20, 100] },
    ],
  },
};

/** Lets so many judgements of each part through. */
async function run(
  kept: Kept,
  { judgements = 1e9, ...more }: Partial<CycleGiven> & { judgements?: number } = {},
): Promise<CycleEnd & { readonly file: string; readonly stepped: number }> {
  let left = judgements;
  let file = JSON.stringify(kept);
  let stepped = 0;
  const end = await evolve({
    ...{ kept, cases: seen, incumbent: SHIPPED, steps: 1, challenger: 'none' },
    worlds: { step: QUICK, challenge: QUICK },
    mayGoOn: () => left > 0,
    breathe: async () => {},
    keep: now => {
      left -= 1;
      file = JSON.stringify(now);
    },
    onStep: () => {
      stepped += 1;
    },
    ...more,
  });
  return { ...end, file, stepped };
}

const read = (file: string): Kept => Kept.parse(JSON.parse(file));

describe('a cycle', () => {
  it('that ends in the middle of a step is taken up from its file and comes to the same', async () => {
    const whole = await run(begun);
    expect(whole).toMatchObject({ steps: 1, stepped: 1 });
    expect(whole.kept.state?.step).toBe(2);
    expect(whole.kept.state?.history).toHaveLength(2);
    const cut = await run(begun, { judgements: 5 });
    expect(cut).toMatchObject({ steps: 0, stepped: 0 });
    expect(read(cut.file).doing?.worths).toHaveLength(5);
    // What happened meanwhile is for the next step.
    const end = await run(read(cut.file), { cases: [] });
    expect(end.kept).toEqual(whole.kept);
    expect(read(end.file)).toEqual(whole.kept);
  });

  it('whose process was killed has lost one judgement at the most', async () => {
    let file = '';
    let judgements = 0;
    const killed = run(begun, {
      breathe: async () => {
        if (judgements === 4) throw new Error('killed');
      },
      keep: kept => {
        judgements += 1;
        file = JSON.stringify(kept);
      },
    });
    await expect(killed).rejects.toThrow('killed');
    expect(read(file).doing?.worths).toHaveLength(4);
  });

  it('takes for the best only what is better on seeds that nothing is bred on', async () => {
    const { kept } = await run(
      { ...begun, state: begun.state && { ...begun.state, history: [] } },
      { steps: 2 },
    );
    const [first = 0, second = 0] = kept.state?.history ?? [];
    expect(second).toBeLessThanOrEqual(first);
    expect(kept.state?.fitness).toBe(second);
  });

  it('begins with what is in force, and challenges only with something else', async () => {
    const end = await run(nothingYet(1), { steps: 0, challenger: 'best' });
    expect(end.words).toBe('there was no time for a whole generation');
    const same = await run(begun, { steps: 0, challenger: 'best' });
    expect(same.words).toBe('nothing better than what is in force was found');
  });
});

describe('a challenge', () => {
  const found: Kept = { ...begun, state: begun.state && { ...begun.state, best: genome(0.9) } };

  it('goes on over several processes, and is over with a verdict that is not asked for twice', async () => {
    const first = await run(found, { steps: 0, challenger: 'best', judgements: 3 });
    expect(first.words).toBe('3 of 30 held-out seeds are played');
    const kept = read(first.file);
    expect(kept.trial?.played).toHaveLength(3);
    expect(kept.trials).toBe(1);
    const last = await run(kept, { steps: 0, challenger: 'best' });
    expect(last.kept).toMatchObject({ trial: null, trials: 1, challenged: genome(0.9) });
    expect(last.proposal ?? last.words).toBeTruthy();
    const again = await run(last.kept, { steps: 0, challenger: 'best' });
    expect(again.words).toBe('nothing better than the last challenger was found');
    expect(again.kept).toEqual(last.kept);
  });

  it('that a person asks for has its evidence whatever that says, on seeds that were not used before', async () => {
    const kept: Kept = { ...found, trials: 2 };
    const end = await run(kept, { steps: 0, challenger: genome(0.1), judgements: 1 });
    expect(read(end.file).trial).toMatchObject({ asked: true, first: 100_060, challenger: genome(0.1) });
  });
});

describe('what was kept', () => {
  it('is refused where it is not what was written', () => {
    expect(() => Kept.parse({ ...begun, version: 2 })).toThrow();
    const outside = { ...begun, state: { ...begun.state, best: { numbers: { threshold: 0.1 } } } };
    expect(() => Kept.parse(outside)).toThrow();
  });
});
