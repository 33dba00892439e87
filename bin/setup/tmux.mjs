/** tmux, installed by the system's package manager where we may. */
import { spawnSync } from 'node:child_process';
import { getuid, platform } from 'node:process';
import { findProgram } from './path.mjs';
import { Stop, say } from './say.mjs';

/** What installs tmux, by the program that does it. Debian's lists may be missing in a container: update first. */
const MANAGERS = [
  { name: 'brew', commands: [['brew', 'install', 'tmux']], asRoot: false },
  {
    name: 'apt-get',
    commands: [
      ['apt-get', 'update', '-q'],
      ['apt-get', 'install', '-y', '-q', 'tmux'],
    ],
    asRoot: true,
  },
  { name: 'dnf', commands: [['dnf', 'install', '-y', 'tmux']], asRoot: true },
  { name: 'pacman', commands: [['pacman', '-Sy', '--noconfirm', 'tmux']], asRoot: true },
  { name: 'apk', commands: [['apk', 'add', 'tmux']], asRoot: true },
  { name: 'zypper', commands: [['zypper', '--non-interactive', 'install', 'tmux']], asRoot: true },
];

/** @typedef {{ has: (program: string) => boolean, root: boolean, sudo: () => boolean, mac: boolean }} Machine */
/** @typedef {{ say: string, commands: readonly (readonly string[])[] }} Plan */

/**
 * What to run so that tmux is there; nothing when it is. Throws Stop where we may not.
 * @param {Machine} machine @returns {Plan | undefined}
 */
export function planTmux(machine) {
  if (machine.has('tmux')) return undefined;
  const manager = MANAGERS.find(({ name }) => machine.has(name) && (name !== 'brew' || machine.mac));
  if (!manager) {
    const where = machine.mac ? 'Install Homebrew (https://brew.sh) or MacPorts, then tmux' : 'Install it';
    throw new Stop(
      'tmux is not installed, and no package manager I know is here',
      `${where}, then run this again`,
    );
  }
  const words = manager.commands.map(command => command.join(' ')).at(-1);
  if (!manager.asRoot) {
    if (machine.root)
      throw new Stop(
        'tmux is not installed, and brew does not run as root',
        `Run ${words} as yourself, then run this again`,
      );
    return { say: `installing tmux (${words})`, commands: manager.commands };
  }
  if (machine.root) return { say: `installing tmux (${words})`, commands: manager.commands };
  if (machine.has('sudo') && machine.sudo()) {
    return {
      say: `installing tmux (sudo ${words})`,
      commands: manager.commands.map(command => ['sudo', '-n', ...command]),
    };
  }
  throw new Stop(
    'tmux is not installed, and I may not install it',
    `Run: sudo ${words}; then run this again`,
  );
}

/** @param {NodeJS.ProcessEnv} env */
export function bringTmux(env) {
  const plan = planTmux({
    has: program => findProgram(program, env) !== undefined,
    root: getuid?.() === 0,
    sudo: () => spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0,
    mac: platform === 'darwin',
  });
  if (!plan) return;
  say(plan.say);
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive', HOMEBREW_NO_AUTO_UPDATE: '1' };
  let last = '';
  for (const [program = '', ...args] of plan.commands) {
    const done = spawnSync(program, args, {
      env: quiet,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    last = `${done.stderr ?? ''}`.trim().split('\n').at(-1) ?? '';
  }
  // The last word has the PATH, not the exit codes: an update can fail for a list that tmux is not in.
  if (findProgram('tmux', env)) return;
  const words = plan.commands.map(command => command.join(' ')).at(-1);
  throw new Stop(
    `tmux could not be installed${last ? `: ${last.replace(/\.$/, '')}` : ''}`,
    `Install it yourself (${words}), then run this again`,
  );
}
