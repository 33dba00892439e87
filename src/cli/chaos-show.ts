/** `hms chaos status`, `halt`, `list` and `report`: what works also while the engine does not answer. */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { haltSwitch } from '../chaos/halt.ts';
import { markdownOf, recoveredWords, verdictWords } from '../chaos/report.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import { findFleet } from '../fleet/registry.ts';
import { openReader } from '../journal/reader.ts';
import { type ChaosState, type ExperimentState, NO_CHAOS } from '../model/chaos-state.ts';
import { HmsError } from '../model/errors.ts';
import { fold } from '../model/reduce.ts';
import { EMPTY } from '../model/state.ts';
import { oneLine, spanWords } from '../model/text.ts';
import { processAlive } from '../processes/process.ts';
import { readChaosFile } from './chaos-file.ts';
import { findReport, listReports } from './chaos-reports.ts';
import { openLink, refuseAgents } from './operator-link.ts';
import { print, printJson, say, table } from './output.ts';

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
}

/** An engine that has not answered by then is passed over: a kill switch that waits is none. ms */
const GREET_MS = 700;
const AWAY = ['not-running', 'no-answer', 'gone', 'unreachable'];

export async function status(options: Options): Promise<void> {
  refuseAgents();
  const paths = await findFleet(options.fleet, process.cwd());
  const { chaos, by } = await stateOf(paths, options);
  const halted = haltSwitch(paths.chaosHalt).on();
  const running = Object.values(chaos.running).map(one => ({
    ...one,
    runs: processAlive(one.runner.pid, one.runner.born),
  }));
  if (options.json) {
    printJson({ by, halted, running, finished: chaos.finished });
    return;
  }
  if (by === 'journal') say('The engine does not answer: this is what the journal says.');
  if (halted) print('■ halted: nothing is broken until it is lifted (hms chaos halt --lift)');
  if (running.length === 0) print('nothing is broken on purpose');
  for (const one of running) print(runningWords(one, one.runs));
  const [last] = chaos.finished;
  if (last) print(`last: ${last.id} ${oneLine(last.title, 80)} · ${last.verdict}`);
}

function runningWords(experiment: ExperimentState, runs: boolean): string {
  const now = Date.now();
  const lines = [
    `${experiment.id} ${oneLine(experiment.title, 100)}${runs ? '' : ' · its runner is gone'}`,
    ...experiment.faults.map(({ phase, about, until, detail }) =>
      phase === 'active' && !runs
        ? `  gone      ${about} · the native helper takes it back`
        : phase === 'active'
          ? `  BROKEN    ${about} · back in ${spanWords(Math.max(0, until - now))} at the latest`
          : `  ${phase.padEnd(9)} ${about}${detail ? ` · ${oneLine(detail, 100)}` : ''}`,
    ),
    ...experiment.probes.map(
      ({ name, ok, value }) =>
        `  ${ok === null ? '?' : ok ? '✔' : '✖'} ${oneLine(name, 60)} ${oneLine(value, 60)}`,
    ),
  ];
  return lines.join('\n');
}

async function stateOf(
  paths: FleetPaths,
  { fleet, as }: Options,
): Promise<{ readonly chaos: ChaosState; readonly by: 'engine' | 'journal' }> {
  try {
    const link = await openLink({ fleet, as, deadlineMs: GREET_MS });
    link.client.close();
    return { chaos: link.welcome.state.chaos, by: 'engine' };
  } catch (error) {
    if (!(error instanceof HmsError) || !AWAY.includes(error.code)) throw error;
    const reader = openReader(paths.journal);
    try {
      return { chaos: fold(EMPTY, reader.read()).chaos ?? NO_CHAOS, by: 'journal' };
    } finally {
      reader.close();
    }
  }
}

/** The file first: engine, runner and helper all obey it, whoever of them is there. */
export async function halt(
  options: Options & { readonly lift?: boolean; readonly reason?: string },
): Promise<void> {
  refuseAgents();
  const paths = await findFleet(options.fleet, process.cwd());
  const on = !options.lift;
  if (on) haltSwitch(paths.chaosHalt).set(true);
  let told = false;
  try {
    const link = await openLink({ fleet: options.fleet, as: options.as, deadlineMs: GREET_MS });
    try {
      await link.client.request('chaos.halt', { on, reason: options.reason ?? '' }, { deadlineMs: GREET_MS });
      told = true;
    } finally {
      link.client.close();
    }
  } catch (error) {
    if (!(error instanceof HmsError) || !(AWAY.includes(error.code) || on)) throw error;
  }
  // Lifting is the engine's to allow, unless there is none.
  if (!on) haltSwitch(paths.chaosHalt).set(false);
  if (options.json) {
    printJson({ halted: on, told });
    return;
  }
  print(
    on ? 'halted: everything broken on purpose is being taken back' : 'lifted: experiments may begin again',
  );
  if (!told) say('The engine does not answer; it learns of it when it does.');
}

export async function list(options: Options): Promise<void> {
  const paths = await findFleet(options.fleet, process.cwd());
  const [reports, files] = await Promise.all([listReports(paths), experimentsIn(join(paths.dir, 'chaos'))]);
  if (options.json) {
    const runs = reports.map(({ id, title, verdict, started, ms, day }) => ({
      id,
      title,
      verdict,
      started,
      ms,
      day,
    }));
    printJson({ runs, experiments: files });
    return;
  }
  if (reports.length > 0)
    print(
      table(
        reports.map(one => [
          one.started.replace(/\.\d+Z$/, 'Z'),
          one.id,
          one.verdict,
          recoveredWords(one),
          oneLine(one.title, 80),
        ]),
      ),
    );
  else say('No experiment has been run.');
  for (const { file, title } of files) print(`${file}  ${oneLine(title, 80)}`);
}

async function experimentsIn(
  dir: string,
): Promise<readonly { readonly file: string; readonly title: string }[]> {
  const names = (await readdir(dir).catch(() => [])).filter(name => /\.(?:ya?ml|json)$/.test(name)).sort();
  return Promise.all(
    names.map(async name => {
      const { day, experiments, problems } = await readChaosFile(join(dir, name));
      const title = day?.title ?? experiments[0]?.experiment.title ?? problems[0] ?? '';
      return { file: relative(process.cwd(), join(dir, name)), title };
    }),
  );
}

export async function report(id: string | undefined, options: Options): Promise<void> {
  const found = await findReport(await findFleet(options.fleet, process.cwd()), id);
  if (options.json) printJson(found);
  else print(markdownOf(found).trimEnd());
  say(verdictWords(found.verdict));
}
