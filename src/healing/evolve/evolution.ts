/**
 * Evolution of what the evolutionary level runs on, in steps that can be kept and taken up again: a memetic search for
 * the numbers (`portfolio`), a genetic one for the playbook of one class of faults at a time (`evolveOrders`), and a
 * child of two elites of the archive now and then. A step asks for genomes to be judged and is sent their worth; who
 * judges, where and for how long is the caller's. Nothing here is ever tried on living agents.
 */
import type { FaultClass, StrategyName } from '../../model/healing.ts';
import { PLAYBOOK } from '../adapt/bandit.ts';
import { type Random, seeded } from '../random.ts';
import { Archive, between, type Elite } from '../search/map-elites.ts';
import { evolveOrders } from '../search/orders.ts';
import { portfolio } from '../search/portfolio.ts';
import { atPoint, DIMENSIONS, type Genome, pointOf } from './genome.ts';

/** What judging one genome gave. */
export interface Worth {
  readonly fitness: number;
  /** Acts on well agents and tokens, an agent and day: how bold it is, and how dear. */
  readonly behaviour: readonly [boldness: number, tokens: number];
}

export interface EvolutionState {
  readonly step: number;
  readonly evaluations: number;
  readonly best: Genome;
  readonly fitness: number;
  /** Best fitness after each step. */
  readonly history: readonly number[];
  readonly elites: readonly Elite<Genome>[];
}

export const AXES = [
  { name: 'false acts an agent and day', low: 0, high: 24, cells: 8 },
  { name: 'tokens an agent and day, in fresh starts', low: 0, high: 160, cells: 8 },
] as const;

/** Evaluations a step may take. */
const NUMBERS = 60;
const PLAYBOOKS = 24;
const CHILDREN = 12;
/** First step of the search for numbers, of a range of 1. */
const SIGMA = 0.15;
const MOST_RUNGS = 7;

/** Classes whose playbooks are worth a search: those with a choice. */
const CLASSES: readonly FaultClass[] = [
  'hang',
  'overload',
  'disk-full',
  'slow',
  'crash-loop',
  'busy',
  'storm',
  'rate-limit',
  'fd-exhausted',
  'crash',
  'failing',
  'leak',
  'context-full',
  'usage-limit',
];

const RUNGS: readonly StrategyName[] = [
  'wait',
  'nudge',
  'interrupt',
  'resume',
  'restart',
  'restore',
  'swap',
  'shed',
];

export const beginning = (best: Genome, fitness: number): EvolutionState => ({
  step: 0,
  evaluations: 1,
  best,
  fitness,
  history: [fitness],
  elites: [],
});

/** Batches of genomes out, their worth in; at the end the state after it. Chance is of the seed and the step alone. */
export type Step = Generator<readonly Genome[], EvolutionState, readonly Worth[]>;

export function* step(state: EvolutionState, seed: number): Step {
  const random = seeded(seed + 7919 * (state.step + 1));
  const notes = new Notes(state);
  const turn = state.step % (CLASSES.length + 2);
  const fault = CLASSES[turn - 2];
  if (turn === 0) yield* numbersStep(notes, random);
  else if (turn === 1) yield* childrenStep(notes, random);
  else if (fault) yield* playbookStep(notes, fault, random);
  return notes.state;
}

/** Keeps the best of all that was judged, whether or not the step comes to its end. */
class Notes {
  readonly #archive = new Archive<Genome>(AXES);
  #state: EvolutionState;

  constructor(state: EvolutionState) {
    for (const elite of state.elites) this.#archive.add(elite);
    this.#state = state;
  }

  get best(): Genome {
    return this.#state.best;
  }

  get archive(): Archive<Genome> {
    return this.#archive;
  }

  get state(): EvolutionState {
    const { step: before, history, fitness } = this.#state;
    const elites = this.#archive.elites();
    return { ...this.#state, step: before + 1, history: [...history, fitness], elites };
  }

  *judged(genomes: readonly Genome[]): Generator<readonly Genome[], number[], readonly Worth[]> {
    const worths = yield genomes;
    let { best, fitness, evaluations } = this.#state;
    for (const [at, genome] of genomes.entries()) {
      const worth = worths[at];
      if (!worth) continue;
      evaluations += 1;
      this.#archive.add({ genes: genome, value: worth.fitness, behaviour: worth.behaviour });
      if (worth.fitness < fitness) [best, fitness] = [genome, worth.fitness];
    }
    this.#state = { ...this.#state, best, fitness, evaluations };
    return worths.map(worth => worth.fitness);
  }
}

type Part = Generator<readonly Genome[], void, readonly Worth[]>;

function* numbersStep(notes: Notes, random: Random): Part {
  const from = notes.best;
  const bounds = { low: Array(DIMENSIONS).fill(0), high: Array(DIMENSIONS).fill(1) };
  const search = portfolio({ start: pointOf(from), sigma: SIGMA, bounds, maxEvaluations: NUMBERS }, random);
  let next = search.next();
  while (!next.done) {
    next = search.next(yield* notes.judged(next.value.map(point => atPoint(point, from))));
  }
}

function* playbookStep(notes: Notes, fault: FaultClass, random: Random): Part {
  const from = notes.best;
  const inForce = from.playbook[fault] ?? PLAYBOOK[fault];
  const search = evolveOrders(
    {
      things: RUNGS.length,
      minLength: 1,
      maxLength: MOST_RUNGS,
      known: [inForce.map(rung => RUNGS.indexOf(rung)).filter(at => at >= 0)],
      maxEvaluations: PLAYBOOKS,
      populationSize: 8,
    },
    random,
  );
  let next = search.next();
  while (!next.done) {
    const genomes = next.value.map(order => {
      const rungs = order.flatMap(at => RUNGS[at] ?? []);
      return { ...from, playbook: { ...from.playbook, [fault]: rungs } };
    });
    next = search.next(yield* notes.judged(genomes));
  }
}

function* childrenStep(notes: Notes, random: Random): Part {
  const children: Genome[] = [];
  for (let child = 0; child < CHILDREN; child += 1) {
    const [one, two] = [notes.archive.pick(random), notes.archive.pick(random)];
    if (!one || !two) return;
    children.push(atPoint(between(pointOf(one.genes), pointOf(two.genes), random), one.genes));
  }
  yield* notes.judged(children);
}
