/**
 * 100 MB printed in one pane with everything on (recorded, a console looking at it) over the same in a bare tmux that
 * nobody looks at, and how fast keys typed in another agent come back meanwhile. Beside it: what was recorded of it, and
 * what each process took of a CPU for it, which says more than the clock where others work too.
 */
import { closeSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node-pty';
import { verifiedOf } from '../src/cli/record.ts';
import { fleetPaths } from '../src/fleet/paths.ts';
import type { ProcessInfo } from '../src/processes/stat.ts';
import { readProcess } from '../src/processes/table.ts';
import { HMS, type Program, withProgram } from '../test/support/program.ts';
import { withTmux } from '../test/support/tmux.ts';
import { waitFor } from '../test/support/wait.ts';
import { type Shares, shares } from './scale.ts';
import { clock, type Measured, median, percentile } from './stats.ts';

const BYTES = 100_000_000;
const ROUNDS = 3;
/** Between two keys, ms: a person who types fast. */
const KEY_MS = 50;
/** What both panes run: says when it begins, prints, says when it has ended. */
const FLOOD = `for n in ${Array.from({ length: ROUNDS }, (_, n) => n).join(' ')}; do
  while [ ! -e go.$n ]; do sleep 0.05; done
  : > begun.$n; cat data; : > ended.$n
done; exec cat`;

export async function run(): Promise<Measured> {
  return withProgram(program =>
    withTmux(async ({ dir: bareDir, tmux }) => {
      const data = join(program.dir, 'data');
      writeData(data);
      await program.fleet(`fleet: bench
agents:
  flooder: { command: ${JSON.stringify(['sh', '-c', FLOOD])}, restart: never }
  typed: { command: [cat] }
`);
      await program.hms('up');
      const env = environment(program);
      const console_ = spawn(HMS, [], { cols: 160, rows: 44, cwd: program.dir, env, name: 'xterm-256color' });
      let seen = '';
      console_.onData(text => {
        seen = (seen + text).slice(-100_000);
      });
      await waitFor(() => seen.includes('quit') && seen.includes('typed'), {
        what: 'the first frame',
        deadlineMs: 20_000,
      });
      const { socket, session, size } = await tmuxOf(program);
      const typing = spawn('tmux', ['-u', '-S', socket, 'attach', '-t', `=${session}:=typed`], {
        cols: 80,
        rows: 24,
        cwd: program.dir,
        env: { ...env, TERM: 'xterm-256color' },
      });
      const [cols = '', rows = ''] = size.split('x');
      const script = FLOOD.replace('cat data', `cat ${data}`);
      await tmux(
        'new-session',
        '-d',
        '-s',
        'bare',
        '-x',
        cols,
        '-y',
        rows,
        '-c',
        bareDir,
        'sh',
        '-c',
        script,
      );
      const engine = await program.enginePid();
      const bareServer = Number(await tmux('display', '-p', '#{pid}'));
      const cpu = (): Cpu => cpuOf(shares(console_.pid, engine), readProcess(bareServer));
      const cpus: Cpu[] = [];
      const bare: number[] = [];
      const full: number[] = [];
      const idle = await echoes(typing, () => pause(1000));
      const echo: number[] = [];
      try {
        for (let n = 0; n < ROUNDS; n += 1) {
          const before = cpu();
          bare.push(await flood(bareDir, n));
          echo.push(...(await echoes(typing, async () => void full.push(await flood(program.dir, n)))));
          await caughtUp(program);
          cpus.push(since(before, cpu()));
        }
        const recorded = await recordedOf(program);
        return {
          figures: {
            throughput_ratio: Math.round((median(bare) / median(full)) * 1000) / 1000,
            other_echo_p99_ms: percentile(echo, 99),
          },
          env: {
            compared: {
              bare_s: bare.map(seconds),
              full_s: full.map(seconds),
              cpu_s: medians(cpus),
              other_echo_p50_ms: percentile(echo, 50),
              idle_echo_p50_ms: percentile(idle, 50),
              idle_echo_p99_ms: percentile(idle, 99),
              keys: echo.length,
              ...recorded,
            },
          },
          lines: [`${BYTES / 1e6} MB, ${ROUNDS} times each in turn, pane ${size}`],
        };
      } finally {
        typing.kill('SIGTERM');
        console_.kill('SIGTERM');
        await program.hms('down');
      }
    }),
  );
}

/** CPU time of each process, ms. */
type Cpu = Readonly<Record<string, number>>;

function cpuOf(full: Shares, bare: ProcessInfo | undefined): Cpu {
  return Object.fromEntries(
    Object.entries({ bare_tmux: bare, ...full }).map(([name, info]) => [name, info?.cpuMs ?? Number.NaN]),
  );
}

function since(before: Cpu, after: Cpu): Cpu {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]));
}

