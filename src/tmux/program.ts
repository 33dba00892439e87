/** Which tmux we run, in which environment, and what to tell people who have none. */
import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { HmsError } from '../model/errors.ts';

/** How long a tmux command of its own process may take, ms. It forks a server at worst. */
const RUN_MS = 5000;

/**
 * The absolute path of tmux.
 * @throws HmsError `no-tmux`, the hint is the command that installs it here.
 */
export function findTmux(env: NodeJS.ProcessEnv, install: () => string = installCommand): string {
  for (const dir of (env.PATH ?? '').split(delimiter)) {
    const path = join(dir || '.', 'tmux');
    if (dir && isProgram(path)) return path;
  }
  throw new HmsError('no-tmux', 'tmux is not installed; agents live in it.', `install it: ${install()}`);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const INSTALL: readonly (readonly [families: RegExp, command: string])[] = [
  [/\b(debian|ubuntu)\b/, 'sudo apt-get install tmux'],
  [/\b(fedora|rhel|centos)\b/, 'sudo dnf install tmux'],
  [/\barch\b/, 'sudo pacman -S tmux'],
  [/\balpine\b/, 'sudo apk add tmux'],
  [/suse/, 'sudo zypper install tmux'],
  [/\bnixos\b/, 'nix-env -iA nixos.tmux'],
];

/** What a person types to install tmux on this machine. `osRelease` is the text of /etc/os-release. */
export function installCommand(
  platform: NodeJS.Platform = process.platform,
  osRelease: string = readOsRelease(),
): string {
  if (platform === 'darwin') return 'brew install tmux';
  const family = [...osRelease.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)].map(match => match[1]).join(' ');
  return INSTALL.find(([names]) => names.test(family))?.[1] ?? 'with the package manager of your system';
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

/**
 * The environment a private tmux server and thus every agent starts with: the person's own, without what ties it
 * to another tmux, to a package manager's run, or to us. Agents get their HMS_* one by one.
 */
export function cleanEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && !/^(TMUX|TMUX_PANE|HMS_.*|npm_.*|INIT_CWD|LINES|COLUMNS)$/.test(name))
      clean[name] = value;
  }
  return clean;
}

/** An agent's own variables: never handed on to an engine that was started from inside an agent. */
const OF_AGENTS = new Set(['HMS_AGENT', 'HMS_FLEET', 'HMS_SOCKET', 'HMS_TOKEN', 'HMS_GATE', 'HMS_BIN']);

/** Our own settings (HMS_HOME, …), which the engine needs and agents must not see. */
export function ownSettings(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        /^HMS_/.test(entry[0]) && !OF_AGENTS.has(entry[0]) && entry[1] !== undefined,
    ),
  );
}

/** What tmux needs to be told which server is meant, and to speak UTF-8 whatever the locale says. */
export interface TmuxPlace {
  /** Path of the tmux program. */
  readonly program: string;
  readonly socket: string;
  /** Environment of the tmux processes we start. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs `tmux …` once and returns what it prints.
 * @throws HmsError `tmux-failed` with tmux's own words, `tmux-timeout` when it does not answer.
 */
export function runTmux(place: TmuxPlace, args: readonly string[], deadlineMs = RUN_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(place.program, ['-u', '-S', place.socket, ...args], {
      env: place.env,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed: Buffer[] = [];
    let words = '';
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      words = `${words}${chunk.toString('utf8')}`.slice(-2000);
    });
    // A client hands its pipes to the server: a hung server keeps them open when the client is long dead.
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
      const seconds = deadlineMs / 1000;
      reject(
        new HmsError(
          'tmux-timeout',
          `tmux did not answer within ${seconds} s.`,
          `its socket is ${place.socket}`,
        ),
      );
    }, deadlineMs);
    child.on('error', error => {
      clearTimeout(timer);
      reject(new HmsError('tmux-failed', `tmux: ${error.message}`, '', { cause: error }));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(Buffer.concat(printed).toString('utf8'));
      else reject(new HmsError('tmux-failed', `tmux: ${words.trim() || `ended with ${code ?? signal}`}`));
    });
  });
}
