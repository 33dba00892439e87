/** Getting a private tmux server to answer on a socket: the folder, the configuration, the session, the features. */
import { chmod, lstat, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HmsError } from '../model/errors.ts';
import { runTmux, type TmuxPlace } from './program.ts';

/** Bytes of a Unix socket's path, its final zero not counted: 103 on macOS, 107 on Linux. */
const MAX_SOCKET_PATH = 103;

/** What we use of tmux beyond its oldest commands: command, and what its usage string must contain. */
const NEEDED: readonly (readonly [command: string, usage: RegExp, what: string])[] = [
  ['attach-session', /-f flags/, 'attach-session -f'],
  ['new-window', /-e environment/, 'new-window -e'],
  ['refresh-client', /-A pane:state/, 'refresh-client -A'],
  ['send-keys', /\[-[a-zA-Z]*H/, 'send-keys -H'],
  ['resize-window', /-x width/, 'resize-window'],
  ['capture-pane', /\[-[a-zA-Z]*N/, 'capture-pane -N'],
];

/** Makes sure the socket can be there: a folder of our own, closed to others, and a path that is short enough. */
export async function prepareSocketFolder(socket: string): Promise<void> {
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH) {
    throw new HmsError(
      'socket-path-too-long',
      `The path of tmux's socket is longer than ${MAX_SOCKET_PATH} bytes: ${socket}`,
      'set HMS_HOME to a shorter folder',
    );
  }
  const dir = dirname(socket);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const stat = await lstat(dir);
  if (!stat.isDirectory() || (process.getuid && stat.uid !== process.getuid())) {
    throw new HmsError(
      'socket-folder',
      `${dir} is not a folder of yours; tmux's socket cannot be there.`,
      'remove it',
    );
  }
  if ((stat.mode & 0o077) !== 0) await chmod(dir, 0o700);
}

/**
 * Writes the configuration beside the socket, starts the server if none answers there, and sets it up. Returns the
 * usage of every command it has.
 */
export async function startServer(place: TmuxPlace, config: string): Promise<readonly string[]> {
  const file = join(dirname(place.socket), 'tmux.conf');
  await writeFile(file, config, { mode: 0o600 });
  // Nothing but this stays in the server's own command line, for everybody to see with ps.
  // Read again for a server that ran already: what was set before may be another version's idea.
  const commands = ['start-server', ';', 'source-file', file, ';', 'list-commands'];
  return (await runTmux(place, ['-f', file, ...commands])).split('\n');
}

/** @throws HmsError `tmux-too-old` naming what is missing. Asked of the program, not guessed from its version. */
export function checkFeatures(usage: readonly string[]): void {
  const missing = NEEDED.filter(
    ([command, wanted]) => !usage.some(line => line.startsWith(`${command} `) && wanted.test(line)),
  ).map(([, , what]) => what);
  if (missing.length === 0) return;
  throw new HmsError(
    'tmux-too-old',
    `This tmux is too old: it has no ${missing.join(', no ')}.`,
    'install tmux 3.2 or later',
  );
}

/** A session's name is part of every target; these characters would mean something there. */
export function checkSessionName(session: string): void {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(session)) return;
  throw new HmsError(
    'session-name',
    `"${session}" cannot name a tmux session.`,
    'use letters, digits, _ and - only',
  );
}
