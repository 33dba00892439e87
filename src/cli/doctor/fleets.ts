/** What each fleet has on disk: folders, sockets, space, its journal. Also while it is down. */
import type { Stats } from 'node:fs';
import { lstat, statfs } from 'node:fs/promises';
import { type FleetPaths, fleetPaths, roots } from '../../fleet/paths.ts';
import { listFleets } from '../../fleet/registry.ts';
import { tailOf } from '../../journal/tail.ts';
import { errnoOf, HmsError, wordsOf } from '../../model/errors.ts';
import { bytesWords } from '../../model/resources.ts';
import { oneLine } from '../../model/text.ts';
import { listens } from '../../protocol/socket-path.ts';
import { waitingIn } from '../../recording/spool.ts';
import { cells } from './cells.ts';
import { bad, type Check, ok, type Surroundings, warn } from './check.ts';

const MIB = 1 << 20;
/** Free space below which nothing can be recorded before long, and below which it gets tight. */
const SPACE = { bad: 50 * MIB, warn: 1024 * MIB } as const;
/** What waits to be recorded and is more than a busy moment, bytes. */
const WAITING = 128 * MIB;
/** Events looked at of each journal. */
const LOOKED = 500;
/** A last event this much later than now means that the clock was set back, ms. */
const AHEAD_MS = 5000;

export async function fleets({ env }: Surroundings): Promise<readonly Check[]> {
  const cards = await listFleets(env);
  const each = await Promise.all(cards.map(card => fleet(fleetPaths(card.fleet, card.dir, env))));
  return [await space(roots(env).state), ...each.flat()];
}

async function fleet(paths: FleetPaths): Promise<readonly Check[]> {
  const folders = await Promise.all([
    folder(`${paths.key}:state`, paths.state),
    folder(`${paths.key}:run`, paths.run),
  ]);
  const sockets = [paths.operatorSocket, paths.agentSocket, paths.tmuxSocket];
  const checks = await Promise.all(sockets.map(path => socket(paths, path)));
  const engine = (await listens(paths.operatorSocket)) ? [await cells(paths)] : [];
  return [...folders.flat(), ...checks.flat(), journal(paths), spool(paths), ...engine];
}

/** What waits to be recorded: much of it means that no recorder keeps up. */
function spool({ key, state, recordings }: FleetPaths): Check {
  const name = `${key}:spool`;
  const bytes = [...waitingIn(recordings).values()].reduce((sum, each) => sum + each, 0);
  const says = `${bytesWords(bytes)} wait to be recorded`;
  return bytes < WAITING
    ? ok(name, says)
    : warn(name, says, `${state}/recorder.log tells of the recorder; hms down and hms up start another`);
}

/** Ours, and closed to everybody else. */
async function folder(name: string, path: string): Promise<readonly Check[]> {
  const found = await look(path);
  if (!found) return name.endsWith(':run') ? [] : [bad(name, `${path} is not there`, 'hms up makes it')];
  const mode = (found.mode & 0o777).toString(8);
  if (!found.isDirectory()) return [bad(name, `${path} is no folder`, 'move it away')];
  if (!isOurs(found.uid))
    return [bad(name, `${path} belongs to user ${found.uid}`, 'set HMS_HOME to a folder of yours')];
  return (found.mode & 0o077) === 0
    ? [ok(name, `${path}, mode ${mode}`)]
    : [bad(name, `${path} is open to others: mode ${mode}`, `chmod 700 ${path}`)];
}

async function socket(paths: FleetPaths, path: string): Promise<readonly Check[]> {
  const name = `${paths.key}:${path.slice(path.lastIndexOf('/') + 1)}`;
  const found = await look(path);
  if (!found) return [];
  const mode = (found.mode & 0o777).toString(8);
  if (!found.isSocket()) return [bad(name, `${path} is no socket`, 'move it away')];
  if (!isOurs(found.uid)) return [bad(name, `${path} belongs to user ${found.uid}`, 'remove it')];
  if (!(await listens(path))) return [warn(name, 'nobody listens on it', 'hms up takes it away')];
  // Its folder is closed (above), so that its own mode lets nobody in; the engine's are 0600 all the same.
  return [ok(name, `answers, mode ${mode}`)];
}

async function space(path: string): Promise<Check> {
  try {
    const { bavail, bsize } = await statfs(path);
    const free = bavail * bsize;
    const says = `${bytesWords(free)} free in ${path}`;
    const remedy = 'free some space: what cannot be recorded is not done';
    return free < SPACE.bad
      ? bad('disk', says, remedy)
      : free < SPACE.warn
        ? warn('disk', says, remedy)
        : ok('disk', says);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ok('disk', `${path} is not there yet: no fleet has been started`);
    return bad('disk', `${path} cannot be looked at: ${wordsOf(error)}`, 'check its permissions');
  }
}

function journal({ key, journal: path }: FleetPaths): Check {
  const name = `${key}:journal`;
  try {
    const { seq, time, looked, fault } = tailOf(path, LOOKED);
    if (fault) return bad(name, fault, `hms audit verify --fleet ${key} tells how far it reaches`);
    const says = `${seq} events, the last ${looked} are whole and linked`;
    const ahead = time - Date.now();
    if (ahead > AHEAD_MS)
      return warn(
        name,
        `${says}; its last event is ${Math.round(ahead / 1000)} s ahead of the clock`,
        'the clock was set back: times stand still until it has caught up',
      );
    return ok(name, says);
  } catch (error) {
    if (error instanceof HmsError && error.code === 'no-journal')
      return warn(name, 'it has no journal yet', 'hms up begins one');
    return bad(name, oneLine(wordsOf(error), 300), error instanceof HmsError ? error.hint : '');
  }
}

function isOurs(uid: number): boolean {
  return process.getuid === undefined || uid === process.getuid();
}

async function look(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  });
}
