/**
 * Where a Unix socket may be made: in a directory that is ours alone, at a path that fits, and never in the place of
 * something that is alive or is not a socket.
 */
import { chmod, lstat, mkdir, stat, unlink } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import { errnoOf, HmsError } from '../model/errors.ts';
import { MAX_SOCKET_PATH } from './limits.ts';

/**
 * Makes the directory of `path` (0700) and clears `path` itself when what lies there is a socket nobody listens on.
 * Throws HmsError `socket-path`, `unsafe-dir`, `socket-in-use`.
 */
export async function prepareSocketPath(path: string): Promise<void> {
  const bytes = Buffer.byteLength(path);
  if (bytes > MAX_SOCKET_PATH) {
    throw new HmsError(
      'socket-path',
      `The socket path is ${bytes} bytes long, ${MAX_SOCKET_PATH} is the most: ${path}`,
      'Set HMS_HOME or XDG_RUNTIME_DIR to a shorter folder.',
    );
  }
  await privateDirectory(dirname(path));
  await clearStale(path);
}

/**
 * Makes `dir`, 0700, or takes it when it is ours. Throws HmsError `unsafe-dir` when it belongs to another user, when
 * others could have put things into it, or when they could put another folder in its place.
 */
export async function privateDirectory(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const me = process.getuid?.() ?? 0;
  const own = await lstat(dir);
  if (!own.isDirectory() || own.uid !== me) {
    throw new HmsError(
      'unsafe-dir',
      `${dir} is not a directory of this user.`,
      'Remove it, or set HMS_HOME to another folder.',
    );
  }
  if ((own.mode & 0o022) !== 0) {
    throw new HmsError(
      'unsafe-dir',
      `Other users may write to ${dir}.`,
      `Look at what is in it, then: chmod 700 ${dir}`,
    );
  }
  if ((own.mode & 0o077) !== 0) await chmod(dir, 0o700);
  // Whoever may rename in the parent can put their own directory in place of ours.
  const parent = await stat(dirname(dir));
  const sticky = (parent.mode & 0o1000) !== 0;
  const foreign = parent.uid !== me && parent.uid !== 0;
  if (foreign || ((parent.mode & 0o002) !== 0 && !sticky)) {
    throw new HmsError(
      'unsafe-dir',
      `Other users may replace ${dir}.`,
      'Set HMS_HOME to a folder only you can write to.',
    );
  }
}

async function clearStale(path: string): Promise<void> {
  const there = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!there) return;
  if (!there.isSocket()) {
    throw new HmsError('socket-in-use', `${path} is there and is not a socket.`, 'Move it away.');
  }
  if (await listens(path)) {
    throw new HmsError('socket-in-use', `Another engine listens on ${path}.`, 'Stop it first: hms-tui down.');
  }
  await unlink(path).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
  });
}

/**
 * Whether a process listens on the socket at `path`. Only a refusal proves that nobody does; a full backlog or no
 * answer within a second counts as alive.
 */
export function listens(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection(path);
    const done = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(1000, () => done(true));
    socket.once('connect', () => done(true));
    socket.once('error', error => {
      const errno = errnoOf(error);
      done(errno !== 'ECONNREFUSED' && errno !== 'ENOENT');
    });
  });
}