function medians(rounds: readonly Cpu[]): Cpu {
  return Object.fromEntries(
    Object.keys(rounds[0] ?? {}).map(name => [name, seconds(median(rounds.map(round => round[name] ?? 0)))]),
  );
}

/** The recorder has read all there is: one round must not be measured with what is left of the one before. */
async function caughtUp({ dir, env }: Program): Promise<void> {
  const { recordings } = fleetPaths('bench', dir, env);
  let left = -1;
  await waitFor(
    () => {
      const before = left;
      left = readdirSync(join(recordings, '.spool', 'flooder.1')).filter(name =>
        name.startsWith('out.'),
      ).length;
      return before >= 0 && before <= 1 && left <= 1;
    },
    { what: 'the recorder to catch up', deadlineMs: 30_000, everyMs: 50 },
  );
}

const seconds = (ms: number): number => Math.round(ms) / 1000;
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

function environment({ env }: Program): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function writeData(path: string): void {
  const fd = openSync(path, 'w');
  for (let at = 0, n = 0; at < BYTES; ) {
    let lines = '';
    for (; lines.length < 1 << 20; n += 1)
      lines += `compiled src/module-${n}/file.ts in ${n % 97} ms, nothing to say about it\n`;
    at += writeSync(fd, lines.slice(0, BYTES - at));
  }
  closeSync(fd);
}

/** How long the n-th flood took, by the clock of the file system the program itself touched, ms. */
async function flood(dir: string, n: number): Promise<number> {
  writeFileSync(join(dir, `go.${n}`), '');
  const ended = join(dir, `ended.${n}`);
  await waitFor(() => statSync(ended, { throwIfNoEntry: false }), {
    what: `flood ${n} to end`,
    deadlineMs: 40_000,
    everyMs: 50,
  });
  return statSync(ended).mtimeMs - statSync(join(dir, `begun.${n}`)).mtimeMs;
}

/** Types one key after the other until `during` has ended; how long each took to come back, ms. */
async function echoes(pty: ReturnType<typeof spawn>, during: () => Promise<void>): Promise<number[]> {
  let over = false;
  const ending = during().then(() => {
    over = true;
  });
  const times: number[] = [];
  let heard: (() => void) | undefined;
  const listening = pty.onData(() => heard?.());
  while (!over) {
    const begun = clock();
    await new Promise<void>(resolve => {
      // A key that never comes back counts as one that took a second.
      const late = setTimeout(resolve, 1000);
      heard = () => {
        clearTimeout(late);
        resolve();
      };
      pty.write(times.length % 60 === 59 ? '\r' : 'x');
    });
    times.push(clock() - begun);
    heard = undefined;
    await pause(KEY_MS);
  }
  listening.dispose();
  await ending;
  return times;
}

async function tmuxOf(program: Program): Promise<{ socket: string; session: string; size: string }> {
  const { tmux } = await program.json<{ tmux: string }>('up');
  const { execFileSync } = await import('node:child_process');
  const size = execFileSync(
    'tmux',
    ['-S', tmux, 'display', '-p', '-t', '=bench:=flooder', '#{pane_width}x#{pane_height}'],
    {
      encoding: 'utf8',
    },
  );
  return { socket: tmux, session: 'bench', size: size.trim() };
}

/** Everything has been recorded, and is as it was. */
async function recordedOf(program: Program): Promise<{ recorded_mb: number; recording_good: boolean }> {
  const paths = fleetPaths('bench', program.dir, program.env);
  const expected = ROUNDS * BYTES;
  const files = await waitFor(
    async () => {
      const mine = (await verifiedOf(paths)).filter(v => v.recording === 'flooder.1');
      return mine.reduce((sum, v) => sum + v.bytes, 0) > expected && mine;
    },
    { what: 'the recording to be whole', deadlineMs: 20_000, everyMs: 200 },
  );
  return {
    recorded_mb: Math.round(files.reduce((sum, v) => sum + v.bytes, 0) / 1e6),
    recording_good: files.every(v => v.faults.length === 0),
  };
}
