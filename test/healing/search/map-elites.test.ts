import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seeded } from '../../../src/healing/random.ts';
import { Archive, type Axis, between } from '../../../src/healing/search/map-elites.ts';

const axes: readonly Axis[] = [
  { name: 'aggressiveness', low: 0, high: 1, cells: 8 },
  { name: 'cost', low: 0, high: 100, cells: 5 },
];

test('keeps the first best of every cell, as a table of all candidates would', () => {
  const candidate = fc.record({
    genes: fc.nat(),
    value: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(Number.NaN)),
    behaviour: fc.tuple(
      fc.double({ min: -0.5, max: 1.5, noNaN: true }),
      fc.double({ min: -20, max: 130, noNaN: true }),
    ),
  });
  fc.assert(
    fc.property(fc.array(candidate, { maxLength: 200 }), candidates => {
      const archive = new Archive<number>(axes);
      const cells = new Map<string, (typeof candidates)[number]>();
      const place = (x: number, cellCount: number) =>
        Math.min(cellCount - 1, Math.max(0, Math.floor(x * cellCount)));
      for (const one of candidates) {
        const [a, b] = one.behaviour;
        const cell = `${place(a, 8)} ${place(b / 100, 5)}`;
        const had = cells.get(cell);
        const wins = !had || one.value < had.value || (Number.isNaN(had.value) && !Number.isNaN(one.value));
        expect(archive.add(one)).toBe(wins ? (had ? 'better' : 'new cell') : 'worse');
        if (wins) cells.set(cell, one);
        expect(archive.at(one.behaviour)).toBe(cells.get(cell));
      }
      expect(new Set(archive.elites())).toEqual(new Set(cells.values()));
      expect(archive.coverage).toBeCloseTo(cells.size / 40, 12);
    }),
  );
});

test('children of elites fill a map that random genes leave empty', () => {
  // Behaviour is hard to move: the mean of many genes.
  const dimensions = 20;
  const judge = (genes: readonly number[]) => {
    const half = (from: number) => genes.slice(from, from + 10).reduce((sum, one) => sum + one, 0) / 10;
    return {
      genes,
      value: genes.reduce((sum, one) => sum + (one - 0.5) ** 2, 0),
      behaviour: [half(0), 100 * half(10)],
    };
  };
  const inside = (genes: readonly number[]) => genes.map(one => Math.max(0, Math.min(1, one)));
  const random = seeded(4);
  const fresh = () => Array.from({ length: dimensions }, () => random());
  const [evolved, lucky] = [new Archive<readonly number[]>(axes), new Archive<readonly number[]>(axes)];
  for (let n = 0; n < 4000; n += 1) {
    lucky.add(judge(fresh()));
    const [a, b] = [evolved.pick(random), evolved.pick(random)];
    evolved.add(
      judge(
        a && b && n >= 200
          ? inside(between(a.genes, b.genes, random, { around: 0.05, along: 0.2 }))
          : fresh(),
      ),
    );
  }
  expect(evolved.coverage).toBeGreaterThan(lucky.coverage + 0.15);
  expect(evolved.best?.value).toBeLessThan(lucky.best?.value ?? 0);
});
