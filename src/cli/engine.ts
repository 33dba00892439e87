/** `hms engine FILE`: the engine process, as the keeper window runs it. Not for people. */
import { rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { createEngine } from '../engine/engine.ts';
import { openLog } from '../engine/log.ts';
import { loadFleet } from '../fleet/load.ts';
import { fleetPaths } from '../fleet/paths.ts';
import { prepareFolders, writeCard } from '../fleet/registry.ts';
import { HmsError } from '../model/errors.ts';
import { startTmuxServer } from '../tmux/server.ts';
import { EXIT_DONE, EXIT_TAKEN, EXIT_UNUSABLE, keeperCommand, startErrorFile } from './keeper.ts';
import { explain } from './output.ts';
import { VERSION } from './version.ts';

/** How long a new engine waits for the one before it to let go, ms. */
const LOCK_WITHIN_MS = 30_000;

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

/** Resolves with the exit code. */
export async function runEngine(file: string, hms: string): Promise<number> {
  // The tmux server may die under us: the hang-up it sends is survived, and nothing is written to the terminal.
  process.on('SIGHUP', () => {});
  process.on('SIGINT', () => {});
  const fleet = await loadFleet(file);
  const paths = fleetPaths(fleet.config.fleet, fleet.dir);
  await prepareFolders(paths);
  await writeCard(paths, fleet);
  const log = openLog(paths.log);
  const keeper = keeperCommand(hms, fleet.file);
  const options = {
    fleet,
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
    rmSync(startErrorFile(paths), { force: true });
    process.once('SIGTERM', () => void engine.stop('SIGTERM').then(() => process.exit(143)));
    const end = await engine.ended;
    log(`engine ${process.pid} ends: ${end}`);
    if (end === 'handover') await rebuild(options);
    return EXIT_DONE;
  } catch (error) {
    log(`engine ${process.pid} failed: ${error instanceof Error ? error.stack : error}`);
    if (!(error instanceof HmsError)) return 1;
    if (error.code === 'engine-running') return EXIT_TAKEN;
    if (!HOPELESS.has(error.code)) return 1;
    writeFileSync(startErrorFile(paths), explain(error, false), { mode: 0o600 });
    return EXIT_UNUSABLE;
  }
}

/** A new tmux server whose keeper starts the next engine; this one has let go already. */
async function rebuild(
  options: Pick<Parameters<typeof createEngine>[0], 'paths' | 'fleet' | 'keeper' | 'env'>,
): Promise<void> {
  await startTmuxServer({
    socket: options.paths.tmuxSocket,
    session: options.fleet.config.fleet,
    keeper: options.keeper,
    env: options.env,
    cwd: options.paths.dir,
  });
}
