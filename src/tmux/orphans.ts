/**
 * Connections whose owner was killed. tmux takes the end of a client's input for a farewell, but waits for ever for
 * its last words to be read by somebody who is dead (3.3a): such a client stays, and hinders the server's end.
 */
import { execFile } from 'node:child_process';
import { ownerMark } from './owner.ts';
import { runTmux, type TmuxPlace } from './program.ts';

/**
 * What marks a client's command line with its owner: tmux takes `-L` for the name of a socket, and passes over it
 * when the socket's path is given too.
 */
export function ownerArguments(): readonly string[] {
  return ['-L', ownerMark()];
}

/** Ends the clients of this server whose owner does not live any more. */
export async function sweepOrphans(place: TmuxPlace): Promise<void> {
  const clients = await runTmux(place, ['-N', 'list-clients', '-F', '#{client_pid}']);
  const pids = clients.split('\n').filter(line => /^\d+$/.test(line));
  if (pids.length === 0) return;
  for (const [pid, args] of await commandLines(pids)) {
    const mark = /\bhms-owner-(\d+)-[A-Za-z0-9]*/.exec(args);
    if (!mark || ownerMark(Number(mark[1])) === mark[0]) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It went by itself.
    }
  }
}

function commandLines(pids: readonly string[]): Promise<readonly (readonly [pid: number, args: string])[]> {
  return new Promise(resolve => {
    execFile('ps', ['-ww', '-o', 'pid=,args=', '-p', pids.join(',')], { timeout: 2000 }, (_, stdout) => {
      const lines = [...stdout.matchAll(/^\s*(\d+)\s+(.*)$/gm)];
      resolve(lines.map(([, pid, args = '']) => [Number(pid), args] as const));
    });
  });
}
