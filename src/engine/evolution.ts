/** What the optimizer is given of the world: a process to evolve in, how busy the machine is, and the gate. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Optimizer } from '../cells/optimizer/optimizer.ts';
import type { Work } from '../cells/optimizer/runs.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import { withdraw } from '../gate/holds.ts';
import { type Job, Said } from '../healing/evolve/worker.ts';
import type { Action } from '../model/action.ts';
import type { EvolutionConfig } from '../model/evolution.ts';
import type { RequestId } from '../model/ids.ts';
import type { Cells } from './cells/cells.ts';
import type { Lag } from './lag.ts';

/** Percent of the last ten seconds in which something had to wait for a CPU (Linux, pressure stall information). */
const PRESSURE = 50;
/** Our own timers come so much too late. */
const LATE = 2;

interface Given {
  readonly cells: Cells;
  readonly paths: FleetPaths;
  /** The `hms` program. */
  readonly hms: string;
  readonly env: NodeJS.ProcessEnv;
  readonly lag: Pick<Lag, 'multiplier'>;
  settings(): EvolutionConfig | null;
  propose(action: Action): RequestId;
}

export function optimizerOn({ cells, paths, hms, env, lag, settings, propose }: Given): Optimizer {
  const files = { file: paths.evolution, lock: `${paths.evolution}.lock`, journal: paths.journal };
  return cells.raise({
    name: 'optimizer',
    build: world =>
      new Optimizer(world, {
        settings,
        work: (order, onSaid, onEnd) => workerOn(hms, env, { ...order, ...files }, onSaid, onEnd),
        busy: () => busyWords(lag.multiplier, pressure()),
        propose,
        withdraw: (request, reason) => {
          const drafts = withdraw(world.state, request, reason);
          if (drafts.length > 0) world.emit(...drafts);
        },
        cwd: paths.dir,
      }),
    resume: cell => cell.takeCharge(),
  });
}

/** Its input stays open while this engine lives: it ends when that ends. */
function workerOn(
  hms: string,
  env: NodeJS.ProcessEnv,
  job: Job,
  onSaid: (said: Said) => void,
  onEnd: Parameters<Work>[2],
): ReturnType<Work> {
  const child = spawn(hms, ['evolver'], { env, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  let over = false;
  const end = (words: string): void => {
    if (over) return;
    over = true;
    onEnd(words);
  };
  child.once('error', error => end(`it cannot be started: ${error.message}`));
  child.once('close', (code, signal) => end(signal ? `it was ended by ${signal}` : `it ended with ${code}`));
  child.stdin.on('error', () => {});
  child.stdin.write(`${JSON.stringify(job)}\n`);
  createInterface({ input: child.stdout }).on('line', line => {
    const said = Said.safeParse(parsed(line));
    if (said.success) onSaid(said.data);
  });
  return { pid: child.pid ?? 0, end: signal => void child.kill(signal) };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function pressure(): number {
  try {
    const [, percent = '0'] = /^some avg10=([\d.]+)/.exec(readFileSync('/proc/pressure/cpu', 'utf8')) ?? [];
    return Number(percent);
  } catch {
    // Not Linux, or a kernel without it: the priority has to do.
    return 0;
  }
}

function busyWords(lag: number, percent: number): string {
  if (lag > LATE) return `the machine is busy: timers come ${lag.toFixed(1)} times too late`;
  if (percent > PRESSURE)
    return `the machine is busy: CPUs are waited for ${Math.round(percent)} % of the time`;
  return '';
}
