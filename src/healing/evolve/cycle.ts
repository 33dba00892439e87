/**
 * A cycle of evolution: as many steps as there is time for, then, where one is wanted, a challenge on held-out seeds. It
 * can be ended between any two judgements and taken up again from what was kept, in another process: a step is a function
 * of its state and seed, so what was judged of it already is told to it again.
 */
import { isDeepStrictEqual } from 'node:util';
import { beginning, step, type Worth } from './evolution.ts';
import { evolutionary, judge, TRIAL, type Trial, together } from './fitness.ts';
import type { Genome } from './genome.ts';
import { fitted, jury } from './jury.ts';
import type { Kept } from './kept.ts';
import { challenge, changesOf, compared, type Proposal } from './proposal.ts';
import type { Case } from './seen.ts';

export interface Worlds {
  /** What a step judges by: quick rather than exact. */
  readonly step: Trial;
  readonly challenge: Trial;
}

/** An eventful hour of a small fleet. */
const SMALL: Trial = { agents: 8, durationMs: 3_600_000, shiftAt: 1_800_000, faultEveryMs: 300_000 };
export const WORLDS: Worlds = { step: SMALL, challenge: TRIAL };

/** Of so many train seeds a step sees these many, the next one others. */
const TRAIN = 30;
const SEEDS = 10;
/** Seeds by which the best of a generation has to be better than the last one. */
const SHOWN = Array.from({ length: SEEDS }, (_, n) => 1001 + n);
/** So many of the archive's best take part when a step begins. */
const ELITES = 3;
/** Seeds of one challenge, of the larger world, and where those that are held out begin. */
const HELD_OUT = 30;
const FIRST_HELD_OUT = 100_000;
const HISTORY_KEPT = 1000;

export interface CycleGiven {
  readonly kept: Kept;
  /** Incidents of this fleet; a step that is under way keeps those it began with. */
  readonly cases: readonly Case[];
  readonly incumbent: Genome;
  readonly worlds: Worlds;
  readonly steps: number;
  /** Best of all, or this one because a person wants to see it proposed; none for no challenge. */
  readonly challenger: 'best' | Genome | 'none';
  /** Whether there is time for another judgement: of a step, or of a challenge. */
  mayGoOn(part: 'step' | 'challenge'): boolean;
  /** Lets others have a turn; rejects when it is to end. */
  breathe(): Promise<void>;
  /** Called after each judgement, whole: nothing else is lost when the process ends. */
  keep(kept: Kept): void;
  /** A step is over. */
  onStep(kept: Kept, incidents: number): void;
}

export interface CycleEnd {
  readonly kept: Kept;
  readonly steps: number;
  readonly words: string;
  readonly proposal?: Proposal;
}

export async function evolve(given: CycleGiven): Promise<CycleEnd> {
  let { kept } = given;
  let steps = 0;
  while (steps < given.steps && given.mayGoOn('step')) {
    const next = await oneStep(given, kept);
    kept = next;
    if (next.doing) break;
    steps += 1;
    given.onStep(kept, given.cases.length);
  }
  const challenger = challengerOf(given, kept);
  if (typeof challenger === 'string') return { kept, steps, words: challenger };
  return { steps, ...(await challenged(given, kept, challenger)) };
}

/** One step, or as much of it as there was time for: then it is still `doing`. */
async function oneStep(given: CycleGiven, before: Kept): Promise<Kept> {
  const { incumbent, worlds, mayGoOn, breathe, keep } = given;
  const at = before.state?.step ?? 0;
  const cases = before.doing?.cases ?? given.cases;
  const trial = fitted(worlds.step, cases);
  const seeds = Array.from({ length: SEEDS }, (_, n) => 1 + ((at * SEEDS + n) % TRAIN));
  const worth = await jury(trial, seeds, breathe);
  const start = (): Promise<{ best: Genome; fitness: number }> =>
    bestOf(candidates(before, incumbent), worth);
  const doing = before.doing ?? { cases, ...(await start()), worths: [] };
  const worths = [...doing.worths];
  const state = before.state ?? beginning(doing.best, doing.fitness);
  const search = step({ ...state, best: doing.best, fitness: doing.fitness }, before.seed);
  let told = 0;
  let next = search.next();
  while (!next.done) {
    const answers: Worth[] = [];
    for (const genome of next.value) {
      const known = worths[told];
      if (known === undefined) {
        if (!mayGoOn('step')) return { ...before, doing: { ...doing, worths } };
        worths.push(await worth(genome));
        keep({ ...before, doing: { ...doing, worths } });
      }
      const answer = worths[told];
      if (answer) answers.push(answer);
      told += 1;
    }
    next = search.next(answers);
  }
  // Nothing is bred on these seeds: who is not better here was only lucky there.
  const shown = await jury(trial, SHOWN, breathe);
  const last = before.state?.best ?? doing.best;
  const won = await bestOf(distinct([last, next.value.best]), shown);
  const first = before.state?.history ?? [(await shown(last)).fitness];
  const history = [...first, won.fitness].slice(-HISTORY_KEPT);
  const after: Kept = { ...before, state: { ...next.value, ...won, history }, doing: null };
  keep(after);
  return after;
}

