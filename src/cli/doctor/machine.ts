/** The machine and the terminal: clock, locale, colours, limits. */
import { readFileSync } from 'node:fs';
import { programVersion } from '../../fleet/program-version.ts';
import { type Check, ok, type Surroundings, warn } from './check.ts';

/** A wall clock that moves this much against the monotonic one within the look has been set, ms. */
const JUMP_MS = 50;
const LOOK_MS = 100;

/** Whether the wall clock runs as the monotonic one does. */
export async function clock(): Promise<Check> {
  const [wall, steady] = [Date.now(), performance.now()];
  await new Promise(resolve => setTimeout(resolve, LOOK_MS));
  const off = Date.now() - wall - (performance.now() - steady);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'unknown';
  const says = `${new Date().toISOString()}, time zone ${zone}`;
  if (Math.abs(off) < JUMP_MS) return ok('clock', says);
  return warn(
    'clock',
    `${says}; it moved by ${Math.round(off)} ms just now`,
    'let it be set slowly (slew), or expect odd times in the journal',
  );
}

export function terminal(
  { env }: Surroundings,
  tty: Pick<NodeJS.WriteStream, 'isTTY' | 'getColorDepth'>,
): Check {
  const term = env['TERM'] ?? '';
  const words = `TERM=${term || '(none)'}${env['COLORTERM'] ? ` COLORTERM=${env['COLORTERM']}` : ''}`;
  if (!tty.isTTY) return ok('terminal', `not a terminal just now; ${words}`);
  const inside = env['TMUX'] ? ' inside tmux' : '';
  if (env['NO_COLOR']) return ok('terminal', `${words}${inside}, NO_COLOR: no colours, as wished`);
  const bits = tty.getColorDepth?.(env) ?? 1;
  const says = `${words}${inside}, ${bits >= 24 ? 'true colour' : `${2 ** bits} colours`}`;
  if (inside && !/^(tmux|screen)/.test(term))
    return warn(
      'terminal',
      says,
      'inside tmux TERM is tmux-256color: set default-terminal in your tmux.conf',
    );
  if (bits >= 24) return ok('terminal', says);
  const remedy = inside
    ? 'set -as terminal-features ",*:RGB" in your tmux.conf'
    : 'export COLORTERM=truecolor if your terminal can';
  return warn('terminal', says, remedy);
}

/** POSIX: LC_ALL, else LC_CTYPE, else LANG. */
export function locale({ env, platform }: Surroundings): Check {
  const value = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  if (/utf-?8/i.test(value)) return ok('locale', value);
  return warn(
    'locale',
    value || 'none is set',
    `export LANG=${platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'}`,
  );
}

/** What healing can see of agents' processes here. */
export function sensors({ platform }: Surroundings): Check {
  if (platform === 'linux') return ok('sensors', 'CPU, memory, open files, children and terminals of agents');
  return warn(
    'sensors',
    'this system does not tell how many files agents have open, nor whether a program waits for somebody to type',
    'limits.fds has no effect here; leave silence off for programs that ask',
  );
}

/** Each agent takes a handful of files of the engine, tmux and recorder. */
const FILES_LEAST = 1024;

export async function files({ env, platform }: Surroundings): Promise<Check> {
  const limit =
    platform === 'linux'
      ? limitOfProc()
      : Number(await programVersion('/bin/sh', env, { args: ['-c', 'ulimit -n'] }));
  if (!limit) return ok('open-files', 'no limit on open files');
  const says = `${limit} open files a process`;
  return limit >= FILES_LEAST
    ? ok('open-files', says)
    : warn('open-files', says, `ulimit -n ${4 * FILES_LEAST}, or fewer agents`);
}

function limitOfProc(): number {
  const [, soft = ''] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return Number(soft) || 0;
}
