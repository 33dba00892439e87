/**
 * One cycle of evolution in this process: reads what is kept and what the fleet has been through, evolves, and writes it
 * down as it goes. Run by the engine's worker, and by `hms ga evolve` where no engine runs.
 */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { writeWhole } from '../fleet/whole-file.ts';
import { evolve, WORLDS } from '../healing/evolve/cycle.ts';
import { AXES } from '../healing/evolve/evolution.ts';
import type { Genome } from '../healing/evolve/genome.ts';
import { Kept, nothingYet } from '../healing/evolve/kept.ts';
import { type Case, casesOf } from '../healing/evolve/seen.ts';
import type { Job, Said } from '../healing/evolve/worker.ts';
import { Archive, type Elite } from '../healing/search/map-elites.ts';
import { openReader } from '../journal/reader.ts';
import { lockFile } from '../journal/sqlite.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import { KINDS } from '../model/event.ts';
import type { ClosedIncident } from '../model/incident-state.ts';
import { reduce } from '../model/reduce.ts';
import { EMPTY } from '../model/state.ts';

/** How often it is written down, ms. */
const KEEP_MS = 1000;
/** Of a cycle's time, so much is for steps where a challenge may follow. */
const STEPS_SHARE = 0.6;
/** The last so many incidents are what counts of a fleet. */
const INCIDENTS = 400;

interface Evolving {
  say(said: Said): void;
  /** Once true, it ends after the judgement it is at. */
  isOver(): boolean;
}

/** Throws HmsError `evolution-runs` while another process has it, `no-elite`. */
export async function evolveJob(job: Job, { say, isOver }: Evolving): Promise<void> {
  const unlock = lockFile(job.lock, 0);
  if (!unlock)
    throw new HmsError(
      'evolution-runs',
      'another process evolves here',
      'wait for it: hms ga status says what it does',
    );
  try {
    let kept = keptOrAnew(job);
    let written = kept;
    let next = performance.now() + KEEP_MS;
    const begun = performance.now();
    const capOf = { step: job.challenger === 'best' ? STEPS_SHARE : 1, challenge: 1 };
    const cases = casesIn(job.journal);
    const write = async (): Promise<void> => {
      if (kept === written) return;
      await writeWhole(job.file, JSON.stringify(kept));
      written = kept;
      next = performance.now() + KEEP_MS;
    };
    const end = await evolve({
      kept,
      cases,
      incumbent: job.incumbent,
      worlds: WORLDS,
      steps: job.steps,
      challenger: typeof job.challenger === 'string' ? job.challenger : genomeAt(kept, job.challenger),
      mayGoOn: part => !isOver() && performance.now() - begun < job.capMs * capOf[part],
      breathe: async () => {
        if (performance.now() >= next) await write();
        await setImmediate();
      },
      keep: now => {
        kept = now;
        const step = now.state?.step ?? 0;
        say({ said: 'judged', step, judged: now.doing?.worths.length ?? now.trial?.played.length ?? 0 });
      },
      onStep: ({ state }, incidents) => {
        if (!state) return;
        const { step, evaluations, fitness, elites } = state;
        say({ said: 'stepped', step, evaluations, fitness, elites: elites.length, incidents });
      },
    });
    kept = end.kept;
    await write();
    const { steps, words, proposal } = end;
    say({
      ...{ said: 'ended', steps, words, due: kept.trial !== null, incidents: cases.length },
      ...(proposal && { proposal }),
    });
  } finally {
    unlock();
  }
}

/** What another version has written, or nobody of ours, is put aside. */
function keptOrAnew({ file, seed }: Job): Kept {
  try {
    return readKept(file) ?? nothingYet(seed);
  } catch (error) {
    if (!(error instanceof HmsError)) throw error;
    renameSync(file, `${file}.bad`);
    return nothingYet(seed);
  }
}

/** undefined where there is none. Throws HmsError `bad-evolution`. */
export function readKept(file: string): Kept | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return Kept.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new HmsError(
      'bad-evolution',
      `${file} is not what was written there: ${wordsOf(error).slice(0, 200)}`,
      'remove it: evolution begins anew with what is in force',
      { cause: error },
    );
  }
}

/** The archive by rows of boldness and columns of tokens. */
export function archiveOf({ state }: Kept): Archive<Genome> {
  const archive = new Archive<Genome>(AXES);
  for (const elite of state?.elites ?? []) archive.add(elite);
  return archive;
}

export function eliteAt(kept: Kept, [row, column]: readonly [number, number]): Elite<Genome> | undefined {
  const [bold, tokens] = AXES;
  const wanted = row * tokens.cells + column;
  if (row >= bold.cells || column >= tokens.cells) return undefined;
  const archive = archiveOf(kept);
  return archive.elites().find(({ behaviour }) => archive.cellOf(behaviour) === wanted);
}

function genomeAt(kept: Kept, place: readonly [number, number]): Genome {
  const elite = eliteAt(kept, place);
  if (elite) return elite.genes;
  throw new HmsError(
    'no-elite',
    `there is nothing at ${place.join(',')} of the archive`,
    'hms ga archive shows it',
  );
}

/** What healing has been through, the last ones. */
function casesIn(journal: string): readonly Case[] {
  if (journal === '' || !existsSync(journal)) return [];
  const closed: ClosedIncident[] = [];
  const reader = openReader(journal);
  try {
    let state = EMPTY;
    for (const event of reader.read({ kinds: KINDS.filter(kind => /^(?:incident|recovery)\./.test(kind)) })) {
      state = reduce(state, event);
      const [last] = state.healed;
      if (event.kind === 'incident.closed' && last?.id === event.data.incident) closed.push(last);
    }
  } finally {
    reader.close();
  }
  return casesOf(closed.slice(-INCIDENTS));
}
