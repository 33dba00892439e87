/** The private folders of a fleet. */
import { HmsError } from '../model/errors.ts';
import { MAX_SOCKET_PATH } from '../protocol/limits.ts';
import { privateDirectory } from '../protocol/socket-path.ts';
import type { FleetPaths } from './paths.ts';

/**
 * Makes the state and run folders and that of experiments, 0700. Throws HmsError `socket-path` when a socket's path would be too long for
 * the system, `unsafe-dir` when a folder belongs to or may be replaced by another user (in /tmp anyone can be first).
 */
export async function prepareFolders(paths: FleetPaths): Promise<void> {
  for (const socket of [paths.operatorSocket, paths.agentSocket, paths.tmuxSocket]) {
    const bytes = Buffer.byteLength(socket);
    if (bytes > MAX_SOCKET_PATH) {
      throw new HmsError(
        'socket-path',
        `the path of a socket would be ${bytes} bytes long, and ${MAX_SOCKET_PATH} is the most: ${socket}`,
        'set XDG_RUNTIME_DIR or HMS_HOME to a shorter folder',
      );
    }
  }
  await privateDirectory(paths.state);
  await privateDirectory(paths.chaos);
  await privateDirectory(paths.run);
}
