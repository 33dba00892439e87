/** What an agent's environment says about whose process it is, where the system lets us read it. */
import { readFileSync } from 'node:fs';
import type { Table } from './table.ts';

/** The agent named in this environment (as /proc/PID/environ has it) when it is one of the fleet with that socket. */
export function agentIn(environ: string, socket: string): string | undefined {
  let agent: string | undefined;
  let ours = false;
  for (const entry of environ.split('\0')) {
    if (entry.startsWith('HMS_AGENT=')) agent = entry.slice('HMS_AGENT='.length);
    else if (entry === `HMS_SOCKET=${socket}`) ours = true;
  }
  return ours ? agent : undefined;
}

/** '' where there is no such process, it is not ours to look into, or there is no /proc. */
export function readEnvironment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

/** This process and everything above it: what must never be stopped by us. */
export function ourselves(parentOf: (pid: number) => number | undefined): ReadonlySet<number> {
  const ours = new Set([0, 1]);
  let pid: number | undefined = process.pid;
  while (pid !== undefined && !ours.has(pid)) {
    ours.add(pid);
    pid = parentOf(pid);
  }
  return ours;
}

/** The process with this socket on its command line that has children: a tmux server that does not answer. 0: none. */
export function serverOf(table: Table, socket: string): number {
  const parents = new Set([...table.values()].map(({ parent }) => parent));
  const isServer = (pid: number): boolean => {
    const words = readWords(pid);
    return /(^|\/)tmux\b/.test(words[0] ?? '') && words.includes(socket);
  };
  return [...parents].find(pid => pid > 1 && isServer(pid)) ?? 0;
}

function readWords(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
