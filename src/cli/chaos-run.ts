import { haltSwitch } from '../chaos/halt.ts';
import type { PlannedStep } from '../chaos/plan.ts';
import { look } from '../chaos/probes.ts';
import { type Report, recoveredWords, verdictWords } from '../chaos/report.ts';
import { ExperimentRun, type FaultEnd, type Injected, type Outcome } from '../chaos/runner.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import { findFleet } from '../fleet/registry.ts';
import { lockFile } from '../journal/sqlite.ts';
import { ExperimentId } from '../model/chaos.ts';
import { HmsError } from '../model/errors.ts';
import type { Mode } from '../model/mode.ts';
import { oneLine, spanWords } from '../model/text.ts';
import { readBirth } from '../processes/process.ts';
import type { ChaosProposed } from '../protocol/messages.ts';
import { asked } from './ask.ts';
import { agree } from './chaos-agree.ts';
import type { ReadExperiment } from './chaos-file.ts';
import { ChaosLink } from './chaos-link.ts';
import { hitBy, type Prepared, planJson, prepare, printPlan, refusals } from './chaos-prepare.ts';
import { writeReport } from './chaos-reports.ts';
import { scopeTargets } from './chaos-scope.ts';
import { notRunning, refuseAgents } from './operator-link.ts';
import { print, printJson, say } from './output.ts';

export interface RunOptions {
  readonly fleet?: string | undefined;
  readonly as?: string | undefined;
  readonly mode?: Mode | undefined;
  readonly json?: boolean | undefined;
  /** Agree without being asked. */
  readonly yes?: boolean | undefined;
  /** Ask nobody here: somebody agrees in a console. */
  readonly wait?: boolean | undefined;
  readonly seed?: number | undefined;
}

/** How long an engine may take to be back for the last words, ms. */
const LAST_WORDS_MS = 10_000;

/** `hms chaos plan`: what it would do, exactly; nothing is asked for and nothing is broken. */
export async function planChaos(experiments: readonly ReadExperiment[], options: RunOptions): Promise<void> {
  await withLink(options, async (link, paths) => {
    const all: object[] = [];
    for (const read of experiments) {
      const prepared = await prepare(link, paths, read, options.seed);
      try {
        if (options.json) all.push(planJson(prepared));
        else printPlan(prepared);
        if (refusals(prepared).length > 0) process.exitCode = 1;
      } finally {
        prepared.helper?.close();
      }
    }
    if (options.json) printJson({ plans: all });
  });
}

