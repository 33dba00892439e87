/** `hms dash`: charts of the fleet, in a window of its tmux server. */
import { Command } from 'commander';
import type { FleetPaths } from '../fleet/paths.ts';
import { findFleet, fleetOf } from '../fleet/registry.ts';
import { HmsError } from '../model/errors.ts';
import { answers, notRunning, refuseAgents } from './operator-link.ts';
import { ownPath } from './own-path.ts';

export function dashCommand(hms: string): Command {
  return new Command('dash')
    .description(
      'charts of the fleet: CPU, memory, output, agents, events (q quits, Ctrl-\\ leaves it running)',
    )
    .argument('[fleet]', 'name or folder')
    .option('--as <name>', 'operator')
    .option('--here', 'draw in this terminal instead of the window dash of the fleet')
    .action(async (fleet: string | undefined, { as, here }: { as?: string; here?: boolean }) => {
      refuseAgents();
      if (!process.stdin.isTTY || !process.stdout.isTTY)
        throw new HmsError('no-terminal', 'charts need a terminal', 'without one: hms top --json');
      const paths = await findFleet(fleet, process.cwd());
      if (!(await answers(paths.operatorSocket))) throw notRunning(paths);
      if (here) {
        const { runDash } = await import('../console/dash/dash.ts');
        await runDash({ socket: paths.operatorSocket, as });
        // blessed keeps listening on its streams.
        process.exit(0);
      }
      await showDash(hms, paths, as);
    });
}

/** Opens the window where it is not open yet, and shows it on this terminal until the person leaves it. */
async function showDash(
  hms: string,
  paths: FleetPaths,
  as: string | undefined,
  over?: AbortSignal,
): Promise<void> {
  // Said here, and not in a window that would be gone before it is read.
  await (await import('../console/dash/load.ts')).loadCharts();
  const { ensureDash, showPane } = await import('../tmux/dash.ts');
  const { tmuxSocket: socket, fleet: session, dir: cwd, key } = paths;
  const { env } = process;
  const argv = [hms, 'dash', '--here', ...(as === undefined ? [] : ['--as', as]), key];
  const pane = await ensureDash({ socket, session, cwd, argv, env });
  await showPane(socket, session, pane, env, over);
}

/** The same for a console, which knows its fleet by its socket. */
export async function dashFor(socket: string, as: string | undefined, over: AbortSignal): Promise<void> {
  await showDash(ownPath(), await fleetOf(socket), as, over);
}