/** What won on other seeds may have been lucky there: on these it has to hold its own against what was good before. */
function candidates({ state }: Kept, incumbent: Genome): readonly Genome[] {
  if (!state) return [incumbent];
  const elites = state.elites.toSorted((a, b) => a.value - b.value).slice(0, ELITES);
  return distinct([state.best, incumbent, ...elites.map(({ genes }) => genes)]);
}

function distinct(genomes: readonly Genome[]): readonly Genome[] {
  return genomes.filter((one, at) => genomes.findIndex(other => isDeepStrictEqual(other, one)) === at);
}

async function bestOf(
  genomes: readonly Genome[],
  worth: (genome: Genome) => Promise<Worth>,
): Promise<{ best: Genome; fitness: number }> {
  let least: { best: Genome; fitness: number } | undefined;
  for (const best of genomes) {
    const { fitness } = await worth(best);
    if (!least || fitness < least.fitness) least = { best, fitness };
  }
  if (!least) throw new RangeError('there is no genome to begin with');
  return least;
}

/** Who is to challenge now, or why nobody does. */
function challengerOf({ challenger, incumbent }: CycleGiven, kept: Kept): Genome | string {
  if (challenger === 'none') return 'what was found before waits for people, or is being tried';
  if (challenger !== 'best') return challenger;
  if (kept.trial && isDeepStrictEqual(kept.trial.incumbent, incumbent)) return kept.trial.challenger;
  if (!kept.state) return 'there was no time for a whole generation';
  const { best } = kept.state;
  if (changesOf(incumbent, best).length === 0) return 'nothing better than what is in force was found';
  if (kept.challenged && changesOf(kept.challenged, best).length === 0)
    return 'nothing better than the last challenger was found';
  return best;
}

async function challenged(
  given: CycleGiven,
  before: Kept,
  challenger: Genome,
): Promise<Omit<CycleEnd, 'steps'>> {
  const { incumbent, mayGoOn, breathe, keep } = given;
  const asked = given.challenger !== 'best';
  const begun = before.trial;
  const goesOn =
    begun &&
    begun.asked === asked &&
    isDeepStrictEqual([begun.incumbent, begun.challenger], [incumbent, challenger]);
  const trial = goesOn
    ? begun
    : {
        challenger,
        incumbent,
        cases: given.cases,
        first: FIRST_HELD_OUT + HELD_OUT * before.trials,
        asked,
        played: [],
      };
  let kept: Kept = goesOn ? before : { ...before, trial, trials: before.trials + 1 };
  const played = [...trial.played];
  const world = fitted(given.worlds.challenge, trial.cases);
  while (played.length < HELD_OUT) {
    if (!mayGoOn('challenge'))
      return { kept, words: `${played.length} of ${HELD_OUT} held-out seeds are played` };
    await breathe();
    const seeds = [trial.first + played.length];
    played.push([
      judge(evolutionary(incumbent), world, seeds),
      judge(evolutionary(challenger), world, seeds),
    ]);
    kept = { ...kept, trial: { ...trial, played } };
    keep(kept);
  }
  kept = { ...kept, trial: null, challenged: challenger };
  keep(kept);
  const old = together(played.map(([one]) => one));
  const fresh = together(played.map(([, one]) => one));
  const genomes = { incumbent, challenger };
  if (asked) return { kept, words: 'it was asked for', proposal: compared(genomes, old, fresh) };
  const made = challenge(genomes, old, fresh);
  if ('refused' in made) return { kept, words: `the best is not proposed: ${made.refused}` };
  return { kept, words: 'a better one was found', proposal: made };
}
