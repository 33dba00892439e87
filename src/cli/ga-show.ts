/** `hms ga status` and `archive`: also where no engine runs. */
import { AXES } from '../healing/evolve/evolution.ts';
import { genomeInForce } from '../healing/evolve/in-force.ts';
import type { Kept } from '../healing/evolve/kept.ts';
import { changesOf } from '../healing/evolve/proposal.ts';
import { HmsError } from '../model/errors.ts';
import type { EvolutionFold } from '../model/evolution-state.ts';
import {
  convergenceWords,
  fitnessChart,
  fitnessWords,
  isConverged,
  recentChangePct,
  tuningWords,
} from '../model/evolution-words.ts';
import { oneLine, plural, spanWords } from '../model/text.ts';
import type { EvolutionLook } from '../protocol/messages.ts';
import { archiveOf, readKept } from './evolving.ts';
import { type GaOptions, placeOf } from './ga-place.ts';
import { openLink, refuseAgents } from './operator-link.ts';
import { print, printJson } from './output.ts';

const CHART = { width: 72, height: 4 } as const;

interface Known {
  readonly kept: Kept | undefined;
  readonly evolution: EvolutionFold;
  /** undefined where no engine runs. */
  readonly look: EvolutionLook | undefined;
  readonly now: number;
}

async function known(options: GaOptions): Promise<Known> {
  refuseAgents();
  const { file, state } = await placeOf(options);
  const kept = readKept(file);
  const offline = (): Known => ({ kept, evolution: state().evolution, look: undefined, now: Date.now() });
  if (options.dir !== undefined) return offline();
  try {
    const { client, welcome } = await openLink({ ...options });
    try {
      const look = await client.request('evolution.look', {});
      return { kept, evolution: welcome.state.evolution, look, now: welcome.now };
    } finally {
      client.close();
    }
  } catch (error) {
    if (error instanceof HmsError && error.code === 'not-running') return offline();
    throw error;
  }
}

export async function status(options: GaOptions): Promise<void> {
  const { kept, evolution, look, now } = await known(options);
  const state = kept?.state;
  const history = state?.history ?? [];
  if (options.json) {
    printJson({
      generation: state?.step ?? 0,
      evaluations: state?.evaluations ?? 0,
      fitness: state?.fitness ?? null,
      history,
      change_pct: recentChangePct(history) ?? null,
      converged: isConverged(history),
      in_force: genomeInForce(evolution),
      shipped: evolution.tuning === null,
      canary: evolution.canary,
      cycle: evolution.cycle,
      running: look?.running ?? null,
      last: look?.last ?? null,
      next: look?.next ?? null,
      why: look ? look.why : 'no engine runs',
      proposal: look?.proposal ?? '',
    });
    return;
  }
  if (state) {
    print(
      `generation ${state.step}, ${plural(state.evaluations, 'genome')} judged: the best costs ${fitnessWords(state.fitness)} of what rules alone cost`,
    );
    for (const row of fitnessChart(history, CHART.width, CHART.height)) print(row);
    print(convergenceWords(history));
  } else print('nothing has evolved yet: hms ga evolve');
  print(`in force: ${tuningWords(evolution, now)}`);
  print(nextWords(look, evolution, now));
  if (look?.proposal) print(`${look.proposal} waits for an answer: hms approvals show ${look.proposal}`);
}

function nextWords(look: EvolutionLook | undefined, { cycle }: EvolutionFold, now: number): string {
  const last = cycle
    ? `last cycle ${spanWords(Math.max(0, now - cycle.ended))} ago: ${oneLine(cycle.detail, 200)}`
    : 'no cycle yet';
  if (!look) return `${last}; no engine runs`;
  const { running, next, why } = look;
  if (running)
    return `at work${running.by ? ` for ${running.by}` : ''} since ${spanWords(Math.max(0, now - running.began))}: ${plural(running.steps, 'generation')} done`;
  if (next === null) return `${last}; none to come: ${why}`;
  return `${last}; next in ${spanWords(Math.max(0, next - now))}${why ? ` (${why})` : ''}`;
}

export async function archive(options: GaOptions): Promise<void> {
  const { kept, evolution } = await known(options);
  const [bold, tokens] = AXES;
  if (!kept?.state) throw new HmsError('nothing-evolved', 'nothing has evolved yet', 'hms ga evolve begins');
  const filled = archiveOf(kept);
  const cells = filled.elites().map(({ genes, value, behaviour }) => {
    const cell = filled.cellOf(behaviour);
    const [falseActs = 0, dear = 0] = behaviour;
    const place = { row: Math.floor(cell / tokens.cells), column: cell % tokens.cells };
    return { ...place, fitness: value, falseActs, tokens: dear, genome: genes };
  });
  if (options.json) {
    printJson({ rows: bold, columns: tokens, cells });
    return;
  }
  const best = Math.min(...cells.map(({ fitness }) => fitness));
  const grid = Array.from({ length: bold.cells }, (_, row) => {
    const columns = Array.from({ length: tokens.cells }, (_, column) => {
      const cell = cells.find(one => one.row === row && one.column === column);
      return (
        cell ? `${(100 * cell.fitness).toFixed(1)}${cell.fitness === best ? '*' : ' '}` : '· '
      ).padStart(7);
    });
    return `${String(row).padStart(2)} ${columns.join('')}   from ${edge(bold, row)}`;
  });
  const header = Array.from({ length: tokens.cells }, (_, column) => `${column} `.padStart(7)).join('');
  print('cost in percent of what rules alone cost, * the least');
  print(`rows: ${bold.name}; columns: ${tokens.name}, from ${edge(tokens, 0)} by ${edge(tokens, 1)}`);
  print(`   ${header}`);
  for (const row of grid) print(row);
  const changes = changesOf(genomeInForce(evolution), kept.state.best).length;
  print(
    changes === 0
      ? 'the best is what is in force'
      : `the best differs from what is in force in ${plural(changes, 'number or ladder', 'numbers or ladders')}`,
  );
  print('hms ga propose --cell ROW,COLUMN asks people about one of them');
}

const edge = ({ low, high, cells }: (typeof AXES)[number], at: number): string =>
  (low + ((high - low) * at) / cells).toFixed(0);
