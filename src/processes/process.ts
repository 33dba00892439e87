/** Processes by pid and birth: a pid alone may have been given to another process since. */
import { execFileSync } from 'node:child_process';
import { errnoOf } from '../model/errors.ts';
import { hasEnded, parseStat, readStatFile } from './stat.ts';
import { readProcess } from './table.ts';

/** What the kernel says of a pid. `zombie`: it has ended, and its parent has not asked how. */
export type ProcessState = 'running' | 'zombie' | 'gone';

const PROC = process.platform === 'linux';

/**
 * When a process was born, as an opaque text: clock ticks since boot on Linux (proc(5), /proc/pid/stat field 22),
 * the start time of ps(1) elsewhere. '' when there is no such process.
 */
export function readBirth(pid: number): string {
  return PROC ? (readStat(pid)?.born ?? '') : psBirth(pid);
}

/** Whether the process that was born then still runs. An empty `born` takes any process of that pid. A zombie does not run. */
export function processAlive(pid: number, born: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (PROC) {
    const stat = readStat(pid);
    return stat !== undefined && stat.state === 'running' && (born === '' || stat.born === born);
  }
  return processState(pid) === 'running' && (born === '' || psBirth(pid) === born);
}

/** Cheap enough for every pane, many times a second: ~15 µs. Without /proc zombies pass for running. */
export function processState(pid: number): ProcessState {
  if (PROC) return readStat(pid)?.state ?? 'gone';
  return processRuns(pid) ? 'running' : 'gone';
}

/** Whether there is a process of that pid; zombies pass for running. About 1 µs. */
export function processRuns(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

function readStat(pid: number): { readonly state: ProcessState; readonly born: string } | undefined {
  let text: string;
  try {
    text = readStatFile(pid);
  } catch {
    return undefined;
  }
  const stat = parseStat(text);
  return stat && { state: hasEnded(stat) ? 'zombie' : 'running', born: stat.born };
}

function psBirth(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      // Nothing else is done meanwhile.
      timeout: 500,
      // One form of the date, whoever asks.
      env: { ...process.env, LC_ALL: 'C' },
    }).trim();
  } catch {
    return '';
  }
}

/** How often a process that should end is looked at, ms. */
const LOOK_MS = 10;
/** How long a process that was killed may take to be gone, ms: a loaded machine, a disk that sleeps. */
const KILL_MS = 2000;

/** Waits until the process has ended, at most so long; whether it has. */
export async function waitForEnd(pid: number, born: string, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (processAlive(pid, born)) {
    if (performance.now() >= until) return false;
    await new Promise(resolve => setTimeout(resolve, LOOK_MS));
  }
  return true;
}

/** Sends a signal to a process and to its group, whoever leads that; never to our own group. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  const group = readProcess(pid)?.group ?? pid;
  const ours = readProcess(process.pid)?.group;
  for (const target of group > 1 && group !== ours ? [-group, pid] : [pid]) {
    try {
      process.kill(target, signal);
    } catch {
      // No such group, or ended meanwhile.
    }
  }
}

/** Gives a process time to end, then kills it and its process group. Only ever the process that was born then. */
export async function endGroup(pid: number, born: string, graceMs: number): Promise<void> {
  if (await waitForEnd(pid, born, graceMs)) return;
  signalGroup(pid, 'SIGKILL');
  await waitForEnd(pid, born, KILL_MS);
}
