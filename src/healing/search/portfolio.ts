/**
 * One search for numeric genes of which nothing is known beforehand. It looks first what kind of ground it stands on:
 *
 * 1. Descents from a few places. Where the ground is smooth and has one valley, that is the end of it.
 * 2. When they end in different valleys, or get nowhere (noise, plateaus), CMA-ES with restarts: with a large population
 *    at once where there are many valleys, growing with each restart (IPOP, Auger and Hansen 2005). A share of the
 *    evaluations goes to descents from its mean, as in memetic algorithms; the share follows what they bring.
 *
 * Portfolios of CMA-ES and a local search lead the BBOB tables (HCMA: Loshchilov, Schoenauer and Sebag 2013).
 */
import type { Random } from '../random.ts';
import { type Found, type Point, type Search, worthOf } from './ask.ts';
import { CmaEs, populationSizeOf } from './cmaes.ts';
import { descend, isSmooth } from './descent.ts';
import { norm, plus } from './linear.ts';

export interface Bounds {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface PortfolioOptions {
  /** Where it starts; from there `sigma` far. */
  readonly start: Point;
  /** About a third of how far away the optimum may lie, in every dimension. */
  readonly sigma: number;
  /** Nothing outside is ever asked for: points beyond are mirrored back. */
  readonly bounds?: Bounds;
  /** Ends when this is reached. */
  readonly target?: number;
  /** Ends with the batch that reaches this number. */
  readonly maxEvaluations: number;
}

export interface PortfolioEnd {
  readonly best: Found;
  readonly evaluations: number;
  /** What it took the ground for. */
  readonly ground: 'one valley' | 'many valleys' | 'rough';
}

/** Descents that look at the ground. */
const LOOKS = 4;
/** Values that differ by less than this share of their spread are the same valley. */
const SAME = 1e-6;
/** Evaluations a descent may take, a dimension. */
const DESCENT = 500;
/** Share of evaluations for descents from the mean: at first, at least, at most. */
const SHARE = { first: 0.2, least: 0.02, most: 0.4 };
/** First population where there are many valleys, a dimension. */
const MANY = 20;

export function* portfolio(options: PortfolioOptions, random: Random): Search<PortfolioEnd> {
  const ledger = new Ledger(options);
  const ends: Found[] = [];
  const here = yield* ledger.measure(options.start);
  const smooth = ledger.done || (yield* ledger.run(isSmooth(here)));
  for (let look = 0; smooth && look < LOOKS && !ledger.done; look += 1) {
    const from = look === 0 ? here : yield* ledger.measure(scattered(options, random));
    ends.push(yield* ledger.descent(from, options.sigma / 2));
    if (look > 0 && same(ends)) break;
  }
  const ground = !smooth ? 'rough' : same(ends) ? 'one valley' : 'many valleys';
  const first = populationSizeOf(options.start.length);
  let size = ground === 'many valleys' ? Math.max(first, MANY * options.start.length) : first;
  // Where valleys are many, the best one so far says little about where to begin.
  let begin = ground === 'many valleys' ? scattered(options, random) : ledger.best.point;
  while (!ledger.done) {
    yield* evolve(ledger, begin, options.sigma, random, size, smooth ? SHARE.first : 0);
    begin = scattered(options, random);
    size = Math.ceil(size * 2);
  }
  return { best: ledger.best, evaluations: ledger.evaluations, ground };
}

function* evolve(
  ledger: Ledger,
  begin: Point,
  sigma: number,
  random: Random,
  populationSize: number,
  firstShare: number,
): Search<void> {
  const run = new CmaEs(begin, random, { populationSize, sigma, target: ledger.target });
  let share = firstShare;
  let spent = 0;
  let generations = 0;
  let last: Found | undefined;
  while (!ledger.done && !run.stop()) {
    const batch = run.ask();
    run.tell(yield* ledger.values(batch));
    generations += populationSize;
    if (share === 0 || spent > share * generations || ledger.done) continue;
    const before = ledger.best.value;
    const used = ledger.evaluations;
    const from = yield* ledger.measure(run.mean);
    const end = yield* ledger.descent(from, run.reach);
    spent += ledger.evaluations - used;
    const again = last !== undefined && norm(plus(end.point, last.point, -1)) < 1e-3 * sigma;
    share =
      end.value < before
        ? Math.min(SHARE.most, share * 2)
        : Math.max(SHARE.least, share * (again ? 0.5 : 0.9));
    last = end;
  }
}

/** A random place about the start. */
function scattered({ start, sigma, bounds }: PortfolioOptions, random: Random): Point {
  return start.map((one, index) => {
    const low = bounds?.low[index] ?? one - 3 * sigma;
    const high = bounds?.high[index] ?? one + 3 * sigma;
    return low + (high - low) * random();
  });
}

const same = (ends: readonly Found[]): boolean => {
  const values = ends.map(end => end.value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return most - least <= SAME * Math.max(1, Math.abs(least));
};

/** Counts evaluations, keeps the best, folds points into the bounds. */
class Ledger {
  readonly target: number;
  readonly #options: PortfolioOptions;
  evaluations = 0;
  best: Found;

  constructor(options: PortfolioOptions) {
    this.#options = options;
    this.target = options.target ?? Number.NEGATIVE_INFINITY;
    this.best = { point: options.start, value: Number.POSITIVE_INFINITY };
  }

  get reached(): boolean {
    return this.best.value <= this.target;
  }

  get done(): boolean {
    return this.reached || this.evaluations >= this.#options.maxEvaluations;
  }

  *values(points: readonly Point[]): Search<readonly number[]> {
    const folded = points.map(point => fold(point, this.#options.bounds));
    const values = (yield folded).map(worthOf);
    this.evaluations += points.length;
    values.forEach((value, index) => {
      if (value < this.best.value) this.best = { point: folded[index] ?? [], value };
    });
    return values;
  }

  *measure(point: Point): Search<Found> {
    const [value] = yield* this.values([point]);
    return { point, value: worthOf(value) };
  }

  /** Where a descent ends; when the budget ends before, the best so far. */
  *descent(from: Found, reach: number): Search<Found> {
    const maxEvaluations = DESCENT * from.point.length;
    const search = descend(from, { reach, target: this.target, maxEvaluations, tolerance: 1e-13 });
    const end = yield* this.run(search);
    return end ? end.best : this.best;
  }

  /** Runs a search on this account; undefined when the account is empty before its end. */
  *run<T>(search: Search<T>): Search<T | undefined> {
    let step = search.next();
    while (!step.done && !this.done) step = search.next(yield* this.values(step.value));
    return step.done ? step.value : undefined;
  }
}

/** Mirrors what lies outside back in, as often as it takes: no step is lost at a border. */
export function fold(point: Point, bounds: Bounds | undefined): Point {
  if (!bounds) return point;
  return point.map((one, index) => {
    const low = bounds.low[index] ?? Number.NEGATIVE_INFINITY;
    const width = (bounds.high[index] ?? Number.POSITIVE_INFINITY) - low;
    if (one >= low && one <= low + width) return one;
    if (!(width > 0)) return low;
    const along = (((one - low) % (2 * width)) + 2 * width) % (2 * width);
    return low + (along <= width ? along : 2 * width - along);
  });
}
