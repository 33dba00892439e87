/** The faults the campaign of `chaos-revert` does, and how it sees that nothing of one is left, without asking the helper. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { PROXY } from './chaos-proxy.ts';
import { born, numbers, stat } from './helper.ts';

/** What a fault is done to. Many threads, so that a pause has something to miss. */
export interface Victim {
  /** Ours to end; nobody's child where tmux is its parent. */
  readonly child?: ChildProcess;
  readonly pid: number;
  readonly born: string;
  /** Soft limit of open files before anything was done to it. */
  readonly files: string;
  /** Its terminal and its pane, where it lives in tmux. */
  readonly tty?: string;
  readonly pane?: string;
}

export interface Trial {
  /** Of the contract. */
  readonly kind: string;
  readonly name: string;
  fault(folder: string): object;
  /** The victim does not survive it. */
  readonly deadly?: boolean;
  /** The helper is started by this program. */
  readonly prefix?: readonly string[];
  /** On a proxy: the scope names it, and its connections are looked at. */
  readonly proxied?: boolean;
  /** On what lives in a pane; tmux is looked at. */
  readonly inTmux?: boolean;
  /** On a program that was started by `run`; its folder takes the place of the campaign's. */
  readonly started?: boolean;
  /** On a program in a network namespace of its own. */
  readonly alone?: boolean;
  /** The fault needs it. */
  readonly possible?: () => boolean;
}

const MIB = 1 << 20;

/** A helper that may not trace processes with more rights than its own: SIGSTOP has to do. */
const UNABLE = ['setpriv', '--bounding-set=-sys_ptrace', '--'];

export const TRIALS: readonly Trial[] = [
  { kind: 'cpu', name: 'cpu', fault: () => ({ fault: 'cpu' }) },
  { kind: 'cpu', name: 'cpu 30 %', fault: () => ({ fault: 'cpu', load: 30 }) },
  { kind: 'memory', name: 'memory', fault: () => ({ fault: 'memory', bytes: 128 * MIB }) },
  { kind: 'kill', name: 'kill', deadly: true, fault: () => ({ fault: 'kill', tree: true }) },
  { kind: 'pause', name: 'pause', fault: () => ({ fault: 'pause', tree: true }) },
  {
    kind: 'pause',
    name: 'pause by SIGSTOP',
    fault: () => ({ fault: 'pause' }),
    prefix: UNABLE,
    possible: () => process.getuid?.() === 0 && onPath('setpriv'),
  },
  { kind: 'crash_loop', name: 'crash loop', deadly: true, fault: () => ({ fault: 'crash_loop' }) },
  {
    kind: 'disk_fill',
    name: 'full disk',
    fault: folder => ({ fault: 'disk_fill', path: folder, bytes: 256 * MIB }),
  },
  {
    kind: 'net_delay',
    name: 'delay of a proxy',
    proxied: true,
    fault: () => ({ fault: 'net_delay', proxy: PROXY, delay_ms: 20_000 }),
  },
  {
    kind: 'net_loss',
    name: 'loss on a proxy',
    proxied: true,
    fault: () => ({ fault: 'net_loss', proxy: PROXY, percent: 100 }),
  },
  {
    kind: 'net_bandwidth',
    name: 'bandwidth of a proxy',
    proxied: true,
    fault: () => ({ fault: 'net_bandwidth', proxy: PROXY, bytes_per_s: 1 }),
  },
  {
    kind: 'net_reset',
    name: 'resets by a proxy',
    proxied: true,
    fault: () => ({ fault: 'net_reset', proxy: PROXY }),
  },
  {
    kind: 'net_drop',
    name: 'bytes lost in a proxy',
    proxied: true,
    fault: () => ({ fault: 'net_drop', proxy: PROXY }),
  },
  {
    kind: 'net_partition',
    name: 'partition by a proxy',
    proxied: true,
    fault: () => ({ fault: 'net_partition' }),
  },
  {
    kind: 'net_partition',
    name: 'partition by nftables',
    alone: true,
    fault: () => ({ fault: 'net_partition' }),
  },
  {
    kind: 'output_flood',
    name: 'flood of output',
    inTmux: true,
    fault: () => ({ fault: 'output_flood', bytes_per_s: 1_000_000 }),
  },
  {
    kind: 'pty_storm',
    name: 'storm of sizes',
    inTmux: true,
    fault: () => ({ fault: 'pty_storm', per_s: 500 }),
  },
  { kind: 'client_stall', name: 'stalled client', inTmux: true, fault: () => ({ fault: 'client_stall' }) },
  { kind: 'lost_death', name: 'lost death', inTmux: true, fault: () => ({ fault: 'lost_death' }) },
  {
    kind: 'clock_skew',
    name: 'clock off',
    started: true,
    fault: () => ({ fault: 'clock_skew', offset_ms: -3 * 86_400_000 }),
  },
  {
    kind: 'io_delay',
    name: 'slow files',
    started: true,
    fault: folder => ({ fault: 'io_delay', path: folder, delay_ms: 20_000 }),
  },
  { kind: 'fd_exhaust', name: 'no more files', fault: () => ({ fault: 'fd_exhaust', left: 1 }) },
];

function onPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(':');
  return folders.some(folder => {
    try {
      return readdirSync(folder).includes(program);
    } catch {
      return false;
    }
  });
}

/** A shell is a process of one thread that starts in 2 ms; Node has a dozen. */
export async function startVictim(deadly: boolean): Promise<Victim> {
  const child = deadly
    ? spawn('sleep', ['1000'], { stdio: 'ignore' })
    : spawn(process.execPath, ['-e', 'setInterval(() => {}, 20); console.log()'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
  if (!deadly) await new Promise(resolve => child.stdout?.once('data', resolve));
  const pid = child.pid ?? 0;
  return { child, pid, born: born(pid), files: openFiles(pid) };
}

export const openFiles = (pid: number): string => {
  try {
    return /^Max open files +(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
};

/** What is left, as sentences: seen from outside, by other means than the helper's own probes. */
export function residues(folder: string, victim: Victim, helpers: ReadonlyMap<number, string>): string[] {
  const found: string[] = [];
  for (const [pid, birth] of helpers) {
    const now = stat(pid);
    if (now?.born === birth && now.state !== 'Z' && now.state !== 'X') found.push(`${now.name} lives`);
  }
  for (const file of readdirSync(folder)) {
    if (file.startsWith('undo-') || file.startsWith('.hms-chaos-')) found.push(`the file ${file}`);
  }
  if (born(victim.pid) === victim.born && stat(victim.pid)?.state !== 'Z') {
    for (const thread of numbers(`/proc/${victim.pid}/task`)) {
      const state = stat(victim.pid, thread)?.state;
      if (state === 'T' || state === 't') found.push(`thread ${thread} of the victim is in state ${state}`);
    }
    const files = openFiles(victim.pid);
    if (files !== victim.files && files !== '') found.push(`the victim may open ${files} files`);
  }
  return found;
}
