/**
 * MAP-Elites (Mouret and Clune 2015, arXiv 1504.04909): keeps the best of every way to behave, not the best of all. So
 * that an operator chooses between cautious and quick, and a change of the world finds its answer already there.
 */
import type { Random } from '../random.ts';
import { normal } from '../random.ts';
import { worthOf } from './ask.ts';

/** One side of the map: what is measured of behaviour, and into how many cells it falls. */
export interface Axis {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly cells: number;
}

export interface Elite<G> {
  readonly genes: G;
  /** Smaller is better. */
  readonly value: number;
  /** One number an axis. */
  readonly behaviour: readonly number[];
}

export type Added = 'new cell' | 'better' | 'worse';

export class Archive<G> {
  readonly axes: readonly Axis[];
  readonly #elites = new Map<number, Elite<G>>();

  constructor(axes: readonly Axis[]) {
    this.axes = axes;
  }

  /** The number of the cell a behaviour falls into; what is outside falls into the nearest. */
  cellOf(behaviour: readonly number[]): number {
    return this.axes.reduce((cell, { low, high, cells }, index) => {
      const along = ((behaviour[index] ?? low) - low) / (high - low);
      const place = Math.max(0, Math.min(cells - 1, Math.floor(along * cells) || 0));
      return cell * cells + place;
    }, 0);
  }

  /** Keeps it when it is the best of its cell; of equals the first. */
  add(candidate: Elite<G>): Added {
    const cell = this.cellOf(candidate.behaviour);
    const had = this.#elites.get(cell);
    if (had && worthOf(had.value) <= worthOf(candidate.value)) return 'worse';
    this.#elites.set(cell, candidate);
    return had ? 'better' : 'new cell';
  }

  at(behaviour: readonly number[]): Elite<G> | undefined {
    return this.#elites.get(this.cellOf(behaviour));
  }

  /** In the order of cells. */
  elites(): readonly Elite<G>[] {
    return [...this.#elites].sort(([a], [b]) => a - b).map(([, elite]) => elite);
  }

  get best(): Elite<G> | undefined {
    return this.elites().reduce<Elite<G> | undefined>(
      (best, elite) => (best && best.value <= elite.value ? best : elite),
      undefined,
    );
  }

  /** Share of cells that are filled. */
  get coverage(): number {
    return this.#elites.size / this.axes.reduce((product, { cells }) => product * cells, 1);
  }

  /** Any elite, each as likely. */
  pick(random: Random): Elite<G> | undefined {
    const elites = this.elites();
    return elites[Math.floor(random() * elites.length)];
  }
}

/** Spread of a child about its first parent, and along the line to the second (the authors' defaults on [0, 1] genes). */
export const SPREAD = { around: 0.01, along: 0.2 } as const;

/**
 * A child of two elites: "iso + line" variation (Vassiliades and Mouret 2018, arXiv 1804.03906), which follows what elites
 * have in common.
 */
export function between(
  first: readonly number[],
  second: readonly number[],
  random: Random,
  spread: { readonly around: number; readonly along: number } = SPREAD,
): number[] {
  const along = spread.along * normal(random);
  return first.map(
    (one, index) => one + spread.around * normal(random) + along * ((second[index] ?? one) - one),
  );
}
