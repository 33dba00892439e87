/** The table of commands. */

import { Command } from 'commander';
import { findFleetFile, realPlace } from '../fleet/load.ts';
import { fleetPaths } from '../fleet/paths.ts';
import { findFleet, listFleets } from '../fleet/registry.ts';
import { suggest } from '../fleet/suggest.ts';
import { HmsError } from '../model/errors.ts';
import { addAgentCommands } from './agent.ts';
import { agentCommand } from './agent-report.ts';
import { approvalsCommand } from './approvals.ts';
import {
  attachCommand,
  type ConsoleWishes,
  modeOption,
  noMouseOption,
  openConsole,
  screenReaderOption,
  themeOption,
} from './attach.ts';
import { auditCommand } from './audit.ts';
import { breakerCommand } from './breaker.ts';
import { cellCommand } from './cell.ts';
import { chaosCommand } from './chaos.ts';
import { completionCommand } from './completion.ts';
import { configCommand } from './config.ts';
import { dashCommand } from './dash.ts';
import { demoCommand, playDemo } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { downCommand } from './down.ts';
import { brakeCommand } from './freeze.ts';
import { gaCommand } from './ga.ts';
import { gateCommand } from './gate.ts';
import { healCommand } from './heal.ts';
import { initCommand } from './init.ts';
import { keysCommand } from './keys.ts';
import { layoutsCommand } from './layouts.ts';
import { lsCommand } from './ls.ts';
import { messageCommand } from './message.ts';
import { nativeCommand } from './native.ts';
import { notifyCommand } from './notify.ts';
import { answers, refuseAgents, withLink } from './operator-link.ts';
import { policyCommand } from './policy.ts';
import { recordCommand } from './record.ts';
import { reloadCommand } from './reload.ts';
import { statusCommand } from './status.ts';
import { themesCommand } from './themes.ts';
import { topCommand } from './top.ts';
import { up, upCommand } from './up.ts';
import { VERSION } from './version.ts';
import { worktreeCommand } from './worktree.ts';

export async function buildProgram(hms: string): Promise<Command> {
  const program = new Command('hms-tui')
    .description(
      'Mission control for teams of terminal agents.\nWithout a command: the console on ./hms.yaml, or on the demo fleet when there is none.',
    )
    .version(VERSION, '-V, --version')
    .option('--as <name>', 'operator')
    .addOption(modeOption())
    .addOption(themeOption())
    .addOption(noMouseOption())
    .addOption(screenReaderOption())
    .option('--debug', 'show stack traces')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows how)')
    .allowExcessArguments()
    .action((options: ConsoleWishes, command: Command) => {
      const [word] = command.args;
      if (word === undefined) return home(hms, options);
      const near = suggest(
        word,
        command.commands.map(c => c.name()),
      );
      throw new HmsError(
        'unknown-command',
        `there is no command ${word}`,
        near ? `did you mean ${near}?` : '--help lists them',
      );
    });
  program.addCommand(initCommand(hms));
  program.addCommand(upCommand(hms));
  program.addCommand(attachCommand());
  program.addCommand(statusCommand());
  program.addCommand(topCommand());
  program.addCommand(dashCommand(hms));
  program.addCommand(approvalsCommand());
  program.addCommand(addAgentCommands(agentCommand()));
  program.addCommand(
    auditCommand({
      locate: async fleet => {
        const paths = await findFleet(fleet, process.cwd());
        return { journal: paths.journal, key: paths.key25519, origin: `hms/${paths.key}` };
      },
      checkpointViaEngine: async fleet => {
        try {
          return await withLink({ fleet }, ({ client }) => client.request('journal.checkpoint', {}));
        } catch (error) {
          if (error instanceof HmsError && error.code === 'not-running') return undefined;
          throw error;
        }
      },
    }),
  );
  program.addCommand(recordCommand());
  program.addCommand(messageCommand());
  program.addCommand(notifyCommand());
  program.addCommand(brakeCommand('freeze'));
  program.addCommand(brakeCommand('thaw'));
  program.addCommand(gateCommand());
  program.addCommand(chaosCommand());
  program.addCommand(healCommand());
  program.addCommand(gaCommand());
  program.addCommand(breakerCommand());
  program.addCommand(cellCommand());
  program.addCommand(policyCommand());
  program.addCommand(configCommand());
  program.addCommand(keysCommand());
  program.addCommand(reloadCommand());
  program.addCommand(themesCommand());
  program.addCommand(layoutsCommand());
  program.addCommand(worktreeCommand());
  program.addCommand(lsCommand());
  program.addCommand(downCommand());
  program.addCommand(doctorCommand());
  program.addCommand(demoCommand(hms));
  program.addCommand(nativeCommand());
  program.addCommand(completionCommand(() => program));
  return program;
}

/** No command: the fleet of this folder, started when it is not running; the demo where there is none. */
async function home(hms: string, options: ConsoleWishes): Promise<void> {
  refuseAgents();
  const file = await findFleetFile(process.cwd());
  if (!file) return playDemo(hms, {});
  const running = await runningSocket(file);
  const socket = running ?? (await up(file, hms)).paths.operatorSocket;
  await openConsole(socket, options);
}

/**
 * The socket of the fleet of this file when it runs already, by the card it left: a fleet file that was edited since
 * and cannot be read now must not keep people from their running fleet.
 */
async function runningSocket(file: string): Promise<string | undefined> {
  const place = await realPlace(file);
  const card = (await listFleets()).find(known => known.file === place);
  if (!card) return undefined;
  const { operatorSocket } = fleetPaths(card.fleet, card.dir);
  return (await answers(operatorSocket)) ? operatorSocket : undefined;
}
