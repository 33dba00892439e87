/** What runs on this machine: all of it, or only what may be ours. */
import { readdirSync, readFileSync } from 'node:fs';
import { listByPs } from './ps.ts';
import { type ProcessInfo, parseStat, readStatFile } from './stat.ts';

/** Processes by pid. */
export type Table = ReadonlyMap<number, ProcessInfo>;

const PROC = process.platform === 'linux';

/** Everything there is. About 20 µs a process by /proc; one run of ps elsewhere. */
export function readTable(): Table {
  return tableOf(PROC ? pids().flatMap(pid => readProcess(pid) ?? []) : listByPs());
}

/** The processes that are children of this one, now. */
export function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').map(Number).filter(Boolean);
  } catch {
    // Not Linux, a kernel without this file, or no such process.
    return [...readTable().values()].filter(p => p.parent === pid).map(p => p.pid);
  }
}

/** undefined when there is none, or none that we may see. */
export function readProcess(pid: number): ProcessInfo | undefined {
  if (!PROC) return readTable().get(pid);
  try {
    return parseStat(readStatFile(pid), pageSize());
  } catch {
    return undefined;
  }
}

export function tableOf(processes: readonly ProcessInfo[]): Table {
  return new Map(processes.map(info => [info.pid, info]));
}

/** Names a process for good. */
export function keyOf({ pid, born }: Pick<ProcessInfo, 'pid' | 'born'>): string {
  return `${pid}/${born}`;
}

function pids(): readonly number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number);
}

/**
 * Looks again and again, cheaply: a process that was found to be a stranger is not read again while it lives, so that
 * a look costs by what the agents run, not by what the machine runs. A stranger's descendants are strangers too.
 */
export class Looker {
  readonly #strangers = new Set<number>();

  /** Every process that is not known to be a stranger's. */
  look(): Table {
    if (!PROC) return readTable();
    const there = pids();
    const alive = new Set(there);
    for (const pid of this.#strangers) if (!alive.has(pid)) this.#strangers.delete(pid);
    return tableOf(there.flatMap(pid => (this.#strangers.has(pid) ? [] : (readProcess(pid) ?? []))));
  }

  /** These need not be looked at again. */
  forget(pids: Iterable<number>): void {
    for (const pid of pids) this.#strangers.add(pid);
  }
}

let page = 0;

/** Bytes of a page of memory: what we use in kB by one file, in pages by another. */
function pageSize(): number {
  if (page > 0) return page;
  try {
    const pages = Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]);
    const kb = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
    page = 2 ** Math.round(Math.log2((kb * 1024) / pages));
  } catch {
    page = 4096;
  }
  return page;
}