/** `hms chaos run` and `inject`. The exit code is 0 when every experiment held. */
export async function runChaos(
  experiments: readonly ReadExperiment[],
  day: { readonly title: string; readonly pause: number; readonly stop: boolean } | undefined,
  options: RunOptions,
): Promise<void> {
  await withLink(options, async (link, paths) => {
    const unlock = lockFile(`${paths.chaos}/run.lock`, 0);
    if (!unlock)
      throw new HmsError(
        'experiment-running',
        'another experiment of this fleet runs',
        'hms chaos status; hms chaos halt',
      );
    if (haltSwitch(paths.chaosHalt).on()) {
      unlock();
      throw new HmsError('chaos-halted', 'the kill switch of chaos is on', 'lift it: hms chaos halt --lift');
    }
    const reports: Report[] = [];
    // Whoever listened may have gone; the experiment goes on to its end all the same.
    for (const stream of [process.stdout, process.stderr])
      stream.removeAllListeners('error').on('error', () => {});
    const ending = new AbortController();
    const end = (): void => ending.abort();
    for (const signal of SIGNALS) process.on(signal, end);
    try {
      for (const [at, read] of experiments.entries()) {
        if (at > 0) await pause(day?.pause ?? 0, ending.signal);
        if (ending.signal.aborted) break;
        const report = await runOne(link, paths, read, day?.title ?? '', options, ending.signal);
        reports.push(report);
        if (!options.json) tellVerdict(report, paths);
        if (day?.stop && report.verdict !== 'held') break;
      }
    } finally {
      for (const signal of SIGNALS) process.off(signal, end);
      unlock();
    }
    const held = reports.length === experiments.length && reports.every(({ verdict }) => verdict === 'held');
    if (!held) process.exitCode = 1;
    if (options.json) printJson(day ? { day: day.title, held, reports } : (reports[0] ?? {}));
    else if (day)
      print(
        `${day.title}: ${reports.filter(one => one.verdict === 'held').length} of ${experiments.length} held`,
      );
  });
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function withLink(
  options: RunOptions,
  use: (link: ChaosLink, paths: FleetPaths) => Promise<void>,
): Promise<void> {
  refuseAgents();
  const paths = await findFleet(options.fleet, process.cwd());
  const link = new ChaosLink({ socket: paths.operatorSocket, as: options.as, mode: options.mode });
  try {
    await link.begin().catch((error: unknown) => {
      throw error instanceof HmsError && error.code === 'unreachable' ? notRunning(paths) : error;
    });
    await use(link, paths);
  } finally {
    link.close();
  }
}

async function runOne(
  link: ChaosLink,
  paths: FleetPaths,
  read: ReadExperiment,
  day: string,
  options: RunOptions,
  ending: AbortSignal,
): Promise<Report> {
  const prepared = await prepare(link, paths, read, options.seed);
  const { helper, steps, id, seed } = prepared;
  let listening = (): void => {};
  try {
    const [refused] = refusals(prepared);
    if (refused) throw new HmsError('refused', refused.why, refused.remedy);
    if (!options.json) printPlan(prepared);
    const yes =
      options.yes || (!options.wait && process.stdin.isTTY && (await asked('Break this? [y/N] ', false)));
    if (!yes && !options.wait && process.stdin.isTTY)
      throw new HmsError('not-wanted', 'nothing was broken', 'hms chaos run --yes does it without asking');
    const agreed = await agree(link, paths, prepared, day, yes, ending);
    const halt = haltSwitch(paths.chaosHalt);
    const run: ExperimentRun = new ExperimentRun(
      {
        id,
        day,
        seed,
        request: agreed.request,
        experiment: read.experiment,
        steps,
        runner: { pid: process.pid, born: readBirth(process.pid) },
      },
      {
        now: () => link.now(),
        sleep,
        look: provider =>
          look(provider, {
            agents: () => Object.values(link.state.agents),
            reading: () => link.reading,
            ping: async timeoutMs =>
              void (await link.client().request('ping', {}, { deadlineMs: timeoutMs })),
            cwd: paths.dir,
            env: process.env,
          }),
        inject: async step => {
          if (!step.injection) return hang(link, id, step, halt.on);
          if (!helper) throw new HmsError('no-native', 'the native helper is not there');
          const hit = new Set(step.fault.targets);
          await helper.retarget(await present(link, paths, hit));
          return helper.inject(step);
        },
        tell: told => link.tell(told),
        measure: readings => link.measure(readings),
        halted: halt.on,
      },
    );
    listening = link.onEvent(event => {
      run.see(event);
      // Whoever came back has another pid: what is still to be done to it is done to that.
      if (event.kind === 'agent.started' || event.kind === 'agent.adopted')
        void helper?.retarget(scopeTargets({ state: link.state, paths, hit: hitBy(steps) })).catch(() => {});
    });
    ending.addEventListener('abort', () => run.abort('its runner was told to end'), { once: true });
    if (ending.aborted) run.abort('its runner was told to end');
    const outcome = await run.run();
    return await finish(link, paths, prepared, day, agreed, outcome);
  } finally {
    listening();
    helper?.close();
  }
}

/** Targets that were hit a moment ago may be just coming back: they have this long, ms. */
const BACK_MS = 5000;

async function present(
  link: ChaosLink,
  paths: FleetPaths,
  hit: ReadonlySet<string>,
): Promise<ReturnType<typeof scopeTargets>> {
  const end = Date.now() + BACK_MS;
  for (;;) {
    const targets = scopeTargets({ state: link.state, paths, hit });
    const missing = [...hit].filter(name => !targets.some(target => target.name === name));
    if (missing.length === 0) return targets;
    if (Date.now() >= end)
      throw new HmsError('nothing-to-break', `${missing.join(', ')} does not run`, 'hms status says why');
    await sleep(50, NEVER);
  }
}

/** One cell of the engine, held back or ended by the engine itself. */
async function hang(
  link: ChaosLink,
  id: string,
  step: PlannedStep,
  halted: () => boolean,
): Promise<Injected> {
  const { fault } = step;
  const given = { experiment: ExperimentId.parse(id), fault: fault.id };
  // The engine knows of the experiment only once it has been told.
  await link.flush(LAST_WORDS_MS);
  await link.client().request('chaos.hang', { ...given, forMs: fault.forMs });
  const stop = new AbortController();
  const over = sleep(fault.forMs, stop.signal).then(
    (): FaultEnd => ({
      phase: 'reverted',
      because: stop.signal.aborted ? (halted() ? 'halt' : 'abort') : 'time',
      detail: '',
      residues: [],
    }),
  );
  const killed = fault.what === 'cell_kill';
  return {
    mechanism: 'engine',
    effects: fault.targets.map(target =>
      killed ? `${target} is told nothing more` : `events for ${target} are kept back, and it does not look`,
    ),
    reverts: [
      killed
        ? 'nothing to take back: the engine makes it anew'
        : 'by the engine: it is told what it has missed, or made anew',
    ],
    over,
    halt: async () => {
      // An engine that has died meanwhile has no cell that hangs.
      await link
        .client()
        .request('chaos.hang', { ...given, forMs: 0 })
        .catch(() => {});
      stop.abort();
    },
  };
}

async function finish(
  link: ChaosLink,
  paths: FleetPaths,
  { read, id, seed }: Prepared,
  day: string,
  { request, digest }: ChaosProposed,
  outcome: Outcome,
): Promise<Report> {
  const { experiment, shown } = read;
  const { operator } = link.welcome;
  const { title, description } = experiment;
  const written = await writeReport(paths, {
    id,
    title,
    description,
    day,
    file: shown,
    fleet: paths.fleet,
    seed,
    by: operator,
    request,
    digest,
    outcome,
  });
  link.tell({
    kind: 'experiment.finished',
    data: {
      experiment: ExperimentId.parse(id),
      verdict: outcome.verdict,
      reason: outcome.reason.slice(0, 4096),
      ms: outcome.endedAt - outcome.startedAt,
      detectedMs: outcome.detected?.ms ?? null,
      recoveredMs: outcome.recoveredMs,
      report: written.file,
    },
  });
  if (!(await link.flush(LAST_WORDS_MS))) say('The engine has not heard the end of it; the report has.');
  for (const words of link.refused) say(`Not in the journal: ${oneLine(words, 300)}`);
  return written.report;
}

function tellVerdict(report: Report, paths: FleetPaths): void {
  print(`${verdictWords(report.verdict)}${report.reason ? ` (${oneLine(report.reason, 300)})` : ''}`);
  if (report.faults.some(({ injected }) => injected !== '')) {
    const noticed = report.detected_ms === null ? 'by nothing' : `in ${spanWords(report.detected_ms)}`;
    print(
      `  noticed ${noticed} · recovered ${recoveredWords(report)} · ${report.verified ? 'all taken back' : 'NOT all taken back'}`,
    );
    for (const { residues } of report.faults)
      for (const residue of residues) print(`  LEFT BEHIND: ${residue}`);
  }
  print(`  hms chaos report ${report.id} --fleet ${paths.fleet}`);
}

const NEVER = new AbortController().signal;

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(done => {
    if (signal.aborted || ms <= 0) return done();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) say(`Pausing for ${spanWords(ms)}.`);
  await sleep(ms, signal);
}
