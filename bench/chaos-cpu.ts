/**
 * A CPU spike of 100 % on one core, five times, as /proc/stat saw that core: how much of it was reached and how soon,
 * and how soon after its time it was over. Beside the same by stress-ng, when that is installed. On a machine that has
 * other work `own_pct` (CPU time of who makes the spike) is below `reached_pct`, and `before_pct` above 0.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childOf, type Helper, nativeProgram, startHelper, stat } from './helper.ts';
import { clock, type Measured, median, percentile } from './stats.ts';

const ROUNDS = 5;
const FOR_MS = 3000;
/** The kernel counts in ticks of 10 ms: a window of 20 of them tells 95 % from 90 %. */
const WINDOW_MS = 200;
const LOOK_MS = 10;
const ENOUGH = 95;

interface Sample {
  readonly at: number;
  /** Ticks by core. */
  readonly busy: readonly number[];
  readonly all: readonly number[];
}

interface Spike {
  readonly reachedPct: number;
  readonly ownPct: number;
  readonly beforePct: number;
  readonly withinMs: number;
  readonly overMs: number;
}

export async function run(): Promise<Measured> {
  if (process.platform !== 'linux') throw new Error('it reads /proc/stat: it runs on Linux');
  const folder = await mkdtemp(join(tmpdir(), 'hms-chaos-'));
  const helper = await startHelper(nativeProgram());
  const spikes: Spike[] = [];
  try {
    const limits = { pressure_percent: 100 };
    await helper.request('chaos.open', {
      folder,
      halt_file: join(folder, 'halt'),
      targets: [],
      limits,
      lease_ms: 0,
    });
    for (let n = 0; n < ROUNDS; n += 1) spikes.push(await ours(helper, `spike-${n}`));
  } finally {
    helper.process.stdin?.end();
    await helper.ended;
    await rm(folder, { recursive: true, force: true });
  }
  const theirs = await stressNg();
  const lines = theirs === undefined ? ['stress-ng is not installed: nothing to compare with'] : [];
  const of = (pick: (spike: Spike) => number): number[] => spikes.map(pick);
  const before = median(of(spike => spike.beforePct));
  return {
    figures: {
      reached_pct: Math.min(...of(spike => spike.reachedPct)),
      reached_within_ms: percentile(
        of(spike => spike.withinMs),
        100,
      ),
      reverted_within_ms: percentile(
        of(spike => spike.overMs),
        100,
      ),
    },
    env: {
      own_pct: median(of(spike => spike.ownPct)),
      before_pct: before,
      compared: theirs === undefined ? {} : { stress_ng: theirs },
    },
    lines:
      before > 50
        ? [...lines, `the core was ${Math.round(before)} % busy before: see own_pct instead`]
        : lines,
  };
}

async function ours(helper: Helper, id: string): Promise<Spike> {
  const watch = watchCores();
  await sleep(2 * WINDOW_MS);
  const from = clock();
  const answer = await helper.request('chaos.inject', {
    id,
    fault: { fault: 'cpu' },
    targets: [],
    for_ms: FOR_MS,
  });
  if (!answer.ok) throw new Error(`the spike was refused: ${answer.error?.message}`);
  const guardian = childOf(helper.pid, 'guardian') ?? 0;
  const actor = childOf(guardian, 'actor') ?? 0;
  const states = (): readonly { at: number; state: { id: string; phase: string; detail: object } }[] =>
    helper.told.filter(({ state }) => state.id === id);
  const applied = states().find(({ state }) => state.phase === 'applied')?.state.detail;
  const core = Number(applied !== undefined && 'cores' in applied ? applied.cores : Number.NaN);
  // As late as it certainly still runs.
  await sleep(Math.max(0, from + FOR_MS - 300 - clock()));
  const used = stat(actor)?.cpuMs ?? Number.NaN;
  const looked = clock();
  const over = await until(() => states().find(({ state }) => ['reverted', 'failed'].includes(state.phase)));
  await until(() => stat(actor) === undefined);
  const gone = clock();
  const spike = judge(watch.end(), core, from, looked);
  const ownPct = (100 * used) / (looked - from);
  return { ...spike, ownPct, overMs: Math.max(over.at, gone) - (from + FOR_MS) };
}

async function stressNg(): Promise<object | undefined> {
  if (spawnSync('stress-ng', ['--version']).error) return undefined;
  const core = cores(readFileSync('/proc/stat', 'utf8')).length - 1;
  const watch = watchCores();
  await sleep(2 * WINDOW_MS);
  const from = clock();
  const args = ['--cpu', '1', '--taskset', String(core), '--timeout', String(FOR_MS / 1000), '--quiet'];
  const child = spawn('stress-ng', args, { stdio: 'ignore' });
  await new Promise(resolve => child.on('close', resolve));
  const over = clock();
  const { reachedPct, withinMs } = judge(watch.end(), core, from, from + FOR_MS - 300);
  return { reached_pct: reachedPct, reached_within_ms: withinMs, reverted_within_ms: over - from - FOR_MS };
}

/** What that core did: before, and from when it was first busy until `to`. */
function judge(
  samples: readonly Sample[],
  core: number,
  from: number,
  to: number,
): Omit<Spike, 'ownPct' | 'overMs'> {
  const share = (a: Sample, b: Sample): number => {
    const all = (b.all[core] ?? 0) - (a.all[core] ?? 0);
    return all > 0 ? (100 * ((b.busy[core] ?? 0) - (a.busy[core] ?? 0))) / all : 0;
  };
  const last = samples.findLast(sample => sample.at <= to);
  const first = samples.findLast(sample => sample.at <= from);
  const begin = samples[0];
  if (!first || !last || !begin) throw new Error('no look at /proc/stat in time');
  // Reached at the beginning of the first window, after the request, in which the core was busy enough.
  const reached = samples.find(sample => {
    const end = samples.find(other => other.at >= sample.at + WINDOW_MS);
    return sample.at >= first.at && end !== undefined && share(sample, end) >= ENOUGH;
  });
  return {
    beforePct: share(begin, first),
    reachedPct: reached === undefined ? share(first, last) : share(reached, last),
    withinMs: reached === undefined ? Number.POSITIVE_INFINITY : Math.max(0, reached.at - from),
  };
}

function watchCores(): { end(): Sample[] } {
  const samples: Sample[] = [];
  const look = (): void => {
    const found = cores(readFileSync('/proc/stat', 'utf8'));
    samples.push({ at: clock(), busy: found.map(one => one.busy), all: found.map(one => one.all) });
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  return {
    end() {
      clearInterval(timer);
      return samples;
    },
  };
}

/** proc(5): user nice system idle iowait irq softirq steal…; guest time is in user already. */
function cores(text: string): { busy: number; all: number }[] {
  return [...text.matchAll(/^cpu\d+ (.*)$/gm)].map(([, line = '']) => {
    const ticks = line.split(' ').slice(0, 8).map(Number);
    const all = ticks.reduce((sum, one) => sum + one, 0);
    return { all, busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0) };
  });
}

async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = look();
    if (found) return found;
    await sleep(1);
  }
}
