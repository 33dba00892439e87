/**
 * A console of 200x50 with 16 live agents, all of them changing everywhere all the time: frames a second when it may
 * draw 60, CPU and event loop delay when it may draw 30. Beside it: the same tree drawn by Ink alone.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { build } from 'esbuild';
import { spawn } from 'node-pty';
import { standIn } from '../test/console/stand-in.ts';
import { ROOT } from '../test/support/program.ts';
import { withTmux } from '../test/support/tmux.ts';
import { waitFor } from '../test/support/wait.ts';
import type { Found } from './grid-console.tsx';
import { AGENTS, gridFleet } from './grid-fleet.ts';
import { clock, type Measured } from './stats.ts';

/** How long each way is looked at, ms. */
const SPAN_MS = 6000;
/** Size of the agents' panes: what a tile of the grid shows. */
const PANE = { cols: 48, rows: 10 } as const;
const FRAME = '\x1b[?2026h';

interface Seen extends Found {
  readonly fps: number;
  readonly kbPerS: number;
}

export async function run(): Promise<Measured> {
  return withTmux(async ({ dir, socket, tmux }) => {
    const program = await bundled(dir);
    const pipes = Array.from({ length: AGENTS }, (_, n) => join(dir, `pipe${n}`));
    execFileSync('mkfifo', pipes);
    await tmux(
      'new-session',
      '-d',
      '-s',
      'main',
      '-x',
      `${PANE.cols}`,
      '-y',
      `${PANE.rows}`,
      'sleep',
      '1000000',
    );
    for (const pipe of pipes) await tmux('new-window', '-d', 'sh', '-c', `stty raw -echo; exec cat ${pipe}`);
    const outputs = pipes.map(pipe => openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK));
    const engine = await standIn(join(dir, 'o.sock'), gridFleet());
    let n = 0;
    // Every cell of every agent, 60 times a second.
    const printing = setInterval(() => {
      n += 1;
      for (const [agent, output] of outputs.entries()) print(output, agent, n);
    }, 1000 / 60);
    const look = (way: string, fps: number): Promise<Seen> =>
      watch([program, engine.path, socket, way, `${fps}`, join(dir, `${way}${fps}.json`)], way);
    try {
      const ours60 = await look('console', 60);
      const ours30 = await look('console', 30);
      const ink60 = await look('ink', 60);
      const ink30 = await look('ink', 30);
      return {
        figures: {
          fps_at_60: round(ours60.fps),
          cpu_pct_at_30: round(ours30.cpuPct),
          loop_delay_p99_ms: round(ours30.delayP99Ms),
        },
        env: {
          compared: {
            ink_fps_at_60: round(ink60.fps),
            ink_cpu_pct_at_30: round(ink30.cpuPct),
            ink_loop_delay_p99_ms: round(ink30.delayP99Ms),
            cpu_pct_at_60: round(ours60.cpuPct),
            ink_cpu_pct_at_60: round(ink60.cpuPct),
            loop_delay_p99_ms_at_60: round(ours60.delayP99Ms),
            kb_per_s_at_30: round(ours30.kbPerS),
            rss_mb: round(ours30.rssMb),
          },
        },
        lines: [ours60, ours30, ink60, ink30].map(
          (seen, i) =>
            `${['console at 60', 'console at 30', 'Ink at 60', 'Ink at 30'][i]}: ${Object.entries(seen)
              .map(([name, value]) => `${name} ${round(value)}`)
              .join(', ')}`,
        ),
      };
    } finally {
      clearInterval(printing);
      for (const output of outputs) closeSync(output);
      await engine.close();
    }
  });
}

/** As the program is built: minified, React for production. */
async function bundled(dir: string): Promise<string> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join(import.meta.dirname, 'grid-console.tsx')],
    outdir: dir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    jsx: 'automatic',
    logLevel: 'warning',
    alias: { 'react-devtools-core': join(ROOT, 'bin', 'no-devtools.mjs') },
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    banner: { js: "const require=process.getBuiltinModule('module').createRequire(import.meta.url);" },
  });
  return join(dir, 'grid-console.mjs');
}

const round = (value: number): number => Math.round(value * 10) / 10;

function print(output: number, agent: number, n: number): void {
  let text = '\x1b[H';
  for (let y = 0; y < PANE.rows; y++) {
    const colour = 16 + ((agent * 13 + y * 7 + n) % 216);
    const words = `${(n * 7919 + y * 104729 + agent).toString(36)} `.repeat(12).slice(0, PANE.cols - 8);
    text += `\x1b[38;5;${colour}m${words.slice(0, 20)}\x1b[0;1m${words.slice(20)}\x1b[0m ${n % 1000}字\x1b[K${y < PANE.rows - 1 ? '\r\n' : ''}`;
  }
  try {
    writeSync(output, text);
  } catch {
    // Full: tmux reads slower than that just now.
  }
}

/** Runs the program in a pty, opens the grid, and counts its frames while it measures itself. */
async function watch(argv: readonly string[], way: string): Promise<Seen> {
  const file = argv.at(-1) ?? '';
  const env = {
    PATH: process.env.PATH ?? '',
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    HMS_ARM_MS: '0',
  };
  const pty = spawn(process.execPath, [...argv], { cols: 200, rows: 50, env, name: 'xterm-256color' });
  let frames = 0;
  let bytes = 0;
  let seen = '';
  pty.onData(data => {
    frames += data.split(FRAME).length - 1;
    bytes += data.length;
    seen = (seen + data).slice(-50_000);
  });
  try {
    await waitFor(() => seen.includes('agent16'), {
      what: `the first frame of ${way}:\n${seen}`,
      deadlineMs: 20_000,
    });
    if (way === 'console') pty.write('g');
    await pause(1500);
    const before = { frames, bytes, at: clock() };
    process.kill(pty.pid, 'SIGUSR2');
    await pause(SPAN_MS);
    process.kill(pty.pid, 'SIGUSR2');
    const seconds = (clock() - before.at) / 1000;
    const result = {
      fps: (frames - before.frames) / seconds,
      kbPerS: (bytes - before.bytes) / 1000 / seconds,
    };
    await waitFor(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('}'), {
      what: 'its figures',
    });
    return { ...(JSON.parse(readFileSync(file, 'utf8')) as Found), ...result };
  } finally {
    pty.kill('SIGKILL');
  }
}
