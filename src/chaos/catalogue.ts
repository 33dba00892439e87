/**
 * What can be broken: the one table behind `hms chaos new`, `inject`, completion, and the catalogue in docs/chaos.md.
 */
import { bytesWords } from '../model/resources.ts';
import { oneLine, spanWords } from '../model/text.ts';
import type { Action, FaultName } from './schema.ts';

interface CatalogueEntry {
  readonly about: string;
  /** What is done, without root and with it. */
  readonly mechanism: string;
  readonly bounds: string;
  /** Who takes it back, whoever of us has died. */
  readonly revert: string;
  /** What else it is told, as lines of YAML. */
  readonly example: readonly string[];
  /** What it is usually done to; '' when it needs no target. */
  readonly target: string;
}

export const CATALOGUE: Readonly<Record<FaultName, CatalogueEntry>> = {
  cpu: {
    about: 'threads that compute on cores of the target, or on any',
    mechanism: 'pinned threads with the share of time that `load` says',
    bounds: '`cores-left` cores stay free',
    revert: 'kernel: the threads die with their process, and have CPU time for no longer',
    example: ['cores: 1', 'load: 100'],
    target: '',
  },
  memory: {
    about: 'takes memory and touches it',
    mechanism: 'mapped and touched, first in line for the OOM killer',
    bounds: '`memory-floor` stays free',
    revert: 'kernel: freed with its process',
    example: ['size: 256mb'],
    target: '',
  },
  kill: {
    about: 'kills a process: an agent, the engine, tmux',
    mechanism: 'a signal by pidfd to exactly the process that was meant',
    bounds: 'pid and birth must be those of the scope',
    revert: 'nothing to take back: coming back is what is tested',
    example: ['signal: KILL'],
    target: 'random',
  },
  pause: {
    about: 'stops every thread of a process',
    mechanism: 'ptrace where allowed, else SIGSTOP',
    bounds: 'goes on after `for`, whatever happens',
    revert: 'kernel with ptrace (it goes on when its tracer dies), else guardian and undo journal',
    example: ['tree: false'],
    target: 'random',
  },
  crash_loop: {
    about: 'kills it again each time it has come back',
    mechanism: 'as kill, again and again',
    bounds: 'ends after `for`',
    revert: 'nothing to take back',
    example: ['after: 200ms'],
    target: 'random',
  },
  net_delay: {
    about: 'holds traffic back',
    mechanism: "a userspace proxy: an agent's endpoint or the experiment's own",
    bounds: 'only what goes through the proxy',
    revert: 'kernel: lives in the proxy alone',
    example: ['proxy: api', 'delay: 200ms', 'jitter: 50ms'],
    target: '',
  },
  net_loss: {
    about: 'holds chunks back as TCP does what was lost',
    mechanism: "a userspace proxy: an agent's endpoint or the experiment's own",
    bounds: 'only what goes through the proxy',
    revert: 'kernel: lives in the proxy alone',
    example: ['proxy: api', 'percent: 10'],
    target: '',
  },
  net_bandwidth: {
    about: 'lets only so much through a second',
    mechanism: "a userspace proxy: an agent's endpoint or the experiment's own",
    bounds: 'only what goes through the proxy',
    revert: 'kernel: lives in the proxy alone',
    example: ['proxy: api', 'rate: 64kb'],
    target: '',
  },
  net_reset: {
    about: 'resets connections, open ones and new ones',
    mechanism: "a userspace proxy: an agent's endpoint or the experiment's own",
    bounds: 'only what goes through the proxy',
    revert: 'kernel: lives in the proxy alone',
    example: ['proxy: api', 'after: 0ms'],
    target: '',
  },
  net_drop: {
    about: 'lets connections stand and their bytes vanish',
    mechanism: "a userspace proxy: an agent's endpoint or the experiment's own",
    bounds: 'only what goes through the proxy',
    revert: 'kernel: lives in the proxy alone',
    example: ['proxy: api'],
    target: '',
  },
  net_partition: {
    about: 'nothing in and nothing out for one agent',
    mechanism:
      "a table of nftables' in the agent's own network namespace, where nobody else is in it; else its proxies",
    bounds: 'never the host, never the control sockets',
    revert: 'kernel: the table goes with the socket that owns it, a toxic with its connection',
    example: [],
    target: 'random',
  },
  disk_fill: {
    about: 'fills a file system',
    mechanism: 'a file without a name in that folder’s file system',
    bounds: '`disk-floor` stays free; only folders of the fleet',
    revert: 'kernel: the file ends with its process',
    example: ['path: .', 'size: 1gb'],
    target: '',
  },
  io_delay: {
    about: 'slows opening, reading, writing and syncing of files in a folder',
    mechanism: 'a shim in what was started by `hms-native run` (`LD_PRELOAD`)',
    bounds: 'only folders of the fleet, only what asks libc',
    revert: 'nobody needed: a lease of 500 ms that must be renewed; the guardian ends it at once',
    example: ['path: .', 'delay: 50ms'],
    target: 'random',
  },
  fd_exhaust: {
    about: 'lets a process open only a few more files',
    mechanism: 'its soft limit of open files',
    bounds: 'never the hard limit, never the system',
    revert: 'guardian and undo journal: the limit that was',
    example: ['left: 0'],
    target: 'random',
  },
  pty_storm: {
    about: 'resizes and redraws a terminal without end',
    mechanism: '`TIOCSWINSZ` on its terminal; the kernel sends SIGWINCH to its programs',
    bounds: "only a terminal that really is the target's; sizes up to its own",
    revert: 'guardian and undo journal: the size that was, unless somebody has set another since',
    example: ['per-second: 100'],
    target: 'random',
  },
  output_flood: {
    about: 'prints into an agent’s pane without end',
    mechanism: 'lines written to its terminal',
    bounds: "only a terminal that really is the target's; pauses at `disk-floor`, since panes are recorded",
    revert: 'kernel: ends with its process; what was printed stays in the history',
    example: ['rate: 10mb'],
    target: 'random',
  },
  client_stall: {
    about: 'a control client of tmux stops reading',
    mechanism: 'a control client of our own that asks for all output and reads none',
    bounds: 'ends at `memory-floor`: what waits for it is kept by tmux',
    revert: 'kernel: the client dies with its process',
    example: [],
    target: 'tmux',
  },
  clock_skew: {
    about: 'a program and all it starts see another wall clock',
    mechanism: 'a shim in what was started by `hms-native run` (`LD_PRELOAD`); the monotonic clock stays',
    bounds: 'only what asks libc: nothing linked statically, no timers of the kernel',
    revert: 'nobody needed: a lease of 500 ms that must be renewed; the guardian ends it at once',
    example: ['offset: 1h'],
    target: 'random',
  },
  lost_death: {
    about: 'kills a process, and tmux does not tell',
    mechanism: 'tmux’s hook `pane-died` is taken away first',
    bounds: 'only a target in a pane of the fleet’s own server',
    revert:
      'guardian and undo journal: the hook that was, unless somebody has set another since; the death stays',
    example: [],
    target: 'random',
  },
  cell_hang: {
    about: 'a cell of the engine hears and does nothing',
    mechanism: 'the engine keeps its events back',
    bounds: 'ends after `for`, or when the engine has made it anew; else it is then told what it missed',
    revert: 'a timer of the engine; a new engine has no cell that hangs',
    example: [],
    target: 'cell:status',
  },
  cell_kill: {
    about: 'a cell of the engine ends as if it had thrown',
    mechanism: 'the engine tells it nothing more',
    bounds: 'one cell; the engine makes it anew from the state',
    revert: 'nothing to take back: coming back is what is tested',
    example: [],
    target: 'cell:status',
  },
};

