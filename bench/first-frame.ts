/**
 * exec → first full frame, in a pty of 160x44. Warm: the engine is up. Cold: nothing is, a fleet of 3 is started.
 * Beside it: `node -e 0`, the floor under anything written in Node.
 */
import { execFileSync } from 'node:child_process';
import { spawn } from 'node-pty';
import { HMS, type Program, withProgram } from '../test/support/program.ts';
import { clock, type Measured, median, percentile } from './stats.ts';

const RUNS = 10;
const FLEET = `fleet: bench
agents:
  one: { command: ["sh", "-c", "while :; do date; sleep 1; done"] }
  two: { command: ["sh", "-c", "while :; do date; sleep 1; done"] }
  three: { command: ["sleep", "1000000"] }
`;

export async function run(): Promise<Measured> {
  const warm: number[] = [];
  const cold: number[] = [];
  await withProgram(async program => {
    await program.fleet(FLEET);
    for (let n = 0; n < RUNS; n += 1) {
      cold.push(await firstFrame(program));
      if (n < RUNS - 1) await program.hms('down');
    }
    for (let n = 0; n < RUNS; n += 1) warm.push(await firstFrame(program));
    await program.hms('down');
  });
  const floor: number[] = [];
  for (let n = 0; n < RUNS; n += 1) {
    const begun = clock();
    execFileSync(process.execPath, ['-e', '0']);
    floor.push(clock() - begun);
  }
  return {
    figures: { warm_ms: median(warm), cold_ms: median(cold) },
    env: {
      compared: {
        node_floor_ms: median(floor),
        warm_p99_ms: percentile(warm, 99),
        cold_p99_ms: percentile(cold, 99),
      },
    },
    lines: [`warm ${spread(warm)}; cold ${spread(cold)} (ms, min–max of ${RUNS})`],
  };
}

function spread(sample: readonly number[]): string {
  return `${Math.round(Math.min(...sample))}–${Math.round(Math.max(...sample))}`;
}

/** A frame is full when its last line, the footer, and every agent are there. */
function firstFrame(program: Program): Promise<number> {
  return new Promise((resolve, reject) => {
    const begun = clock();
    const env = Object.fromEntries(Object.entries(program.env).filter(([, v]) => v !== undefined)) as Record<
      string,
      string
    >;
    const pty = spawn(HMS, [], { cols: 160, rows: 44, cwd: program.dir, env, name: 'xterm-256color' });
    let seen = '';
    let took = 0;
    const late = setTimeout(() => {
      pty.kill('SIGKILL');
      reject(new Error(`no full frame within 20 s; the terminal got:\n${seen.slice(-2000)}`));
    }, 20_000);
    pty.onData(data => {
      seen += data;
      if (took > 0 || !['one', 'two', 'three', 'help', 'quit'].every(word => seen.includes(word))) return;
      took = clock() - begun;
      pty.kill('SIGTERM');
    });
    pty.onExit(() => {
      clearTimeout(late);
      if (took > 0) resolve(took);
      else reject(new Error(`the console ended without a frame:\n${seen.slice(-2000)}`));
    });
  });
}
