/**
 * CMA-ES: covariance matrix adaptation evolution strategy, after N. Hansen, "The CMA Evolution Strategy: A Tutorial"
 * (arXiv 1604.00772, 2016/2023), with its defaults and its negative weights (active CMA). One run, no restarts.
 */
import type { Random } from '../random.ts';
import { normal } from '../random.ts';
import { type Found, type Search, worthOf } from './ask.ts';
import {
  at,
  dot,
  type Eigen,
  eigen,
  identity,
  type Matrix,
  norm,
  plus,
  times,
  type Vector,
} from './linear.ts';

export interface CmaOptions {
  /** Points a generation; λ = 4 + ⌊3 ln n⌋ by default. */
  readonly populationSize: number;
  /** First step size σ: about a third of where the optimum may lie. */
  readonly sigma: number;
  /** Stops when this is reached. */
  readonly target: number;
  /** Stops when steps have become this small. */
  readonly tolX: number;
  /** Stops when values of the last generations differ by no more. */
  readonly tolFun: number;
}

export const populationSizeOf = (dimensions: number): number => 4 + Math.floor(3 * Math.log(dimensions));

/** Why a run ended; names as in Hansen's implementations. */
export type CmaStop = 'target' | 'tolx' | 'tolfun' | 'stagnation' | 'condition' | 'noeffect';

export interface CmaEnd {
  readonly best: Found;
  readonly stop: CmaStop;
  readonly evaluations: number;
}

/** Weights and rates that depend on n and λ alone (tutorial, table 1). */
interface Rates {
  readonly weights: readonly number[];
  readonly mu: number;
  readonly muEff: number;
  readonly cSigma: number;
  readonly dSigma: number;
  readonly cC: number;
  readonly c1: number;
  readonly cMu: number;
  /** Expected length of a standard normal vector. */
  readonly chi: number;
}

