/** The table of commands. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { findFleetFile } from '../fleet/load.ts';
import { fleetPaths } from '../fleet/paths.ts';
import { findFleet } from '../fleet/registry.ts';
import { suggest } from '../fleet/suggest.ts';
import { HmsError } from '../model/errors.ts';
import type { Mode } from '../model/mode.ts';
import { addAgentCommands } from './agent.ts';
import { agentCommand } from './agent-report.ts';
import { approvalsCommand } from './approvals.ts';
import { auditCommand } from './audit.ts';
import { configCommand } from './config.ts';
import { demoCommand, playDemo } from './demo.ts';
import {
  attachCommand,
  downCommand,
  lsCommand,
  modeOption,
  openConsole,
  statusCommand,
  upCommand,
} from './fleet-commands.ts';
import { gateCommand } from './gate.ts';
import { withLink } from './operator-link.ts';
import { policyCommand } from './policy.ts';
import { answers, up } from './up.ts';
import { VERSION } from './version.ts';

export async function buildProgram(hms: string): Promise<Command> {
  const program = new Command('hms-tui')
    .description(
      'Mission control for teams of terminal agents.\nWithout a command: the console on ./hms.yaml, or on the demo fleet when there is none.',
    )
    .version(VERSION, '-V, --version')
    .option('--as <name>', 'operator')
    .addOption(modeOption())
    .option('--debug', 'show stack traces')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows how)')
    .allowExcessArguments()
    .action((options: { as?: string; mode?: Mode }, command: Command) => {
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
  program.addCommand(upCommand(hms));
  program.addCommand(attachCommand());
  program.addCommand(statusCommand());
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
  program.addCommand(gateCommand());
  program.addCommand(policyCommand());
  program.addCommand(configCommand());
  program.addCommand(lsCommand());
  program.addCommand(downCommand());
  program.addCommand(demoCommand(hms));
  return program;
}

/** No command: the fleet of this folder, started when it is not running; the demo where there is none. */
async function home(hms: string, options: { as?: string; mode?: Mode }): Promise<void> {
  const file = await findFleetFile(process.cwd());
  if (!file) return playDemo(hms, {});
  const running = await runningSocket(file);
  const socket = running ?? (await up(file, hms)).paths.operatorSocket;
  await openConsole(socket, options);
}

/**
 * The socket of a fleet that runs already, found by the card it left, without reading the whole fleet file
 * again: an edited file must not keep people from their running fleet.
 */
async function runningSocket(file: string): Promise<string | undefined> {
  const name = /^fleet:\s*["']?([a-z][a-z0-9-]*)/m.exec(await readFile(file, 'utf8'))?.[1];
  if (!name) return undefined;
  const { operatorSocket } = fleetPaths(name, dirname(file));
  if (!existsSync(operatorSocket)) return undefined;
  return (await answers(operatorSocket)) ? operatorSocket : undefined;
}
