/** `hms attach`: a console on a running fleet. */
import { basename, dirname } from 'node:path';
import { Command, Option } from 'commander';
import { TILINGS, type Tiling } from '../console/plan.ts';
import { roots } from '../fleet/paths.ts';
import { findFleet } from '../fleet/registry.ts';
import { HmsError } from '../model/errors.ts';
import { Mode } from '../model/mode.ts';
import { answers, notRunning, refuseAgents } from './operator-link.ts';
import { ownKeys } from './own-keys.ts';

export const modeOption = (): Option => new Option('--mode <mode>', 'mode to start in').choices(Mode.options);

export const themeOption = (): Option =>
  new Option('--theme <name>', 'theme, for this console alone (hms themes lists them)');

export const noMouseOption = (): Option =>
  new Option('--no-mouse', 'leave the mouse to the terminal (as HMS_MOUSE=0)');

export const screenReaderOption = (): Option =>
  new Option('--screen-reader', 'lines instead of frames (as INK_SCREEN_READER=true)');

export interface ConsoleWishes {
  readonly as?: string;
  readonly mode?: Mode;
  readonly theme?: string;
  /** False with --no-mouse. */
  readonly mouse?: boolean;
  readonly screenReader?: boolean;
  /** Said when the person has left, instead of where the fleet goes on. */
  readonly farewell?: string;
}

interface TmuxWish {
  readonly tmux?: Tiling | true;
}

const tmuxOption = (): Option =>
  new Option(
    '--tmux [tiling]',
    'no console: the agents in plain tmux, side by side, to look at (default: as your layout tiles them)',
  ).choices(TILINGS);

export function attachCommand(): Command {
  return new Command('attach')
    .description('open a console on a running fleet')
    .argument('[fleet]', 'name or folder (default: the fleet of this folder, or the only one running)')
    .option('--as <name>', 'operator')
    .addOption(modeOption())
    .addOption(themeOption())
    .addOption(noMouseOption())
    .addOption(screenReaderOption())
    .addOption(tmuxOption())
    .action(async (given: string | undefined, { tmux, ...options }: ConsoleWishes & TmuxWish) => {
      refuseAgents();
      const paths = await findFleet(given, process.cwd());
      if (!(await answers(paths.operatorSocket))) throw notRunning(paths);
      if (tmux === undefined) return openConsole(paths.operatorSocket, options);
      requireTerminal();
      await (await import('./tiles.ts')).openTiles(paths, tmux, options);
    });
}

function requireTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new HmsError(
    'no-terminal',
    'a console needs a terminal',
    'without one: hms-tui up, hms status --json, hms approvals list',
  );
}

/** Opens the console on a fleet that answers; resolves when the person has left it. */
export async function openConsole(socket: string, wishes: ConsoleWishes): Promise<void> {
  requireTerminal();
  const [{ runConsole }, { openPane, openRecording, openScreens }, { keymap, notice }] = await Promise.all([
    import('../console/run.ts'),
    import('./screens.ts'),
    ownKeys(),
  ]);
  const { as, mode, theme, farewell, screenReader } = wishes;
  const noMouse = wishes.mouse === false;
  const { config, state } = roots();
  // The run folder's name stands for one fleet of this account.
  const looks = { config, state, fleet: basename(dirname(socket)), theme };
  const brake = async (): Promise<string> => (await import('./freeze-directly.ts')).brakeFor(socket, as);
  const dash = async (over: AbortSignal): Promise<void> =>
    (await import('./dash.ts')).dashFor(socket, as, over);
  const halt = async (): Promise<string> => (await import('./chaos-begin.ts')).haltFor(socket);
  const experiment = async (file: string): Promise<string> =>
    (await import('./chaos-begin.ts')).beginFor(socket, as, file);
  await runConsole({
    socket,
    halt,
    experiment,
    brake,
    dash,
    as,
    mode,
    farewell,
    openScreens,
    openPane,
    openRecording,
    keymap,
    notice,
    looks,
    noMouse,
    screenReader,
  });
}
