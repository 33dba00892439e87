/** `hms engine FILE`: the engine process, as the keeper window runs it. Not for people. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { renamed } from '../engine/configuration.ts';
import { createEngine } from '../engine/engine.ts';
import { openLog } from '../engine/log.ts';
import { watchOver } from '../engine/watchdog.ts';
import { type LoadedFleet, loadFleet, realPlace } from '../fleet/load.ts';
import { type FleetPaths, fleetPaths } from '../fleet/paths.ts';
import { prepareFolders, writeCard } from '../fleet/registry.ts';
import { errnoOf, HmsError } from '../model/errors.ts';
import { startTmuxServer } from '../tmux/server.ts';
import {
  consentFile,
  EXIT_DONE,
  EXIT_TAKEN,
  EXIT_UNUSABLE,
  keeperCommand,
  startErrorFile,
} from './keeper.ts';
import { explain } from './output.ts';
import { VERSION } from './version.ts';

/** How long a new engine waits for the one before it to let go, ms. */
const LOCK_WITHIN_MS = 30_000;

/** An engine that has stood still for so long is ended, ms; longer than a slow disk takes. */
const STILL_MS = 30_000;

/** What starting again cannot mend; anything else may pass (a machine under load, a full disk). */
const HOPELESS: ReadonlySet<string> = new Set([
  'bad-policy',
  'bad-key',
  'journal-corrupt',
  'journal-key',
  'journal-version',
  'no-tmux',
  'not-a-journal',
  'session-name',
  'tmux-too-old',
]);

/**
 * Resolves with the exit code.
 * @param given the fleet's name as it was started; the file may call it otherwise by now
 */
export async function runEngine(file: string, hms: string, given?: string): Promise<number> {
  // The tmux server may die under us: the hang-up it sends is survived, and nothing is written to the terminal.
  process.on('SIGHUP', () => {});
  process.on('SIGINT', () => {});
  const place = await realPlace(file);
  const read = await readFleet(place, given);
  const name = read instanceof HmsError ? given : read.config.fleet;
  if (name === undefined) throw read;
  const paths = fleetPaths(name, dirname(place));
  await prepareFolders(paths);
  if (!(read instanceof HmsError)) await writeCard(paths, read);
  const log = openLog(paths.log);
  // It ends us all the same; but the window it would be printed in is nobody's.
  process.on('uncaughtExceptionMonitor', error =>
    log(`engine ${process.pid} fails: ${error.stack ?? error}`),
  );
  const keeper = keeperCommand(hms, place, name);
  const options = {
    fleet: read,
    file: place,
    consented: isConsented(paths, read),
    paths,
    version: VERSION,
    hms,
    keeper,
    owner: userInfo().username,
    env: process.env,
    log,
  };
  try {
    const engine = await createEngine({ ...options, lockWithinMs: LOCK_WITHIN_MS });
    void watchOver(STILL_MS);
    for (const done of [startErrorFile(paths), consentFile(paths)]) rmSync(done, { force: true });
    process.once('SIGTERM', () => void engine.stop('SIGTERM').then(() => process.exit(143)));
    const end = await engine.ended;
    log(`engine ${process.pid} ends: ${end}`);
    if (end === 'handover') await rebuild(options);
    // The keeper starts the next one after any other code.
    return end === 'restart' ? 1 : EXIT_DONE;
  } catch (error) {
    log(`engine ${process.pid} failed: ${error instanceof Error ? error.stack : error}`);
    if (!(error instanceof HmsError)) return 1;
    if (error.code === 'engine-running') return EXIT_TAKEN;
    if (!HOPELESS.has(error.code)) return 1;
    writeFileSync(startErrorFile(paths), explain(error, false), { mode: 0o600 });
    return EXIT_UNUSABLE;
  }
}

/** The fleet file, or what is wrong with it. */
async function readFleet(file: string, given: string | undefined): Promise<LoadedFleet | HmsError> {
  try {
    const fleet = await loadFleet(file);
    const { fleet: name } = fleet.config;
    return given === undefined || given === name ? fleet : renamed(file, given, name);
  } catch (error) {
    if (error instanceof HmsError) return error;
    throw error;
  }
}

/** A person has just started exactly this file. */
function isConsented(paths: FleetPaths, read: LoadedFleet | HmsError): boolean {
  try {
    return !(read instanceof HmsError) && readFileSync(consentFile(paths), 'utf8') === read.digest;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** A new tmux server whose keeper starts the next engine; this one has let go already. */
async function rebuild(
  options: Pick<Parameters<typeof createEngine>[0], 'paths' | 'keeper' | 'env'>,
): Promise<void> {
  await startTmuxServer({
    socket: options.paths.tmuxSocket,
    session: options.paths.fleet,
    keeper: options.keeper,
    env: options.env,
    cwd: options.paths.dir,
  });
}