export const FAULT_NAMES = Object.keys(CATALOGUE) as readonly FaultName[];

/** `kill builder with SIGKILL`, `cpu 100 % of 1 core for 10 s`: what is done, in words, one line. */
export function actionWords(action: Action, targets: readonly string[]): string {
  const to = targets.length === 0 ? '' : ` ${targets.join(', ')}`;
  return oneLine(`${action.fault}${to}${detail(action)} for ${spanWords(action.for)}`, 300);
}

function detail(action: Action): string {
  switch (action.fault) {
    case 'cpu':
      return ` ${action.load} % of ${action.cores === 1 ? 'a core' : `${action.cores} cores`}`;
    case 'memory':
      return ` ${bytesWords(action.size)}`;
    case 'disk_fill':
      return ` ${bytesWords(action.size)} in ${action.path}`;
    case 'io_delay':
      return ` ${spanWords(action.delay)} in ${action.path}`;
    case 'kill':
      return ` with SIG${action.signal}${action.tree ? ' and its children' : ''}`;
    case 'pause':
      return action.tree ? ' and its children' : '';
    case 'net_delay':
      return ` ${action.proxy} by ${spanWords(action.delay)}${action.jitter > 0 ? ` ± ${spanWords(action.jitter)}` : ''}`;
    case 'net_loss':
      return ` ${action.percent} % of ${action.proxy}`;
    case 'net_bandwidth':
      return ` ${action.proxy} to ${bytesWords(action.rate)}/s`;
    case 'net_reset':
    case 'net_drop':
      return ` ${action.proxy}`;
    case 'clock_skew':
      return ` by ${action.back ? '−' : '+'}${spanWords(action.offset)}`;
    case 'fd_exhaust':
      return ` but ${action.left}`;
    case 'pty_storm':
      return ` ${action['per-second']} times a second`;
    case 'output_flood':
      return ` ${bytesWords(action.rate)}/s`;
    case 'crash_loop':
    case 'net_partition':
    case 'client_stall':
    case 'lost_death':
    case 'cell_hang':
    case 'cell_kill':
      return '';
  }
}
