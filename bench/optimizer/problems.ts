/**
 * Test functions as in BBOB (Hansen, Finck, Ros and Auger 2009, INRIA RR-6829): each instance has its own optimum, drawn
 * from [−4, 4]^D, its own rotation and its own value at the optimum, so that neither coordinates nor round numbers help.
 */

import { normal, type Random, seeded } from '../../src/healing/random.ts';
import { norm, plus, times, type Vector } from '../../src/healing/search/linear.ts';

export interface Problem {
  readonly name: string;
  readonly dimensions: number;
  readonly value: (x: readonly number[]) => number;
  /** Value at the optimum. */
  readonly optimum: number;
}

type Shape = 'sphere' | 'rosenbrock' | 'rastrigin';

/** An orthogonal matrix, uniform: Gram and Schmidt on normal vectors. */
function rotation(size: number, random: Random): Vector[] {
  const rows: Vector[] = [];
  while (rows.length < size) {
    let row = Array.from({ length: size }, () => normal(random));
    for (const other of rows) {
      const along = row.reduce((sum, one, at) => sum + one * (other[at] ?? 0), 0);
      row = plus(row, other, -along);
    }
    const length = norm(row);
    if (length > 1e-6) rows.push(row.map(one => one / length));
  }
  return rows;
}

const SHAPES: Readonly<Record<Shape, (z: readonly number[]) => number>> = {
  /** f1; its optimum at 0. */
  sphere: z => z.reduce((sum, one) => sum + one * one, 0),
  /** f9: f8 rotated; its optimum at 0. */
  rosenbrock: z => {
    const scale = Math.max(1, Math.sqrt(z.length) / 8);
    const y = z.map(one => scale * one + 1);
    return y
      .slice(1)
      .reduce((sum, next, at) => sum + 100 * ((y[at] ?? 0) ** 2 - next) ** 2 + ((y[at] ?? 0) - 1) ** 2, 0);
  },
  /** The Rastrigin function, rotated; its optimum at 0. */
  rastrigin: z => z.reduce((sum, one) => sum + 10 * (1 - Math.cos(2 * Math.PI * one)) + one * one, 0),
};

export function problem(shape: Shape, dimensions: number, instance: number): Problem {
  const random = seeded(instance * 1000 + dimensions);
  const best = Array.from({ length: dimensions }, () => 8 * random() - 4);
  const turn = rotation(dimensions, random);
  // As in BBOB: a Cauchy number, at most 1000 in size, two digits behind the point.
  const cauchy = (100 * normal(random)) / normal(random);
  const optimum = Math.round(100 * Math.max(-1000, Math.min(1000, cauchy))) / 100;
  const of = SHAPES[shape];
  return {
    name: `${shape} D${dimensions}`,
    dimensions,
    value: x => optimum + of(times(turn, plus(x, best, -1))),
    optimum,
  };
}
