/** `hms ga evolve`, `propose` and `rollback`: by the fleet's engine where one runs, else in this process. */
import { setPriority } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { genomeInForce } from '../healing/evolve/in-force.ts';
import type { Said } from '../healing/evolve/worker.ts';
import { HmsError } from '../model/errors.ts';
import { fitnessWords } from '../model/evolution-words.ts';
import { plural } from '../model/text.ts';
import { evolveJob, readKept } from './evolving.ts';
import { type GaOptions, placeOf } from './ga-place.ts';
import { type OperatorLink, openLink, refuseAgents, withLink } from './operator-link.ts';
import { print, printJson, say } from './output.ts';
import { progress } from './progress.ts';

/** Between two looks at how far the engine's worker is, ms. */
const LOOK_MS = 400;
/** As nice(1) counts: a person waits for it. */
const NICE = 5;
/** Longer than anybody waits, ms. */
const ENDLESS_MS = 24 * 3_600_000;

interface EvolveOptions extends GaOptions {
  readonly steps: number;
  readonly seed?: number;
}

/** What `--json` prints. Stable: fields are added, never changed. */
interface Outcome {
  readonly steps: number;
  readonly detail: string;
  /** The proposal that came of it; ''. */
  readonly request: string;
}

export async function evolveNow(options: EvolveOptions): Promise<void> {
  refuseAgents();
  const link = options.dir === undefined ? await engineOf(options) : undefined;
  const outcome = link ? await onEngine(link, options) : await here(options);
  const { file } = await placeOf(options);
  const state = readKept(file)?.state;
  const { step = 0, evaluations = 0, fitness = null, history = [] } = state ?? {};
  if (options.json) {
    printJson({ ...outcome, generation: step, evaluations, fitness, history });
    return;
  }
  print(
    fitness === null
      ? 'no generation is over yet'
      : `generation ${step}: ${plural(evaluations, 'genome')} judged, the best costs ${fitnessWords(fitness)} of what rules alone cost`,
  );
  print(
    outcome.request
      ? `${outcome.request} asks people: hms approvals show ${outcome.request}`
      : outcome.detail,
  );
}

/** The fleet's engine; undefined where none answers. */
async function engineOf(options: GaOptions): Promise<OperatorLink | undefined> {
  try {
    return await openLink({ ...options, follow: false });
  } catch (error) {
    if (error instanceof HmsError && error.code === 'not-running') return undefined;
    throw error;
  }
}

async function onEngine({ client }: OperatorLink, { steps, seed }: EvolveOptions): Promise<Outcome> {
  const stop = interrupted();
  const line = progress();
  try {
    const given = seed === undefined ? { steps } : { steps, seed };
    const { run } = await client.request('evolution.begin', given);
    for (;;) {
      const { running, last } = await client.request('evolution.look', {});
      if (last?.run === run) {
        line.end();
        return { steps: last.steps, detail: `nothing is proposed: ${last.detail}`, request: last.request };
      }
      if (stop.aborted) {
        line.end();
        return { steps: running?.steps ?? 0, detail: 'ended; what was done is kept', request: '' };
      }
      if (running)
        line.show(
          `${running.steps} of ${plural(steps, 'generation')} · ${running.judged} judged of this one`,
        );
      await setTimeout(LOOK_MS, undefined, { signal: stop }).catch(() => {});
    }
  } finally {
    // The engine ends a run whose asker has gone.
    client.close();
  }
}

async function here(options: EvolveOptions): Promise<Outcome> {
  const { file, lock, journal, state } = await placeOf(options);
  const stop = interrupted();
  const line = progress();
  setPriority(NICE);
  line.show(`0 of ${plural(options.steps, 'generation')}`);
  let done = 0;
  let outcome: Outcome = { steps: 0, detail: 'ended; what was done is kept', request: '' };
  const hear = (said: Said): void => {
    if (said.said === 'stepped') {
      done += 1;
      line.note(
        `generation ${said.step}: ${fitnessWords(said.fitness)} of what rules alone cost, ${plural(said.evaluations, 'genome')} judged`,
      );
    } else if (said.said === 'judged')
      line.show(`${done} of ${plural(options.steps, 'generation')} · ${said.judged} judged of this one`);
    else if (said.said === 'ended')
      outcome = { steps: said.steps, detail: detailOf(said, options), request: '' };
  };
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  const incumbent = genomeInForce(state().evolution);
  await evolveJob(
    {
      file,
      lock,
      journal,
      incumbent,
      seed,
      steps: options.steps,
      capMs: ENDLESS_MS,
      challenger: 'best',
      nice: NICE,
    },
    { say: hear, isOver: () => stop.aborted },
  );
  line.end();
  return outcome;
}

/** No engine, so nobody is asked: what would have been. */
function detailOf({ words, proposal }: Extract<Said, { said: 'ended' }>, { dir }: GaOptions): string {
  if (!proposal) return `nothing is proposed: ${words}`;
  const { mean, low, high } = proposal.gain;
  const change = `${mean.toFixed(1)} % [${low.toFixed(1)}, ${high.toFixed(1)}] of cost on seeds it was not bred on`;
  const next = dir === undefined ? 'start the fleet, then hms ga propose' : 'no fleet runs on this folder';
  return `better by ${change}; nothing is proposed, since there is no engine to ask: ${next}`;
}

export async function proposeNow(
  options: GaOptions & { readonly cell?: readonly [number, number] },
): Promise<void> {
  await withLink({ ...options }, async ({ client }) => {
    const { cell } = options;
    const given = cell === undefined ? {} : { cell: [cell[0], cell[1]] as [number, number] };
    const { run } = await client.request('evolution.propose', given);
    const line = progress();
    for (;;) {
      const { running, last } = await client.request('evolution.look', {});
      if (last?.run === run) {
        line.end();
        if (!last.request)
          throw new HmsError(
            'not-proposed',
            last.detail,
            'hms ga evolve goes on looking; --cell takes another one',
          );
        if (options.json) printJson({ request: last.request, detail: last.detail });
        else print(`${last.request} asks people: hms approvals show ${last.request}`);
        return;
      }
      if (running) line.show(`${running.judged} held-out seeds are played`);
      await setTimeout(LOOK_MS);
    }
  });
}

export async function rollback(options: GaOptions & { readonly reason?: string }): Promise<void> {
  await withLink({ ...options }, async ({ client }) => {
    const { from } = await client.request('evolution.revert', { reason: options.reason ?? '' });
    if (options.json) printJson({ from });
    else
      print(
        from === 'canary'
          ? 'taken back from those that tried it'
          : 'taken back: all that evolve have again what they had before',
      );
  });
}

/** Aborted by the first Ctrl-C; a second one ends the process as ever. */
function interrupted(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => {
    say('Ending; what was done is kept.');
    stop.abort();
  });
  return stop.signal;
}
