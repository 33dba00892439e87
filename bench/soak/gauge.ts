/** What the fleet of the soak holds on to, and how much of it as time goes by. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import type { FleetPaths } from '../../src/fleet/paths.ts';

const run = promisify(execFile);

/** Of one engine at one time; null where the system does not say. */
export interface EngineSample {
  readonly at: number;
  readonly pid: number;
  readonly rssMb: number | null;
  readonly fds: number | null;
}

export function engineSample(pid: number): EngineSample {
  return { at: Date.now(), pid, rssMb: rssOf(pid), fds: entries(`/proc/${pid}/fd`)?.length ?? null };
}

function rssOf(pid: number): number | null {
  try {
    const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kb === undefined ? null : Number(kb) / 1024;
  } catch {
    return null;
  }
}

function entries(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder);
  } catch {
    return undefined;
  }
}

/** Everything that must not become more, by what it is. */
export type Holdings = Readonly<Record<string, readonly string[]>>;

export async function holdings(paths: FleetPaths, home: string, temporary: string): Promise<Holdings> {
  const tmux = async (...args: string[]): Promise<readonly string[]> => {
    const { stdout } = await run('tmux', ['-S', paths.tmuxSocket, ...args]).catch(() => ({ stdout: '' }));
    return stdout.split('\n').filter(Boolean);
  };
  return {
    processes: await processesNaming(home),
    'tmux sessions': await tmux('list-sessions', '-F', '#{session_name}'),
    'tmux panes': await tmux('list-panes', '-a', '-F', '#{pane_id} #{pane_dead} #{pane_current_command}'),
    // A door that somebody was killed in is taken over by the next: there is one at most (src/tmux/door.ts).
    sockets: (entries(paths.run) ?? []).filter(name => !name.endsWith('.door')),
    'temporary files': entries(temporary) ?? [],
    'undo journals': entries(paths.chaosUndo) ?? [],
  };
}

/** Their programs and arguments; those whose environment or arguments name the folder. */
export async function processesNaming(home: string): Promise<readonly string[]> {
  const { stdout } = await run('ps', ['-axwwe', '-o', 'pid=,args='], { maxBuffer: 64 << 20 });
  return stdout.split('\n').filter(line => line.includes(home) && !line.includes('ps -axwwe'));
}

/** Whether somebody listens there. */
export function answers(socket: string): Promise<boolean> {
  return new Promise(resolve => {
    const connection = connect(socket);
    const settle = (ok: boolean) => {
      connection.destroy();
      resolve(ok);
    };
    connection.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}

/** Growth of the least-squares line, a minute; 0 for fewer than three samples. */
export function slopeAMinute(samples: readonly { readonly at: number; readonly value: number }[]): number {
  if (samples.length < 3) return 0;
  const mean = (of: (one: { at: number; value: number }) => number): number =>
    samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const [at, value] = [mean(one => one.at), mean(one => one.value)];
  const covariance = mean(one => (one.at - at) * (one.value - value));
  const variance = mean(one => (one.at - at) ** 2);
  return variance === 0 ? 0 : (60_000 * covariance) / variance;
}
