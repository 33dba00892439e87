/** One process as proc(5) tells it in /proc/PID/stat. */
import { readFileSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Names its controlling terminal; '' for none. */
  readonly tty: string;
  /** The letter of ps(1): R S D T t Z X I. */
  readonly state: string;
  /** When it was born, as `readBirth` says it: tells reused pids apart. */
  readonly born: string;
  /** The program's name as the kernel has it. It is the process's own to choose: hostile. */
  readonly name: string;
  /** CPU time used so far, ms. */
  readonly cpuMs: number;
  /** CPU time of the children it has outlived, ms; 0 where it cannot be had. */
  readonly childrenMs: number;
  /** Memory that is resident, bytes. */
  readonly rss: number;
  /** null where it cannot be had. */
  readonly threads: number | null;
}

/**
 * The text of /proc/PID/stat. Throws what `readFileSync` throws. As UTF-8 Node reads it in one piece; as anything else
 * it takes a new buffer of 64 kB each time, because the kernel says the size is 0: with 64 agents 12 MB a second, which
 * cost more to collect than everything else an idle engine does.
 */
export function readStatFile(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'utf8');
}

/** Clock ticks a second as the kernel reports them to programs: 100 on every Linux. */
const TICKS = 100;

/** Reads stat text. The second field, the name, may contain spaces and parentheses. `page` is the size of a page, bytes. */
export function parseStat(text: string, page = 4096): ProcessInfo | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ');
  const at = (field: number): number => Number(fields[field - 3]);
  const state = fields[0];
  const born = fields[19];
  if (!state || born === undefined) return undefined;
  return {
    pid: Number(text.slice(0, open)),
    parent: at(4),
    group: at(5),
    session: at(6),
    tty: at(7) === 0 ? '' : String(at(7)),
    state,
    born,
    name: text.slice(open + 1, close),
    cpuMs: ((at(14) + at(15)) * 1000) / TICKS,
    childrenMs: ((at(16) + at(17)) * 1000) / TICKS,
    rss: Math.max(0, at(24)) * page,
    threads: at(20),
  };
}

/** It has ended; only its parent has not asked how. */
export function hasEnded({ state }: Pick<ProcessInfo, 'state'>): boolean {
  return state === 'Z' || state === 'X' || state === 'x';
}

/** Is it waiting for something to come, or gone? Not so while it could run, waits for a disk or is stopped. */
export function isAtRest(state: string | undefined): boolean {
  return state === undefined || /^[SIZXx]$/.test(state);
}

/** It stands still: stopped by a signal, or by who traces it. */
export function isStopped({ state }: Pick<ProcessInfo, 'state'>): boolean {
  return state === 'T' || state === 't';
}
