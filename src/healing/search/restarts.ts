/**
 * CMA-ES again and again, since one run may end in a lesser valley. IPOP doubles the population with each restart (Auger
 * and Hansen 2005); BIPOP does so in turn with small populations and small steps, whichever has had fewer evaluations
 * (Hansen 2009, "Benchmarking a BI-Population CMA-ES on the BBOB-2009 Function Testbed").
 */
import type { Random } from '../random.ts';
import type { Found, Point, Search } from './ask.ts';
import { type CmaEnd, cmaes, populationSizeOf } from './cmaes.ts';

export interface RestartOptions {
  readonly schedule: 'ipop' | 'bipop';
  /** Where a run starts; asked for anew for each. */
  readonly start: () => Point;
  readonly sigma: number;
  readonly target: number;
  /** No run is started after so many; the last one is not cut short. */
  readonly maxEvaluations: number;
}

export interface RestartsEnd {
  readonly best: Found;
  readonly evaluations: number;
  readonly runs: readonly CmaEnd[];
}

export function* restarts(options: RestartOptions, random: Random): Search<RestartsEnd> {
  const { schedule, target, maxEvaluations } = options;
  const runs: CmaEnd[] = [];
  const spent = { large: 0, small: 0 };
  let best: Found = { point: options.start(), value: Number.POSITIVE_INFINITY };
  let doublings = 0;
  while (best.value > target && spent.large + spent.small < maxEvaluations) {
    const start = options.start();
    const first = populationSizeOf(start.length);
    const large = first * 2 ** doublings;
    const small = schedule === 'bipop' && doublings > 0 && spent.small < spent.large;
    const size = small ? Math.floor(first * (large / (2 * first)) ** (random() ** 2)) : large;
    const sigma = small ? options.sigma * 10 ** (-2 * random()) : options.sigma;
    const end = yield* cmaes(start, random, { populationSize: size, sigma, target });
    runs.push(end);
    if (end.best.value < best.value) best = end.best;
    spent[small ? 'small' : 'large'] += end.evaluations;
    if (!small) doublings += 1;
  }
  return { best, evaluations: spent.large + spent.small, runs };
}
