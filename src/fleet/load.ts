/**
 * Finding and reading the fleet file. What parses and checks it is loaded on the first use: most commands only
 * need to know which file it is.
 */
import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { HmsError } from '../model/errors.ts';
import { readFleetText } from './bytes.ts';
import type { LoadedFleet } from './types.ts';

export type { LoadedAgent, LoadedFleet } from './types.ts';

const NAMES = ['hms.yaml', 'hms.yml'];

/**
 * Reads and checks a fleet file; `env` gives HOME and PATH. Throws FleetFileError with every problem at once, or
 * HmsError `fleet-unreadable`.
 */
export async function loadFleet(file: string, env: NodeJS.ProcessEnv = process.env): Promise<LoadedFleet> {
  const { checkFleet } = await import('./check.ts');
  const full = await realPlace(file);
  const shown = shownPath(full, process.cwd());
  return checkFleet({ file: full, ...(await readFleetText(full, shown)) }, shown, env);
}

/** The folder's real path, so that a fleet reached by a symbolic link is the same fleet; the file keeps its name. */
export async function realPlace(file: string): Promise<string> {
  const full = resolve(file);
  const dir = await realpath(dirname(full)).catch(() => dirname(full));
  return join(dir, basename(full));
}

/** Relative to the current folder where it lies in it. */
export function shownPath(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path === '' || path.startsWith('..') || isAbsolute(path) ? file : path;
}

/**
 * The fleet file of a folder: hms.yaml (or hms.yml) in it or in the nearest folder above it, no further than the
 * home folder. A fleet file runs commands as whoever opens it, so one that another user put there is refused:
 * HmsError `foreign-fleet-file`.
 */
export async function findFleetFile(
  dir: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  const home = resolve(env['HOME'] || homedir());
  for (let here = resolve(dir); ; here = dirname(here)) {
    for (const name of NAMES) {
      const file = join(here, name);
      const owner = await ownerOf(file);
      if (owner === undefined) continue;
      if (trusted(owner, env)) return file;
      throw new HmsError(
        'foreign-fleet-file',
        `${file} belongs to another user, and a fleet file runs commands as you`,
        `if you trust it, name it: hms-tui up ${file}`,
      );
    }
    if (here === home || here === dirname(here)) return undefined;
  }
}

async function ownerOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    found => (found.isDirectory() ? undefined : found.uid),
    () => undefined,
  );
}

/** Mine, the administrator's, or that of the person who became root by sudo. */
function trusted(owner: number, env: NodeJS.ProcessEnv): boolean {
  const me = process.getuid?.();
  return me === undefined || owner === me || owner === 0 || (me === 0 && String(owner) === env['SUDO_UID']);
}
