/**
 * A private tmux for one test: its own socket in its own temporary folder, and nothing left behind, also when the
 * test fails or the server hangs. Processes are found by the unique path of that folder and ended by pid.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from './wait.ts';

const run = promisify(execFile);

export interface TmuxScratch {
  /** A folder of the test's own, removed afterwards. */
  readonly dir: string;
  /** Where the test's tmux server is to listen. Nothing listens there until somebody starts it. */
  readonly socket: string;
  /** A session name to use. */
  readonly session: string;
  /** Runs `tmux -S socket …` and returns what it prints. Does not read the user's configuration. */
  tmux(...args: string[]): Promise<string>;
}

/** Runs `body` with a private tmux socket, then ends everything that was started on it. */
export async function withTmux<T>(body: (scratch: TmuxScratch) => Promise<T>): Promise<T> {
  // Short and resolved: a Unix socket's path holds 103 bytes, and macOS keeps its tmpdir behind a link.
  const dir = await mkdtemp(join(await realpath(tmpdir()), 'hms-t-'));
  const socket = join(dir, 't.sock');
  // Whose terminal the tests run in, and what it can show, is nothing to the terminals they open.
  const {
    TMUX: _tmux,
    TMUX_PANE: _pane,
    NO_COLOR: _colour,
    FORCE_COLOR: _force,
    COLORTERM: _depth,
    ...env
  } = process.env;
  const tmux = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('tmux', ['-u', '-S', socket, '-f', '/dev/null', ...args], {
      env,
      timeout: 10_000,
      maxBuffer: 64 << 20,
    });
    return stdout;
  };
  try {
    return await body({ dir, socket, session: 'test', tmux });
  } finally {
    await endTmux(socket);
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Ends the server on this socket, its clients and its panes' processes, by pid. For servers a test started itself. */
export async function endTmux(socket: string): Promise<void> {
  const env = { ...process.env };
  delete env.TMUX;
  const listed = await run('tmux', ['-S', socket, 'list-panes', '-a', '-F', '#{pane_pid}'], {
    env,
    timeout: 2000,
    killSignal: 'SIGKILL',
  }).catch(() => ({ stdout: '' }));
  const panes = listed.stdout.split('\n').map(Number).filter(isPid);
  // Servers first, else a pane that is brought back appears again. A stopped one must go on to be able to die.
  for (const pid of await tmuxProcesses(socket)) end(pid);
  for (const pid of panes) {
    end(-pid);
    end(pid);
  }
  await waitFor(async () => (await tmuxProcesses(socket)).length === 0, {
    what: `tmux on ${socket} to be gone`,
  });
}

/** Pids of the tmux server and clients whose command line names this socket. */
export async function tmuxProcesses(socket: string): Promise<readonly number[]> {
  const { stdout } = await run('ps', ['-axww', '-o', 'pid=,args='], { maxBuffer: 64 << 20 });
  return stdout
    .split('\n')
    .map(line => /^\s*(\d+)\s+(.*)$/.exec(line))
    .filter(
      match => match?.[2] !== undefined && /^(\S*\/)?tmux\b/.test(match[2]) && match[2].includes(socket),
    )
    .map(match => Number(match?.[1]))
    .filter(isPid);
}

function isPid(pid: number): boolean {
  return Number.isInteger(pid) && pid > 1 && pid !== process.pid;
}

/** Kills a process that may have ended already. */
export function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
