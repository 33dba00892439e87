/**
 * Breeds what the evolutionary level ships with, on the train seeds, and writes it down after each step:
 *
 *   node bench/healbench/breed.ts FILE [MINUTES]
 *
 * FILE holds the state; it is taken up where it was left. The held-out seeds of the bench are never looked at.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { argv, cpuUsage, stdout } from 'node:process';
import { beginning, type EvolutionState, step, type Worth } from '../../src/healing/evolve/evolution.ts';
import { evolutionary, fitnessOf, judge, TRIAL } from '../../src/healing/evolve/fitness.ts';
import { type Genome, SHIPPED } from '../../src/healing/evolve/genome.ts';
import { rules } from './policies.ts';

/** Of the thirty train seeds a step sees these many, each step others. */
const SEEDS = 10;
const TRAIN = 30;
/** Whoever is so much worse than the best on the first of them is not tried on the others (racing: Maron and Moore 1994). */
const FIRST = 3;
const WORSE = 0.02;
const SEED = 20261121;

const [, , file = 'state.json', minutes = '10'] = argv;
const until = Date.now() + 60_000 * Number(minutes);
let state: EvolutionState = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : beginning(SHIPPED, Number.POSITIVE_INFINITY);

while (Date.now() < until) {
  const seeds = Array.from({ length: SEEDS }, (_, at) => 1 + ((state.step * SEEDS + at) % TRAIN));
  const [few, all]: readonly [readonly number[], readonly number[]] = [seeds.slice(0, FIRST), seeds];
  const yardsticks = new Map([few, all].map(some => [some, judge(rules, TRIAL, some)]));
  const on = (some: readonly number[], genome: Genome): Worth => {
    const judged = judge(evolutionary(genome), TRIAL, some);
    const yardstick = yardsticks.get(some) ?? judge(rules, TRIAL, some);
    return { fitness: fitnessOf(judged, yardstick), behaviour: [judged.falseActs, judged.tokens] };
  };
  const best = { few: on(few, state.best).fitness, all: on(all, state.best).fitness };
  const worth = (genome: Genome): Worth => {
    const quick = on(few, genome);
    const worse = quick.fitness - best.few;
    return worse > WORSE ? { ...quick, fitness: best.all + worse } : on(all, genome);
  };
  const search = step({ ...state, fitness: best.all }, SEED);
  const first = state.step;
  let next = search.next();
  while (!next.done) next = search.next(next.value.map(worth));
  state = next.value;
  writeFileSync(file, JSON.stringify(state, null, 1));
  const cpu = cpuUsage();
  stdout.write(
    `step ${first}: ${state.evaluations} judged, fitness ${state.fitness.toFixed(4)}, ${Math.round((cpu.user + cpu.system) / 1e6)} s of CPU\n`,
  );
}
