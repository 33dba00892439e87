/** A tmux server with one pane for the campaign of `chaos-revert`, and what of a fault on it is left, asked without the helper. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openFiles, type Victim } from './chaos-faults.ts';
import { born } from './helper.ts';

const run = promisify(execFile);

export interface CampaignTmux {
  readonly socket: string;
  /** What runs in the pane; started again where it was killed. */
  victim(): Promise<Victim>;
  residues(): Promise<string[]>;
  close(): Promise<void>;
}

const HOOK = 'pane-died[0] wait-for -S campaign';
const SIZE = '30 100';

/** undefined where there is no tmux. */
export async function startTmux(): Promise<CampaignTmux | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'hms-tmux-'));
  const socket = join(folder, 's');
  const { TMUX: _, ...env } = process.env;
  const tmux = async (...args: string[]): Promise<string> =>
    (await run('tmux', ['-f', '/dev/null', '-S', socket, ...args], { env })).stdout;
  const hook = ['set-hook', '-g', 'pane-died', 'wait-for -S campaign'];
  const pane = ['new-session', '-d', '-s', 'campaign', '-x', '100', '-y', '30', 'sleep 1000'];
  try {
    await tmux(...pane, ';', 'set', '-gw', 'remain-on-exit', 'on', ';', ...hook);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  let tty = '';
  const screen = (): Promise<string> => tmux('capture-pane', '-p', '-t', '%0');
  return {
    socket,
    victim: async () => {
      const look = async (): Promise<number> => {
        const told = await tmux('display-message', '-p', '-t', '%0', '#{pane_pid} #{pane_tty}');
        const [pid, name = ''] = told.trim().split(' ');
        tty = name;
        return Number(pid);
      };
      let found = await look();
      if (born(found) === '' || !(await isRunning(found))) {
        await tmux('respawn-pane', '-k', '-t', '%0', 'sleep 1000', ';', 'clear-history', '-t', '%0');
        found = await look();
      }
      return { pid: found, born: born(found), files: openFiles(found), tty, pane: '%0' };
    },
    residues: async () => {
      const found: string[] = [];
      // A dead pane has none: its number may be another's terminal by now.
      const dead = (await tmux('display-message', '-p', '-t', '%0', '#{pane_dead}')).trim() === '1';
      const size = dead ? SIZE : await sizeOf(tty);
      if (size !== SIZE) found.push(`the pane is ${size}`);
      const told = await tmux('show-hooks', '-gw', 'pane-died', ';', 'list-clients', '-F', 'client');
      const [first, ...clients] = told.trim().split('\n');
      if (first !== HOOK) found.push(`the hook is ${first}`);
      if (clients.length > 0) found.push('a client is attached');
      const before = await screen();
      await sleep(10);
      if ((await screen()) !== before) found.push('the pane is printed into');
      return found;
    },
    close: async () => {
      await tmux('kill-server').catch(() => {});
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** As it should be, when it is gone with what died in it. */
async function sizeOf(tty: string): Promise<string> {
  const { stdout } = await run('stty', ['-F', tty, 'size']).catch(() => ({ stdout: SIZE }));
  return stdout.trim();
}

async function isRunning(pid: number): Promise<boolean> {
  const { stdout } = await run('ps', ['-o', 'stat=', '-p', `${pid}`]).catch(() => ({ stdout: '' }));
  return stdout !== '' && !stdout.startsWith('Z');
}
