/** The fleets of this account: each leaves a card in its state folder the first time it is started. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import * as z from 'zod';
import { errnoOf, HmsError } from '../model/errors.ts';
import { listens } from '../protocol/socket-path.ts';
import { findFleetFile } from './load.ts';
import { type FleetPaths, fleetPaths, roots } from './paths.ts';
import { suggest } from './suggest.ts';
import type { LoadedFleet } from './types.ts';
import { writeWhole } from './whole-file.ts';

export { prepareFolders } from './folders.ts';

const FleetCard = z.object({
  fleet: z.string().min(1),
  /** Folder of the fleet file. */
  dir: z.string().min(1),
  file: z.string().min(1),
  /** Name of the state folder. */
  key: z.string().min(1),
});
export type FleetCard = z.infer<typeof FleetCard>;

/** Needs the fleet's folders (`prepareFolders`). Whole or not at all. */
export async function writeCard(
  paths: FleetPaths,
  fleet: Pick<LoadedFleet, 'config' | 'dir' | 'file'>,
): Promise<void> {
  const card: FleetCard = { fleet: fleet.config.fleet, dir: fleet.dir, file: fleet.file, key: paths.key };
  await writeWhole(paths.card, `${JSON.stringify(card)}\n`);
}

/** By name, then folder. Cards that cannot be read are passed over: they are a convenience, the journal is the record. */
export async function listFleets(env: NodeJS.ProcessEnv = process.env): Promise<readonly FleetCard[]> {
  const folder = join(roots(env).state, 'fleets');
  const keys = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  const cards = await Promise.all(keys.map(key => readCard(join(folder, key, 'fleet.json'))));
  return cards
    .filter(card => card !== undefined)
    .toSorted((a, b) => a.fleet.localeCompare(b.fleet) || a.dir.localeCompare(b.dir));
}

async function readCard(file: string): Promise<FleetCard | undefined> {
  try {
    return FleetCard.safeParse(JSON.parse(await readFile(file, 'utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) !== undefined) return undefined;
    throw error;
  }
}

/**
 * The fleet meant by a name, a key, a folder or a fleet file; without one, the fleet of the current folder or of
 * one above it, else the only one there is, else the only one running.
 * Throws HmsError `no-such-fleet`, `which-fleet`, `no-fleet`, `not-running` (a fleet file that was never started).
 */
export async function findFleet(
  given: string | undefined,
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<FleetPaths> {
  const cards = await listFleets(env);
  const found =
    given === undefined ? await meantHere(cards, cwd, env) : await meantBy(given, cards, cwd, env);
  return fleetPaths(found.fleet, found.dir, env);
}

/** The fleet whose engine people reach on this socket. Throws HmsError `no-such-fleet`. */
export async function fleetOf(socket: string): Promise<FleetPaths> {
  const all = (await listFleets()).map(card => fleetPaths(card.fleet, card.dir));
  const found = all.find(paths => paths.operatorSocket === socket);
  if (!found) throw new HmsError('no-such-fleet', 'its fleet is not known here', 'hms ls');
  return found;
}

async function meantHere(
  cards: readonly FleetCard[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<FleetCard> {
  const here = nearest(cards, cwd);
  if (here.length > 0) return single(here, env);
  const file = await findFleetFile(cwd, env);
  if (file !== undefined) throw neverStarted(file);
  if (cards.length > 0) return single(cards, env);
  throw new HmsError(
    'no-fleet',
    'no fleet has been started yet',
    'hms-tui demo shows one; hms-tui up starts the one in ./hms.yaml',
  );
}

async function meantBy(
  given: string,
  cards: readonly FleetCard[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<FleetCard> {
  const named = cards.filter(card => card.fleet === given || card.key === given);
  if (named.length > 0) {
    const here = nearest(named, cwd);
    return single(here.length > 0 ? here : named, env);
  }
  const path = resolve(cwd, given);
  const place = await realpath(path).catch(() => path);
  const kind = await stat(place).then(
    found => (found.isDirectory() ? 'folder' : 'file'),
    () => 'nothing',
  );
  const dir = kind === 'file' ? dirname(place) : place;
  const there = cards.filter(card => card.dir === dir && (kind !== 'file' || card.file === place));
  if (there.length > 0) return single(there, env);
  if (kind === 'file') throw neverStarted(place);
  if (kind === 'folder' && given.includes(sep)) {
    throw new HmsError(
      'no-such-fleet',
      `no fleet has been started in ${place}`,
      `start it there: hms-tui up`,
    );
  }
  const names = [...new Set(cards.map(card => card.fleet))];
  const meant = suggest(given, names);
  const hint = meant
    ? `did you mean ${meant}?`
    : names.length > 0
      ? `there are: ${names.join(', ')}`
      : 'hms-tui up starts one';
  throw new HmsError('no-such-fleet', `there is no fleet called ${given}`, hint);
}

function neverStarted(file: string): HmsError {
  return new HmsError('not-running', `the fleet of ${file} has not been started`, 'start it: hms-tui up');
}

/** The cards of the deepest folder that holds `cwd`. */
function nearest(cards: readonly FleetCard[], cwd: string): readonly FleetCard[] {
  const around = cards.filter(card => {
    const path = relative(card.dir, cwd);
    return path === '' || (path !== '..' && !path.startsWith(`..${sep}`));
  });
  const deepest = Math.max(0, ...around.map(card => card.dir.length));
  return around.filter(card => card.dir.length === deepest);
}

/** The only one, else the only one running. */
async function single(cards: readonly FleetCard[], env: NodeJS.ProcessEnv): Promise<FleetCard> {
  const [first] = cards;
  if (first && cards.length === 1) return first;
  const alive = await Promise.all(
    cards.map(card => listens(fleetPaths(card.fleet, card.dir, env).operatorSocket)),
  );
  const [running, ...others] = cards.filter((_, at) => alive[at]);
  if (running && others.length === 0) return running;
  const list = (running ? [running, ...others] : cards).map(card => `  ${card.key}  ${card.dir}`).join('\n');
  throw new HmsError(
    'which-fleet',
    `which fleet do you mean?\n${list}`,
    'give the name on the left, or go to its folder',
  );
}
