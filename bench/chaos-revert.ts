/**
 * Kills the native helper at random: kill -9 of controller, guardian, actor, pairs and all, at random phases of every
 * fault this machine can do; then looks from outside whether anything is left, and for how long. 200 rounds, or 1,000
 * with --full. When controller and guardian are both killed, the next start of the helper recovers, as hms-tui's does.
 * HMS_SEED repeats a campaign.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { randomFrom } from '../src/chaos/random.ts';
import { Capability } from '../src/protocol/native.ts';
import { residues, startVictim, TRIALS, type Trial, type Victim } from './chaos-faults.ts';
import { type CampaignNetns, startNetns } from './chaos-netns.ts';
import { type CampaignProxy, PROXY, startProxy } from './chaos-proxy.ts';
import { type CampaignShim, startShim } from './chaos-shim.ts';
import { type CampaignTmux, startTmux } from './chaos-tmux.ts';
import { born, childOf, type Helper, nativeProgram, startHelper } from './helper.ts';
import { clock, type Measured, percentile } from './stats.ts';

const SETS = [
  ['controller'],
  ['guardian'],
  ['actor'],
  ['controller', 'guardian'],
  ['controller', 'actor'],
  ['guardian', 'actor'],
  ['controller', 'guardian', 'actor'],
] as const;
const PHASES = ['before', 'while it begins', 'applied', 'while it reverts'] as const;
/** Longer than any round: what ends a fault here is never its time. */
const FOR_MS = 25_000;
const GIVE_UP_MS = 5000;
const STAYS_MS = 40;

/** What faults are done to. */
interface Beds {
  readonly steady: Victim;
  readonly proxy: CampaignProxy;
  readonly tmux: CampaignTmux | undefined;
  readonly shim: CampaignShim;
  readonly netns: CampaignNetns | undefined;
}

interface Round {
  readonly what: string;
  readonly revertMs: number;
  readonly left: readonly string[];
}

