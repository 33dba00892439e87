/** `hms up`: starts a fleet: its tmux server with the keeper window, which starts the engine. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { findFleetFile, type LoadedFleet, loadFleet } from '../fleet/load.ts';
import { type FleetPaths, fleetPaths } from '../fleet/paths.ts';
import { prepareFolders, writeCard } from '../fleet/registry.ts';
import { errnoOf, HmsError } from '../model/errors.ts';
import { plural } from '../model/text.ts';
import { startTmuxServer } from '../tmux/server.ts';
import { consentFile, keeperCommand, startErrorFile } from './keeper.ts';
import { answers } from './operator-link.ts';
import { printJson, say } from './output.ts';

/** How long an engine may take until it answers, ms. */
const UP_WITHIN_MS = 30_000;

interface Up {
  readonly fleet: LoadedFleet;
  readonly paths: FleetPaths;
  /** It ran already. */
  readonly already: boolean;
}

/** Throws FleetFileError with every problem of the fleet file, or HmsError `start-failed` with the engine's words. */
export async function up(file: string, hms: string): Promise<Up> {
  const fleet = await loadFleet(file);
  const paths = fleetPaths(fleet.config.fleet, fleet.dir);
  await prepareFolders(paths);
  if (await answers(paths.operatorSocket)) return { fleet, paths, already: true };
  await writeCard(paths, fleet);
  rmSync(startErrorFile(paths), { force: true });
  writeFileSync(consentFile(paths), fleet.digest, { mode: 0o600 });
  await startTmuxServer({
    socket: paths.tmuxSocket,
    session: fleet.config.fleet,
    keeper: keeperCommand(hms, fleet.file, fleet.config.fleet),
    env: process.env,
    cwd: paths.dir,
  });
  await untilUp(paths);
  return { fleet, paths, already: false };
}

async function untilUp(paths: FleetPaths): Promise<void> {
  const end = Date.now() + UP_WITHIN_MS;
  while (!(await answers(paths.operatorSocket))) {
    const words = startError(paths);
    if (words) throw new HmsError('start-failed', words.replace(/^hms: /, ''), `its log is ${paths.log}`);
    if (Date.now() > end) {
      throw new HmsError(
        'start-failed',
        `the engine did not answer within ${UP_WITHIN_MS / 1000} s`,
        `its log is ${paths.log}`,
      );
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

function startError(paths: FleetPaths): string {
  try {
    return readFileSync(startErrorFile(paths), 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  }
}

export function upCommand(hms: string): Command {
  return new Command('up')
    .description('start the fleet without opening a console')
    .argument('[file]', 'fleet file (default: hms.yaml here or above)')
    .option('--json', 'print the result as JSON')
    .action(async (given: string | undefined, options: { json?: boolean }) => {
      const { fleet, paths, already } = await up(given ?? (await fleetFileHere()), hms);
      const name = fleet.config.fleet;
      if (options.json) {
        const { dir, operatorSocket: socket, tmuxSocket: tmux } = paths;
        return printJson({ fleet: name, dir, already, socket, tmux });
      }
      say(
        already ? `${name} is running already.` : `${name} is up: ${plural(fleet.agents.length, 'agent')}.`,
      );
      say('hms-tui attach opens a console, hms-tui down ends it.');
    });
}

async function fleetFileHere(): Promise<string> {
  const file = await findFleetFile(process.cwd());
  if (file) return file;
  throw new HmsError(
    'no-fleet-file',
    'there is no hms.yaml here',
    'hms-tui init writes one; hms-tui demo shows what it is like',
  );
}
