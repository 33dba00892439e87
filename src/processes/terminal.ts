/**
 * Whether a program waits for somebody to type. Linux tells it: a process of the terminal's foreground group sleeps in
 * a read of its standard input, or in a select on nothing else. Elsewhere it is not known.
 */
import { readFileSync } from 'node:fs';
import { type ProcessInfo, readStatFile } from './stat.ts';

/** Numbers of the system calls that read or wait for one descriptor, by architecture (asm/unistd.h). */
const CALLS: Readonly<Record<string, { readonly read: string; readonly selects: readonly string[] }>> = {
  x64: { read: '0', selects: ['23', '270'] },
  arm64: { read: '63', selects: ['72'] },
};

/** Whether one of these processes does; undefined where the system does not say. */
export function readsTerminal(
  tree: readonly Pick<ProcessInfo, 'pid' | 'group' | 'tty'>[],
): boolean | undefined {
  let known: boolean | undefined;
  for (const { pid, group, tty } of tree) {
    if (tty === '') continue;
    const reads = foregroundOf(pid) === group ? waitsForInput(pid) : false;
    if (reads) return true;
    known ??= reads;
  }
  return known;
}

/** The foreground group of the process's terminal. */
function foregroundOf(pid: number): number | undefined {
  try {
    const text = readStatFile(pid);
    // After the name, which may hold anything: state ppid pgrp session tty_nr tpgid.
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[5]);
  } catch {
    return undefined;
  }
}

function waitsForInput(pid: number): boolean | undefined {
  const calls = CALLS[process.arch];
  if (!calls) return undefined;
  try {
    const [call = '', first = ''] = readFileSync(`/proc/${pid}/syscall`, 'utf8').split(' ');
    return (call === calls.read && first === '0x0') || (calls.selects.includes(call) && first === '0x1');
  } catch {
    return undefined;
  }
}
