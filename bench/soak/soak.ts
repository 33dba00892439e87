/**
 * A soak: a real fleet with healing on is ill-treated at random, from a seed, for as long as one likes. Agents are
 * killed, stopped, left without an answer and led astray, a service goes and comes, engine and tmux server are killed,
 * consoles come and go, and a person answers what is asked. Then all is left in peace, and nothing may have been lost,
 * leaked or be stuck. Run by bin/soak.mjs.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findFleet } from '../../src/fleet/registry.ts';
import { seeded } from '../../src/healing/random.ts';
import { withProgram } from '../../test/support/program.ts';
import { waitFor } from '../../test/support/wait.ts';
import { openService } from '../heal-real/faults.ts';
import { Ward } from '../heal-real/ward.ts';
import { soakFleet } from './fleet.ts';
import { holdings, processesNaming } from './gauge.ts';
import { heapOf } from './heap.ts';
import { Keeper } from './keeper.ts';
import { type Done, lookIn, makeMischief } from './mischief.ts';
import { reportOf } from './report.ts';
import { type Verdict, verdictOf } from './verdict.ts';

const PATIENT = join(import.meta.dirname, '..', 'heal-real', 'patient.mjs');
const MINUTE = 60_000;
/** One agent is harmed about so often, ms. */
const HARM_MS = 48_000;
/** All may take so long to be well again when nothing happens any more, ms: longer than any wait of healing's own. */
const PEACE_MS = 180_000;
/** Well for so long, ms: what was broken at the very end is noticed by then. */
const STEADY_MS = 25_000;
const SILENT_MS = 15_000;
/** After the last kill of an engine, until the next one runs and has been seen. */
const SETTLES_MS = 20_000;

export interface Soaked {
  readonly minutes: number;
  readonly agents: number;
  readonly seed: number;
  readonly verdict: Verdict;
  readonly done: readonly Done[];
  readonly events: number;
  readonly incidents: Readonly<Record<string, number>>;
  readonly engineAnsweredPct: number;
  readonly settledS: number;
}

