/**
 * `hms complete-values WHAT [FLEET]`: what a shell offers while somebody types, a line each. Asked at every Tab, so it
 * loads nothing it can do without (no zod, no YAML, no socket), and says nothing when something is wrong.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { type FleetPaths, fleetPaths, roots } from '../fleet/paths.ts';
import { CELL_NAMES } from '../model/cell-names.ts';

interface Card {
  readonly fleet: string;
  readonly dir: string;
}

/** Newest events of the journal that are looked through. */
const LOOKED = 4000;

export async function printValues([what = '', fleet = '']: readonly string[]): Promise<void> {
  // An agent is not told about fleets.
  if (process.env.HMS_AGENT) return;
  try {
    const lines = await valuesOf(what, fleet);
    const shown = [...new Set(lines)].filter(line => line !== '' && !/[\x00-\x1f\x7f-\x9f]/.test(line));
    if (shown.length > 0) process.stdout.write(`${shown.join('\n')}\n`);
  } catch {
    // Nothing to offer.
  }
}

async function valuesOf(what: string, fleet: string): Promise<readonly string[]> {
  switch (what) {
    case 'fleets':
      return cards().map(card => card.fleet);
    case 'themes':
      // Chosen by the terminal's background, so there is nothing of it to show.
      return ['auto', ...(await themes())];
    case 'named-themes':
      return themes();
    case 'layouts': {
      const { LAYOUTS } = await import('../console/layouts.ts');
      return [...Object.keys(LAYOUTS), ...ownFiles('layouts')];
    }
    case 'agents':
      return agentsIn(pathsOf(fleet));
    case 'worktrees':
      return worktreesIn(pathsOf(fleet));
    case 'addresses':
      return addressesIn(pathsOf(fleet));
    case 'experiments':
      return files(join(pathsOf(fleet).chaos, 'reports')).flatMap(
        name => /^(x-\w+)\.json$/.exec(name)?.[1] ?? [],
      );
    case 'targets':
      return [...(await agentsIn(pathsOf(fleet))), 'random', 'all', 'engine', 'tmux'];
    case 'breakers':
      return breakersIn(pathsOf(fleet));
    case 'cells':
      return CELL_NAMES;
    case 'requests':
      return requestsIn(pathsOf(fleet));
    case 'recordings':
      // Parts of one recording share its name: builder.3.cast, builder.3.p2.cast.
      return files(pathsOf(fleet).recordings).flatMap(
        name => /^(.+?)(?:\.p\d+)?\.cast$/.exec(name)?.[1] ?? [],
      );
    default:
      return [];
  }
}

async function themes(): Promise<readonly string[]> {
  const { THEMES } = await import('../console/themes.ts');
  return [...Object.keys(THEMES), ...ownFiles('themes')];
}

function files(folder: string): readonly string[] {
  return readdirSync(folder).sort();
}

function ownFiles(kind: string): readonly string[] {
  try {
    return files(join(roots().config, kind)).flatMap(name => /^([^.].*)\.ya?ml$/.exec(name)?.[1] ?? []);
  } catch {
    return [];
  }
}

function cards(): readonly Card[] {
  const folder = join(roots().state, 'fleets');
  return files(folder).flatMap(key => {
    try {
      const card: unknown = JSON.parse(readFileSync(join(folder, key, 'fleet.json'), 'utf8'));
      if (typeof card !== 'object' || card === null || !('fleet' in card) || !('dir' in card)) return [];
      const { fleet, dir } = card;
      return typeof fleet === 'string' && typeof dir === 'string' ? [{ fleet, dir }] : [];
    } catch {
      return [];
    }
  });
}

/** As `findFleet` does, in short: the one named, that of this folder or one above, else the only one. */
function pathsOf(given: string): FleetPaths {
  const all = cards();
  const cwd = `${process.cwd()}${sep}`;
  const here = all
    .filter(card => cwd.startsWith(`${card.dir}${sep}`))
    .sort((a, b) => b.dir.length - a.dir.length);
  const named = all.filter(card => card.fleet === given || card.dir === given);
  const card = given !== '' ? named[0] : (here[0] ?? (all.length === 1 ? all[0] : undefined));
  if (!card) throw new Error('no fleet');
  return fleetPaths(card.fleet, card.dir);
}

interface Told {
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The newest events of a journal, oldest first, then those it began with. */
async function eventsOf({ journal }: FleetPaths): Promise<readonly Told[]> {
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(journal, { readOnly: true });
  try {
    const newest = db.prepare(
      'SELECT bytes FROM (SELECT seq, bytes FROM event ORDER BY seq DESC LIMIT ?) ORDER BY seq',
    );
    const first = db.prepare('SELECT bytes FROM event ORDER BY seq LIMIT 20');
    const decoder = new TextDecoder();
    return [...first.all(), ...newest.all(LOOKED)].map(
      ({ bytes }) => JSON.parse(bytes instanceof Uint8Array ? decoder.decode(bytes) : '{}') as Told,
    );
  } finally {
    db.close();
  }
}

/** The names in force, by what they name. */
function configured(events: readonly Told[], what: 'agents' | 'operators'): readonly string[] {
  const names = events.findLast(e => e.kind === 'fleet.configured')?.data[what];
  return typeof names === 'object' && names !== null ? Object.keys(names) : [];
}

async function agentsIn(paths: FleetPaths): Promise<readonly string[]> {
  return configured(await eventsOf(paths), 'agents');
}

async function addressesIn(paths: FleetPaths): Promise<readonly string[]> {
  const events = await eventsOf(paths);
  const people = configured(events, 'operators').map(name => `@${name}`);
  return [...configured(events, 'agents'), ...people, ...GROUPS];
}

/** Those the journal tells of, and those that are there without a word of it. */
async function breakersIn(paths: FleetPaths): Promise<readonly string[]> {
  const events = await eventsOf(paths);
  const told = events.flatMap(({ data: { breaker } }) => (typeof breaker === 'string' ? [breaker] : []));
  return [...told, ...configured(events, 'agents').map(agent => `start:${agent}`), 'call:git'];
}

/** As `parseAddress` takes them; its file would load zod. */
const GROUPS = ['@people', '@agents', '@all'];

async function worktreesIn(paths: FleetPaths): Promise<readonly string[]> {
  const events = await eventsOf(paths);
  // Where a tree is unless the fleet file says otherwise: found also when its event is older than what is looked through.
  const folder = join(paths.state, 'worktrees');
  const trees = new Set<unknown>(existsSync(folder) ? files(folder) : []);
  for (const { kind, data } of events) {
    if (kind === 'worktree.added') trees.add(data.agent);
    else if (kind === 'worktree.dropped') trees.delete(data.agent);
  }
  return configured(events, 'agents').filter(agent => trees.has(agent));
}

async function requestsIn(paths: FleetPaths): Promise<readonly string[]> {
  const open = new Set<string>();
  for (const { kind, data } of await eventsOf(paths)) {
    const { request } = data;
    if (typeof request !== 'string') continue;
    if (kind === 'gate.requested') open.add(request);
    else if (kind === 'gate.settled') open.delete(request);
  }
  return [...open];
}
