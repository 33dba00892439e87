/**
 * Local search where the ground is smooth: BFGS with differences for slopes (Nocedal and Wright, *Numerical Optimization*,
 * alg. 6.1; step length by backtracking with interpolation, §3.5). Ends where no step leads down any more, and soon where
 * the ground is not smooth.
 */
import { type Found, type Point, type Search, worthOf } from './ask.ts';
import { at, dot, identity, type Matrix, norm, plus, times, type Vector } from './linear.ts';

export interface DescentOptions {
  /** Length of the first step. */
  readonly reach: number;
  readonly target: number;
  readonly maxEvaluations: number;
  /** Ends when a step gained less than this share of the value, with slopes taken on both sides. */
  readonly tolerance: number;
}

export interface DescentEnd {
  readonly best: Found;
  readonly evaluations: number;
}

/** Steps for differences: one-sided √ε, two-sided ε^(1/3), relative to the coordinate. */
const ONE_SIDED = 1.5e-8;
const TWO_SIDED = 6e-6;
const ENOUGH = 1e-4;
const HALVINGS = 12;
/** Cosine between slopes that agree. */
const AGREE = 0.9;

export function* descend(start: Found, options: DescentOptions): Search<DescentEnd> {
  const { target, tolerance, maxEvaluations } = options;
  let { point, value } = start;
  let evaluations = 0;
  let inverse: Matrix | undefined;
  let bothSides = false;
  let slope = yield* slopeAt(point, value, bothSides);
  evaluations += point.length;
  while (value > target && evaluations < maxEvaluations) {
    const steep = norm(slope);
    if (!(steep > 0) || !Number.isFinite(steep)) break;
    let direction = inverse
      ? times(inverse, slope).map(one => -one)
      : slope.map(one => (-one / steep) * options.reach);
    if (dot(direction, slope) >= 0) {
      inverse = undefined;
      direction = slope.map(one => (-one / steep) * options.reach);
    }
    const line = yield* lineSearch({ point, value }, direction, dot(direction, slope));
    evaluations += line.evaluations;
    const gained = value - line.found.value;
    if (gained <= tolerance * Math.abs(value)) {
      if (gained > 0) ({ point, value } = line.found);
      // Slopes from one side are too coarse here; from both sides they may still lead down.
      if (bothSides && !inverse) break;
      if (bothSides) inverse = undefined;
      bothSides = true;
      slope = yield* slopeAt(point, value, bothSides);
      evaluations += 2 * point.length;
      continue;
    }
    const next = line.found;
    const nextSlope = next.value > target ? yield* slopeAt(next.point, next.value, bothSides) : slope;
    evaluations += next.value > target ? (bothSides ? 2 : 1) * point.length : 0;
    inverse = updated(inverse, plus(next.point, point, -1), plus(nextSlope, slope, -1));
    ({ point, value } = next);
    slope = nextSlope;
  }
  return { best: { point, value }, evaluations };
}

function* slopeAt(point: Point, value: number, bothSides: boolean): Search<Vector> {
  if (!bothSides) return yield* ahead(point, value, ONE_SIDED);
  const steps = point.map(one => TWO_SIDED * Math.max(1, Math.abs(one)));
  const up = point.map((_, index) => moved(point, index, at(steps, index)));
  const down = point.map((_, index) => moved(point, index, -at(steps, index)));
  const values = yield [...up, ...down];
  return steps.map(
    (step, index) => (worthOf(values[index]) - worthOf(values[point.length + index])) / (2 * step),
  );
}

/** Slopes by going `step` ahead in each dimension, relative to the coordinate. */
function* ahead(point: Point, value: number, step: number): Search<Vector> {
  const steps = point.map(one => step * Math.max(1, Math.abs(one)));
  const values = yield steps.map((by, index) => moved(point, index, by));
  return steps.map((by, index) => (worthOf(values[index]) - value) / by);
}

const moved = (point: Point, index: number, by: number): Vector =>
  point.map((one, other) => (other === index ? one + by : one));

/**
 * Whether slopes mean anything at a point: taken over a hair and over hundreds of hairs they agree. They do not where
 * there is noise or where values come in steps. Takes two evaluations a dimension.
 */
export function* isSmooth({ point, value }: Found): Search<boolean> {
  const near = yield* ahead(point, value, ONE_SIDED);
  const far = yield* ahead(point, value, TWO_SIDED);
  const [a, b] = [norm(near), norm(far)];
  return a > 0 && b > 0 && dot(near, far) > AGREE * a * b && a < 2 * b && b < 2 * a;
}

/** The first step along a direction that goes down enough (Armijo), or the best of those tried. */
function* lineSearch(
  from: Found,
  direction: readonly number[],
  falling: number,
): Search<{ found: Found; evaluations: number }> {
  let length = 1;
  let best = from;
  for (let tries = 1; tries <= HALVINGS; tries += 1) {
    const point = plus(from.point, direction, length);
    const [told] = yield [point];
    const value = worthOf(told);
    if (value < best.value) best = { point, value };
    if (value <= from.value + ENOUGH * length * falling)
      return { found: { point, value }, evaluations: tries };
    // Where a parabola through what is known has its lowest point, but not too near either end.
    const bend = value - from.value - length * falling;
    const lowest = Number.isFinite(value) && bend > 0 ? (-falling * length * length) / (2 * bend) : 0;
    length = Math.max(0.1 * length, Math.min(0.5 * length, lowest));
  }
  return { found: best, evaluations: HALVINGS };
}

/** BFGS: the inverse Hessian after a step and the change of slope it made; unchanged where the ground curves down. */
function updated(inverse: Matrix | undefined, step: Vector, change: Vector): Matrix | undefined {
  const curve = dot(step, change);
  if (!(curve > 1e-12 * norm(step) * norm(change))) return inverse;
  const scale = curve / dot(change, change);
  const h = inverse ?? identity(step.length).map(row => row.map(one => one * scale));
  const hy = times(h, change);
  const factor = (1 + dot(change, hy) / curve) / curve;
  return h.map((row, i) =>
    row.map(
      (one, j) =>
        one +
        factor * at(step, i) * at(step, j) -
        (at(hy, i) * at(step, j) + at(step, i) * at(hy, j)) / curve,
    ),
  );
}
