/**
 * 64 agents, one console of 200x50 on them: memory of engine and console together, and their CPU while nobody says
 * anything and while 16 agents print 1,000 lines a second each. Beside it: the tmux server and the recorder.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { spawn } from 'node-pty';
import type { ProcessInfo } from '../src/processes/stat.ts';
import { readTable } from '../src/processes/table.ts';
import { HMS, withProgram } from '../test/support/program.ts';
import { waitFor } from '../test/support/wait.ts';
import { clock, type Measured } from './stats.ts';

const AGENTS = 64;
const LOUD = 16;
/** Lines a second of each loud agent, written in as many turns. */
const LINES = 1000;
const TURNS = 50;
/** How long each part is looked at, ms. */
const SPAN_MS = 10_000;

export async function run(): Promise<Measured> {
  return withProgram(async program => {
    const pipes = Array.from({ length: LOUD }, (_, n) => join(program.dir, `pipe${n}`));
    execFileSync('mkfifo', pipes);
    const agents = Array.from({ length: AGENTS }, (_, n) => {
      const command = n < LOUD ? ['cat', `pipe${n}`] : ['sleep', '1000000'];
      return `  agent${String(n).padStart(2, '0')}: { command: ${JSON.stringify(command)} }`;
    });
    await program.fleet(`fleet: bench\nagents:\n${agents.join('\n')}\n`);
    // Opened for both, so that writing needs nobody who reads.
    const outputs = pipes.map(pipe => openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK));
    await program.hms('up');
    const env = Object.fromEntries(
      Object.entries(program.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    const pty = spawn(HMS, [], { cols: 200, rows: 50, cwd: program.dir, env, name: 'xterm-256color' });
    try {
      let seen = '';
      pty.onData(data => {
        seen = (seen + data).slice(-100_000);
      });
      await waitFor(() => seen.includes('quit') && seen.includes('agent15'), {
        what: 'the first frame',
        deadlineMs: 20_000,
      });
      const engine = await program.enginePid();
      const ours = (): Shares => shares(pty.pid, engine);
      await settled(async () => (await program.json<{ seq: number }>('status')).seq);
      await pause(1000);
      const idle = await load(ours, () => pause(SPAN_MS, undefined));
      const busy = await load(ours, () => print(outputs));
      return {
        figures: {
          rss_mb: Math.max(idle.rssMb, busy.rssMb),
          idle_cpu_pct: idle.pct.both,
          busy_cpu_pct: busy.pct.both,
        },
        env: {
          compared: {
            idle: idle.pct,
            busy: busy.pct,
            idle_rss_mb: idle.rssMb,
            lines_per_s: Math.round(LOUD * LINES * busy.share),
          },
        },
        lines: [`${AGENTS} agents, ${LOUD} of them loud; percent of one core; ${SPAN_MS / 1000} s each`],
      };
    } finally {
      pty.kill('SIGTERM');
      for (const output of outputs) closeSync(output);
      await program.hms('down');
    }
  });
}

/** Idle is when nothing happens any more: the journal has stood still for this long, ms, or it never will. */
const STILL_MS = 3000;
const NEVER_MS = 30_000;

async function settled(newest: () => Promise<number>): Promise<void> {
  const begun = clock();
  let seq = await newest();
  for (let since = begun; clock() - since < STILL_MS && clock() - begun < NEVER_MS; ) {
    await pause(500);
    const now = await newest();
    if (now !== seq) since = clock();
    seq = now;
  }
}

export type Shares = Readonly<Record<'console' | 'engine' | 'tmux' | 'recorder', ProcessInfo | undefined>>;

/** Who is who: the engine's parent line leads to the tmux server, and beside the engine lives the recorder. */
export function shares(console: number, engine: number): Shares {
  const table = readTable();
  const above = (pid: number): readonly number[] => {
    const parent = table.get(pid)?.parent ?? 0;
    return parent > 1 ? [parent, ...above(parent)] : [];
  };
  const tmux = above(engine).find(pid => table.get(pid)?.name.startsWith('tmux'));
  const recorder = [...table.values()].find(
    p => p.pid !== engine && isRecorder(p.pid) && above(p.pid).includes(tmux ?? -1),
  );
  return {
    console: table.get(console),
    engine: table.get(engine),
    tmux: table.get(tmux ?? 0),
    recorder,
  };
}

/** By the program it runs: the shell that keeps it has the same words in its script. */
function isRecorder(pid: number): boolean {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).includes(
      'hms.mjs recorder ',
    );
  } catch {
    return false;
  }
}

interface Load {
  readonly pct: Readonly<Record<'both' | keyof Shares, number>>;
  readonly rssMb: number;
  /** What `during` gave back. */
  readonly share: number;
}

async function load(look: () => Shares, during: () => Promise<number | undefined>): Promise<Load> {
  const before = look();
  const begun = clock();
  const share = (await during()) ?? 0;
  const ms = clock() - begun;
  const after = look();
  const pct = (name: keyof Shares): number =>
    Math.round((((after[name]?.cpuMs ?? 0) - (before[name]?.cpuMs ?? 0)) / ms) * 1000) / 10;
  const each = {
    console: pct('console'),
    engine: pct('engine'),
    tmux: pct('tmux'),
    recorder: pct('recorder'),
  };
  const rss = (after.console?.rss ?? Number.NaN) + (after.engine?.rss ?? Number.NaN);
  return {
    pct: { both: Math.round((each.console + each.engine) * 10) / 10, ...each },
    rssMb: Math.round(rss / 1e6),
    share,
  };
}

/** Prints at the pace asked for; the share of lines the pipes took in time. */
async function print(outputs: readonly number[]): Promise<number> {
  const begun = clock();
  let written = 0;
  let turn = 0;
  for (; clock() - begun < SPAN_MS; turn += 1) {
    for (const output of outputs) {
      try {
        const lines = Array.from(
          { length: LINES / TURNS },
          (_, n) => `${turn} ${n} compiled src/file-${n}.ts\n`,
        );
        writeSync(output, lines.join(''));
        written += lines.length;
      } catch {
        // The pipe is full: its agent is behind.
      }
    }
    await pause(Math.max(0, begun + ((turn + 1) * 1000) / TURNS - clock()));
  }
  return written / ((LINES * outputs.length * SPAN_MS) / 1000);
}