export function ratesOf(n: number, lambda: number): Rates {
  const raw = Array.from({ length: lambda }, (_, i) => Math.log((lambda + 1) / 2) - Math.log(i + 1));
  const mu = Math.floor(lambda / 2);
  const effective = (some: readonly number[]): number =>
    some.reduce((sum, w) => sum + w, 0) ** 2 / some.reduce((sum, w) => sum + w * w, 0);
  const muEff = effective(raw.slice(0, mu));
  const muEffNegative = effective(raw.slice(mu));
  const c1 = 2 / ((n + 1.3) ** 2 + muEff);
  const cMu = Math.min(1 - c1, (2 * (0.25 + muEff + 1 / muEff - 2)) / ((n + 2) ** 2 + muEff));
  const negative = Math.min(1 + c1 / cMu, 1 + (2 * muEffNegative) / (muEff + 2), (1 - c1 - cMu) / (n * cMu));
  const positiveSum = raw.reduce((sum, w) => sum + Math.max(0, w), 0);
  const negativeSum = raw.reduce((sum, w) => sum + Math.max(0, -w), 0);
  const cSigma = (muEff + 2) / (n + muEff + 5);
  return {
    weights: raw.map(w => (w >= 0 ? w / positiveSum : (negative * w) / negativeSum)),
    mu,
    muEff,
    cSigma,
    dSigma: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma,
    cC: (4 + muEff / n) / (n + 4 + (2 * muEff) / n),
    c1,
    cMu,
    chi: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}

/** The state of one run: `ask` for a generation, `tell` its values. */
export class CmaEs {
  readonly #options: CmaOptions;
  readonly #random: Random;
  readonly #rates: Rates;
  #mean: Vector;
  #sigma: number;
  #c: Matrix;
  #eigen: Eigen;
  #scales: Vector;
  #pathSigma: Vector;
  #pathC: Vector;
  #generation = 0;
  #decomposedAt = 0;
  #asked: Vector[] = [];
  #best: Found;
  /** Best value of each generation, the newest last, as many as stopping looks at. */
  #history: number[] = [];
  #spread = Number.POSITIVE_INFINITY;

  constructor(start: readonly number[], random: Random, options: Partial<CmaOptions> = {}) {
    const n = start.length;
    this.#options = {
      populationSize: populationSizeOf(n),
      sigma: 1,
      target: Number.NEGATIVE_INFINITY,
      tolX: 1e-12,
      tolFun: 1e-12,
      ...options,
    };
    this.#random = random;
    this.#rates = ratesOf(n, this.#options.populationSize);
    this.#mean = [...start];
    this.#sigma = this.#options.sigma;
    this.#c = identity(n);
    this.#eigen = { values: start.map(() => 1), vectors: identity(n) };
    this.#scales = start.map(() => 1);
    this.#pathSigma = start.map(() => 0);
    this.#pathC = start.map(() => 0);
    this.#best = { point: [...start], value: Number.POSITIVE_INFINITY };
  }

  get best(): Found {
    return this.#best;
  }

  get mean(): readonly number[] {
    return this.#mean;
  }

  get sigma(): number {
    return this.#sigma;
  }

  /** Longest axis of where it looks. */
  get reach(): number {
    return this.#sigma * Math.max(...this.#scales);
  }

  ask(): Vector[] {
    this.#asked = Array.from({ length: this.#options.populationSize }, () => {
      const z = this.#scales.map(scale => scale * normal(this.#random));
      return times(this.#eigen.vectors, z);
    });
    return this.#asked.map(y => plus(this.#mean, y, this.#sigma));
  }

  /** @param values one for each point of the last `ask`, in its order */
  tell(values: readonly number[]): void {
    const ranked = this.#asked
      .map((y, index) => ({ y, value: worthOf(values[index]) }))
      .sort((a, b) => a.value - b.value);
    const first = ranked[0];
    if (!first) return;
    if (first.value < this.#best.value) {
      this.#best = { point: plus(this.#mean, first.y, this.#sigma), value: first.value };
    }
    this.#spread =
      at(
        ranked.map(one => one.value),
        ranked.length - 1,
      ) - first.value;
    this.#remember(first.value);
    this.#update(ranked.map(one => one.y));
    this.#generation += 1;
    const { c1, cMu } = this.#rates;
    if (this.#generation - this.#decomposedAt > 1 / ((c1 + cMu) * this.#mean.length * 10)) this.#decompose();
  }

  #update(ranked: readonly Vector[]): void {
    const { weights, mu, muEff, cSigma, dSigma, cC, c1, cMu, chi } = this.#rates;
    const n = this.#mean.length;
    const step = this.#mean.map((_, index) =>
      ranked.slice(0, mu).reduce((sum, y, rank) => sum + at(weights, rank) * at(y, index), 0),
    );
    this.#mean = plus(this.#mean, step, this.#sigma);
    const push = Math.sqrt(cSigma * (2 - cSigma) * muEff);
    this.#pathSigma = plus(
      this.#pathSigma.map(one => (1 - cSigma) * one),
      this.#whiten(step),
      push,
    );
    const length = norm(this.#pathSigma);
    const young = Math.sqrt(1 - (1 - cSigma) ** (2 * (this.#generation + 1)));
    // Keeps the path of C from growing while the step size does all it can.
    const steady = length / young < (1.4 + 2 / (n + 1)) * chi ? 1 : 0;
    this.#pathC = plus(
      this.#pathC.map(one => (1 - cC) * one),
      step,
      steady * Math.sqrt(cC * (2 - cC) * muEff),
    );
    const adapted = weights.map((weight, rank) => {
      const y = ranked[rank] ?? [];
      const white = weight < 0 ? this.#whiten(y) : [];
      return weight >= 0 ? weight : (weight * n) / Math.max(dot(white, white), 1e-300);
    });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const keep = 1 + c1 * (1 - steady) * cC * (2 - cC) - c1 - cMu * total;
    this.#c = this.#c.map((row, i) =>
      row.map((one, j) => {
        const rankMu = ranked.reduce((sum, y, rank) => sum + at(adapted, rank) * at(y, i) * at(y, j), 0);
        return keep * one + c1 * at(this.#pathC, i) * at(this.#pathC, j) + cMu * rankMu;
      }),
    );
    this.#sigma *= Math.exp(Math.min(1, (cSigma / dSigma) * (length / chi - 1)));
  }

  /** C^(−1/2)·y */
  #whiten(y: readonly number[]): Vector {
    const { vectors } = this.#eigen;
    const along = this.#scales.map(
      (scale, k) => vectors.reduce((sum, row, index) => sum + at(row, k) * at(y, index), 0) / scale,
    );
    return times(vectors, along);
  }

  #decompose(): void {
    this.#decomposedAt = this.#generation;
    this.#eigen = eigen(this.#c);
    this.#scales = this.#eigen.values.map(value => Math.sqrt(Math.max(value, 1e-300)));
  }

  #remember(value: number): void {
    const n = this.#mean.length;
    const most = 120 + Math.ceil((30 * n) / this.#options.populationSize) * 2;
    this.#history.push(value);
    if (this.#history.length > most) this.#history.shift();
  }

  /** Why this run has nothing more to give, if so (tutorial, appendix B.3). */
  stop(): CmaStop | undefined {
    const { target, tolX, tolFun, populationSize } = this.#options;
    const n = this.#mean.length;
    if (this.#best.value <= target) return 'target';
    if (this.reach < tolX && this.#pathC.every(one => Math.abs(this.#sigma * one) < tolX)) return 'tolx';
    const look = 10 + Math.ceil((30 * n) / populationSize);
    const recent = this.#history.slice(-look);
    const range = Math.max(...recent) - Math.min(...recent);
    if (recent.length >= look && range <= tolFun && this.#spread <= tolFun) return 'tolfun';
    if (Math.max(...this.#scales) > 1e7 * Math.min(...this.#scales)) return 'condition';
    const { length } = this.#history;
    if (length >= 120 + Math.ceil((30 * n) / populationSize) * 2) {
      const part = Math.floor(length * 0.3);
      if (median(this.#history.slice(-part)) >= median(this.#history.slice(0, part))) return 'stagnation';
    }
    const axis = this.#generation % n;
    const small = 0.1 * this.#sigma * at(this.#scales, axis);
    const moved = this.#mean.some(
      (one, index) => one + small * at(this.#eigen.vectors[index] ?? [], axis) !== one,
    );
    return moved ? undefined : 'noeffect';
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return at(sorted, Math.floor(sorted.length / 2));
}

/** One run to its end. */
export function* cmaes(
  start: readonly number[],
  random: Random,
  options: Partial<CmaOptions> = {},
): Search<CmaEnd> {
  const run = new CmaEs(start, random, options);
  let evaluations = 0;
  for (;;) {
    const batch = run.ask();
    run.tell(yield batch);
    evaluations += batch.length;
    const stop = run.stop();
    if (stop) return { best: run.best, stop, evaluations };
  }
}
