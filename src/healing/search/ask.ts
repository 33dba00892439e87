/**
 * Searches ask for evaluations and are told values: a generator that yields points and is given their values. So the
 * same search runs against a formula, a simulator in a worker or a table of past results, can be paused between batches,
 * and is replayed by giving it the same values again. Smaller is better; a value that is not a number is as bad as can be.
 */
export type Point = readonly number[];

/** Yields batches of points that may be evaluated in any order, side by side; is sent one value for each. */
export type Search<T> = Generator<readonly Point[], T, readonly number[]>;

/** A point with its value. */
export interface Found {
  readonly point: Point;
  readonly value: number;
}

/** NaN never wins a comparison; Infinity loses every one. */
export const worthOf = (value: number | undefined): number =>
  value === undefined || Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;

/** Runs a search against a function that answers at once. `stop` is asked before each batch. */
export function answer<T>(
  search: Search<T>,
  value: (point: Point) => number,
  stop: () => boolean,
): T | undefined {
  let step = search.next();
  while (!step.done) {
    if (stop()) {
      return undefined;
    }
    step = search.next(step.value.map(value));
  }
  return step.value;
}
