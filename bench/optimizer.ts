/**
 * The search for numeric genes (`portfolio`) on shifted, rotated sphere, Rosenbrock and Rastrigin, D 5 and 10: expected
 * running time (all evaluations ÷ successes) to 1e-8 over 15 instances, against the best of five optimisers measured
 * elsewhere. One algorithm, one setting; it is told neither function nor instance. Beside it: our CMA-ES alone (BIPOP).
 */
import { seeded } from '../src/healing/random.ts';
import { answer, type Search } from '../src/healing/search/ask.ts';
import { portfolio } from '../src/healing/search/portfolio.ts';
import { restarts } from '../src/healing/search/restarts.ts';
import { type Problem, problem } from './optimizer/problems.ts';
import type { Measured } from './stats.ts';

const RUNS = 15;
const ACCURACY = 1e-8;
/** Evaluations a run may take, a dimension. */
const BUDGET = 40_000;
/** Half of the box that starts are drawn from, and the first step size. */
const BOX = 5;
const SIGMA = 2;

/**
 * Best expected running time of pycma 4.5 CMA-ES (σ 2), BIPOP, DE/rand/1/bin, a real-coded GA and the same GA with
 * Nelder–Mead, on the functions unrotated, from the same box to the same accuracy.
 */
const BEST = {
  'sphere D5': 709,
  'sphere D10': 1485,
  'rosenbrock D5': 2652,
  'rosenbrock D10': 5862,
  'rastrigin D5': 7434,
  'rastrigin D10': 28_529,
} as const;

/** Not Rastrigin D10: its valleys take CMA-ES alone longer than a bench may last. */
const ALONE = ['sphere D5', 'sphere D10', 'rosenbrock D5', 'rosenbrock D10', 'rastrigin D5'];

interface Tally {
  readonly solved: number;
  readonly ert: number;
}

type Solver = (
  problem: Problem,
  start: () => number[],
  seed: number,
) => Search<{ readonly evaluations: number }>;

const ours: Solver = ({ optimum, dimensions }, start, seed) =>
  portfolio(
    { start: start(), sigma: SIGMA, target: optimum + ACCURACY, maxEvaluations: BUDGET * dimensions },
    seeded(seed),
  );

const bipop: Solver = ({ optimum, dimensions }, start, seed) =>
  restarts(
    {
      schedule: 'bipop',
      start,
      sigma: SIGMA,
      target: optimum + ACCURACY,
      maxEvaluations: BUDGET * dimensions,
    },
    seeded(seed),
  );

function solve(name: string, solver: Solver): Tally {
  const [shape = '', size = ''] = name.split(' D');
  if (shape !== 'sphere' && shape !== 'rosenbrock' && shape !== 'rastrigin') throw new RangeError(name);
  let [evaluations, solved] = [0, 0];
  for (let run = 1; run <= RUNS; run += 1) {
    const one = problem(shape, Number(size), run);
    const random = seeded(run);
    const start = () => Array.from({ length: one.dimensions }, () => BOX * (2 * random() - 1));
    let reached = false;
    answer(
      solver(one, start, run),
      x => {
        // Counted here, where the function is, not by the search.
        evaluations += 1;
        const value = one.value(x);
        reached ||= value <= one.optimum + ACCURACY;
        return value;
      },
      () => false,
    );
    if (reached) solved += 1;
  }
  return { solved, ert: solved === 0 ? Number.POSITIVE_INFINITY : evaluations / solved };
}

export async function run(): Promise<Measured> {
  const rows = Object.entries(BEST).map(([name, best]) => {
    const found = solve(name, ours);
    const alone = ALONE.includes(name) ? solve(name, bipop) : undefined;
    return { name, best, found, alone, ratio: found.ert / best };
  });
  const runs = RUNS * rows.length;
  const cell = (tally: Tally | undefined) =>
    tally === undefined ? '–' : `${tally.solved}/${RUNS} ${tally.ert.toFixed(0)}`;
  return {
    figures: {
      worst_ratio: Math.max(...rows.map(row => row.ratio)),
      solved_pct: (100 * rows.reduce((sum, row) => sum + row.found.solved, 0)) / runs,
    },
    env: {
      ert: Object.fromEntries(rows.map(({ name, found }) => [name, found.ert])),
      compared: {
        best: BEST,
        bipop_cma_es_here: Object.fromEntries(rows.map(({ name, alone }) => [name, alone?.ert ?? null])),
      },
      runs: RUNS,
    },
    lines: [
      'to 1e-8: solved, ERT; best elsewhere; ratio; our BIPOP-CMA-ES alone',
      ...rows.map(
        ({ name, best, found, alone, ratio }) =>
          `  ${name.padEnd(16)}${cell(found).padEnd(14)}${String(best).padEnd(8)}${ratio.toFixed(2).padEnd(8)}${cell(alone)}`,
      ),
    ],
  };
}