export async function run(): Promise<Measured> {
  if (process.platform !== 'linux') throw new Error('the campaign looks at /proc: it runs on Linux');
  const program = nativeProgram();
  const rounds = process.argv.includes('--full') ? 1000 : 200;
  const seed = Number(process.env['HMS_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  const random = randomFrom(seed);
  const can = await capabilities(program);
  const steady = await startVictim(false);
  const proxy = await startProxy(program);
  const tmux = await startTmux();
  const shim = await startShim(program);
  const netns = await startNetns();
  const possible = (trial: Trial): boolean =>
    (trial.possible?.() ?? true) &&
    (!trial.inTmux || tmux !== undefined) &&
    (!trial.alone || netns !== undefined);
  const trials = TRIALS.filter(trial => can.has(trial.kind) && possible(trial));
  const done: Round[] = [];
  try {
    for (let n = 0; n < rounds; n += 1) {
      // Every fault meets every set; the phase is left to chance.
      const trial = trials[n % trials.length];
      const set = SETS[Math.floor(n / trials.length) % SETS.length];
      const phase = PHASES[Math.floor(random() * PHASES.length)];
      if (!trial || !set || !phase) break;
      done.push(await round(program, trial, set, phase, random, { steady, proxy, tmux, shim, netns }));
    }
  } finally {
    steady.child?.kill('SIGKILL');
    await proxy.close();
    await tmux?.close();
    await shim.close();
    await netns?.close();
  }
  const bad = done.filter(({ left }) => left.length > 0);
  const times = done.map(({ revertMs }) => revertMs);
  return {
    figures: {
      residues: bad.reduce((sum, { left }) => sum + left.length, 0),
      revert_p99_ms: percentile(times, 99),
      revert_p50_ms: percentile(times, 50),
      revert_max_ms: Math.max(...times),
      rounds: done.length,
    },
    env: {
      seed,
      faults: trials.map(({ name }) => name),
      slowest: slowest(done),
      not_tried: [...can].filter(kind => !trials.some(trial => trial.kind === kind)),
    },
    lines: bad.map(({ what, left }) => `${what}: ${left.join('; ')}`),
  };
}

/** The three that took longest, for who wants to make them faster. */
function slowest(done: readonly Round[]): readonly string[] {
  const worst = done.toSorted((a, b) => b.revertMs - a.revertMs).slice(0, 3);
  return worst.map(({ what, revertMs }) => `${what}: ${Math.round(revertMs)} ms`);
}

/** Faults the machine can do, by name; other things it can do are none. */
async function capabilities(program: string): Promise<Set<string>> {
  const list = z.array(Capability).parse(JSON.parse(await output(program, ['capabilities', '--json'])));
  const others = new Set(['watch', 'top', 'tail', 'hook', 'proxy']);
  return new Set(list.filter(one => one.available && !others.has(one.name)).map(one => one.name));
}

async function round(
  program: string,
  trial: Trial,
  set: readonly string[],
  phase: (typeof PHASES)[number],
  random: () => number,
  { steady, proxy, tmux, shim, netns }: Beds,
): Promise<Round> {
  const folder = await mkdtemp(join(tmpdir(), 'hms-chaos-'));
  const inTmux = trial.inTmux ? await tmux?.victim() : undefined;
  const started = trial.started ? shim.victim : trial.alone ? netns?.victim : undefined;
  const victim = inTmux ?? started ?? (trial.deadly ? await startVictim(true) : steady);
  const helper = await startHelper(program, trial.prefix);
  const helpers = new Map<number, string>([[helper.pid, born(helper.pid)]]);
  try {
    await helper.request('chaos.open', scope(folder, victim, { proxy, tmux, shim }));
    const begun = helper
      .request('chaos.inject', {
        id: 'it',
        fault: trial.fault(trial.started ? shim.data : folder),
        targets: ['victim'],
        for_ms: FOR_MS,
      })
      .catch(() => undefined);
    if (phase === 'before') await sleep(random() * 4);
    else if (phase === 'while it begins') await sleep(4 + random() * 40);
    else await begun;
    if (phase === 'applied') await sleep(random() * 30);
    if (phase === 'while it reverts') {
      helper.request('chaos.halt', {}).catch(() => undefined);
      await sleep(random() * 12);
    }
    const killed = kill(helper, set, helpers);
    const from = clock();
    const controllerLives = !killed.includes('controller');
    // The next start of anything of ours: nobody else is left to take it back.
    if (killed.includes('controller') && killed.includes('guardian')) {
      await recover(program, folder);
    }
    const look = async (of: ReadonlyMap<number, string>): Promise<string[]> => [
      ...residues(folder, victim, of),
      ...(trial.proxied ? await proxy.residues() : []),
      ...(trial.started ? await shim.residues() : []),
      ...(trial.alone && netns ? await netns.residues() : []),
      ...(trial.inTmux && tmux ? await tmux.residues() : []),
    ];
    const dead = new Map([...helpers].filter(([pid]) => pid !== helper.pid || !controllerLives));
    const { left, at } = await untilNothingIsLeft(() => look(dead));
    const revertMs = at - from;
    helper.process.stdin?.end();
    await helper.ended;
    const late = await look(helpers);
    const lied = controllerLives ? wrongWord(helper) : [];
    const what = `${trial.name}, ${killed.join('+')} killed ${phase}`;
    return { what, revertMs, left: left.length > 0 ? left : [...late, ...lied] };
  } finally {
    helper.process.kill('SIGKILL');
    if (trial.deadly) victim.child?.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

/** A controller that lives says how each fault ended, and never that something is left. */
function wrongWord(helper: Helper): string[] {
  const last = helper.told.at(-1)?.state;
  if (!last) return [];
  if (last.phase !== 'reverted' && last.phase !== 'failed') return [`the last word was ${last.phase}`];
  return last.residues.map(residue => `it said: ${residue}`);
}

/** Kills those of the set that are there at this moment; the controller when none is. */
function kill(helper: Helper, set: readonly string[], helpers: Map<number, string>): string[] {
  const guardian = childOf(helper.pid, 'guardian');
  const actor = guardian === undefined ? undefined : childOf(guardian, 'actor');
  const there = new Map<string, number | undefined>([
    ['controller', helper.pid],
    ['guardian', guardian],
    ['actor', actor],
  ]);
  for (const pid of [guardian, actor]) if (pid !== undefined) helpers.set(pid, born(pid));
  const chosen = set.filter(name => there.get(name) !== undefined);
  const killed = chosen.length > 0 ? chosen : ['controller'];
  for (const name of killed) {
    try {
      process.kill(there.get(name) ?? helper.pid, 'SIGKILL');
    } catch {
      // Ended by itself meanwhile.
    }
  }
  return killed;
}

/** Since when nothing was left; it must stay so, for a guardian that was just starting may not have been seen. */
async function untilNothingIsLeft(
  look: () => Promise<string[]>,
): Promise<{ left: readonly string[]; at: number }> {
  const until = clock() + GIVE_UP_MS;
  let clean: number | undefined;
  for (;;) {
    const left = await look();
    const now = clock();
    clean = left.length > 0 ? undefined : (clean ?? now);
    if (clean !== undefined && now - clean >= STAYS_MS) return { left, at: clean };
    if (now > until) return { left, at: now };
    await sleep(1);
  }
}

function scope(
  folder: string,
  victim: Victim,
  { proxy, tmux, shim }: Pick<Beds, 'proxy' | 'tmux' | 'shim'>,
): object {
  const process = { pid: victim.pid, born: victim.born };
  const { tty = '', pane = '' } = victim;
  return {
    folder,
    halt_file: join(folder, 'halt'),
    targets: [{ name: 'victim', kind: 'service', process, tty, pane }],
    tmux_socket: tmux?.socket ?? '',
    proxies: [{ name: PROXY, control: proxy.control, target: 'victim' }],
    paths: [folder, shim.data],
    // A machine that does nothing else but this is under pressure all the time.
    limits: { pressure_percent: 100 },
  };
}

const recover = (program: string, folder: string): Promise<string> => output(program, ['recover', folder]);

function output(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', data => {
    text += data;
  });
  return new Promise(resolve => child.on('close', () => resolve(text)));
}