export async function soak(minutes: number, agents: number, seed: number): Promise<Soaked> {
  return withProgram(async program => {
    const random = seeded(seed);
    const ward = new Ward(random);
    const service = await openService('tcp', '');
    const temporary = join(program.home, 'tmp');
    await mkdir(temporary);
    program.env['TMPDIR'] = temporary;
    const { yaml, patients } = soakFleet(agents, PATIENT, await ward.open(), service);
    await program.fleet(yaml);
    const up = await program.hms('up');
    if (up.code !== 0) throw new Error(up.stderr);
    await waitFor(() => patients.every(name => ward.runs(name).length > 0), {
      what: 'all to print',
      deadlineMs: 60_000,
    });
    const paths = await findFleet(program.dir, program.dir, program.env);
    const keeper = new Keeper(program, paths, random);
    const ending = new AbortController();
    const keeping = keeper.keep(ending.signal);
    // What the first console leaves for the next ones is no leak.
    await lookIn(program, 2000);
    const before = await holdings(paths, program.home, temporary);
    const from = Date.now();
    const until = from + minutes * MINUTE;
    const calmFrom = from + (minutes * MINUTE) / 2;
    const halfTime = heapAt(keeper, calmFrom + SETTLES_MS);
    const done = await makeMischief({
      ...{ program, ward, service, patients, random, until },
      tmuxSocket: paths.tmuxSocket,
      everyMs: HARM_MS / patients.length,
      engineEveryMs: 90_000,
      tmuxEveryMs: 240_000,
      consoleEveryMs: 20_000,
      state: () => keeper.state,
      calmFrom,
    });
    const calmAt = Date.now();
    const silent = (): readonly string[] =>
      patients.filter(name => Date.now() - (ward.runs(name).at(-1)?.lines.at(-1) ?? 0) > SILENT_MS);
    const isWell = (): boolean => {
      const { agents: all, incidents } = keeper.state;
      const open = Object.keys(incidents).length;
      return open === 0 && silent().length === 0 && Object.values(all).every(({ alive }) => alive);
    };
    let wellSince: number | undefined;
    const isSteady = (): boolean => {
      wellSince = isWell() ? (wellSince ?? Date.now()) : undefined;
      return wellSince !== undefined && Date.now() - wellSince >= STEADY_MS;
    };
    await waitFor(isSteady, { what: 'all to be well', deadlineMs: PEACE_MS, everyMs: 500 }).catch(() => {});
    const settledS = ((wellSince ?? Date.now()) - calmAt) / 1000;
    ending.abort();
    await keeping;
    const [half, end] = [await halfTime, await heapAt(keeper, 0)];
    const after = await holdings(paths, program.home, temporary);
    const state = keeper.state;
    // Somebody asks again and again, and the person has gone home.
    const pending = Object.fromEntries(
      Object.entries(state.pending).filter(([, { agent, at }]) => agent !== 'asker' || at < calmAt),
    );
    const verify = await program.hms('audit', 'verify');
    const log = await readFile(paths.log, 'utf8');
    const wasSilent = silent();
    await program.hms('down');
    const left = await leftOf(program.home);
    const count = (what: string): number => done.filter(one => one.what === what).length;
    const kills = count('engine killed') + count('tmux server killed');
    const incidents = Object.groupBy(
      keeper.events.filter(event => event.kind === 'incident.closed'),
      ({ data: { result = 'of its restart policy' } }) => result,
    );
    keeper.close();
    ward.close();
    await service.down();
    const verdict = verdictOf({
      state: { ...state, pending },
      silent: wasSilent,
      forgotten: keeper.forgotten,
      verified: { ok: verify.code === 0, words: `${verify.stdout}${verify.stderr}`.trim().slice(0, 500) },
      before,
      after,
      left,
      engine: keeper.engine,
      heap:
        half?.mb !== undefined && end?.mb !== undefined && half.pid === end.pid
          ? { from: half.mb, to: end.mb, minutes: (end.at - half.at) / MINUTE }
          : undefined,
      engines: { came: [...log.matchAll(/ engine \d+ has /g)].length, expected: 1 + kills },
    });
    return {
      ...{ minutes, agents, seed, verdict, done, settledS },
      events: state.seq,
      incidents: Object.fromEntries(Object.entries(incidents).map(([name, all]) => [name, all?.length ?? 0])),
      engineAnsweredPct: keeper.answeredPct,
    };
  });
}

/** At that time, ms since the epoch, or now. */
async function heapAt(keeper: Keeper, at: number) {
  await sleep(Math.max(0, at - Date.now()));
  const pid = keeper.engine.at(-1)?.pid ?? 0;
  return pid > 0 ? { pid, at: Date.now(), mb: await heapOf(pid) } : undefined;
}

/** What is ending has a moment to end. */
async function leftOf(home: string): Promise<readonly string[]> {
  let left: readonly string[] = [];
  await waitFor(
    async () => {
      left = await processesNaming(home);
      return left.every(line => / tmux .*t\.sock/.test(line));
    },
    { what: 'everything to end', everyMs: 250 },
  ).catch(() => {});
  // The terminals that consoles ran in are ours.
  return left.filter(line => !/hms-t-/.test(line));
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    agents: { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    report: { type: 'string' },
  },
});
const [minutes, agents, seed] = [values.minutes, values.agents, values.seed].map(Number);
if (!minutes || !(minutes > 0) || !agents || !(agents >= 4) || seed === undefined || Number.isNaN(seed)) {
  process.stderr.write('soak: --minutes MORE_THAN_0 --agents 4_OR_MORE --seed NUMBER\n');
  process.exit(2);
}
const soaked = await soak(minutes, agents, seed);
const report = reportOf(soaked);
if (values.report !== undefined) await writeFile(values.report, report);
process.stdout.write(values.json ? `${JSON.stringify(soaked)}\n` : report);
const { lost, leaked, stuck } = soaked.verdict;
process.exit(lost.length + leaked.length + stuck.length > 0 ? 1 : 0);
