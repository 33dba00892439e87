/**
 * Whether a program waits for somebody to type. Linux tells it: a process of the terminal's foreground group sleeps in
 * a read of its standard input, in a select on nothing else, or in an event loop that nothing but the terminal can wake:
 * no timer is set, no socket is watched, and there is no child to hear of. Elsewhere it is not known.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { type ProcessInfo, readStatFile } from './stat.ts';

/** Numbers of the system calls that read or wait for one descriptor, by architecture (asm/unistd.h). */
const CALLS: Readonly<Record<string, Calls>> = {
  x64: { read: '0', selects: ['23', '270'], epolls: ['232', '281'] },
  arm64: { read: '63', selects: ['72'], epolls: ['22'] },
};

interface Calls {
  readonly read: string;
  readonly selects: readonly string[];
  readonly epolls: readonly string[];
}

/** As the fourth argument of an epoll_wait. */
const FOR_EVER = /^0x(?:f{8}){1,2}$/;
/** What `events` of an entry of an epoll set says of who wants to read (EPOLLIN). */
const TO_READ = 1;

/** Whether one of these processes does; undefined where the system does not say. */
export function readsTerminal(
  tree: readonly Pick<ProcessInfo, 'pid' | 'parent' | 'group' | 'tty'>[],
): boolean | undefined {
  let known: boolean | undefined;
  for (const { pid, group, tty } of tree) {
    if (tty === '') continue;
    const alone = tree.every(({ parent }) => parent !== pid);
    const reads = foregroundOf(pid) === group ? waitsForInput(pid, alone) : false;
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

function waitsForInput(pid: number, alone: boolean): boolean | undefined {
  const calls = CALLS[process.arch];
  if (!calls) return undefined;
  try {
    const [call = '', first = '', , , fourth = ''] = readFileSync(`/proc/${pid}/syscall`, 'utf8').split(' ');
    if (calls.epolls.includes(call))
      return alone && FOR_EVER.test(fourth) && onlyTypingWakes(pid, Number(first));
    return (call === calls.read && first === '0x0') || (calls.selects.includes(call) && first === '0x1');
  } catch {
    return undefined;
  }
}

/** Of what is in an epoll set the terminal is watched, and no socket: pipes of its own tell an event loop of signals. */
function onlyTypingWakes(pid: number, set: number): boolean {
  const text = readFileSync(`/proc/${pid}/fdinfo/${set}`, 'utf8');
  let types = false;
  for (const [, fd = '', events = ''] of text.matchAll(/^tfd:\s+(\d+)\s+events:\s+([0-9a-f]+)/gm)) {
    const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
    if (target.startsWith('socket:')) return false;
    if (/^\/dev\/(?:pts\/|tty)/.test(target)) types ||= (Number.parseInt(events, 16) & TO_READ) !== 0;
  }
  return types;
}
