/** `hms config`: check the fleet file, compare it with what is in force, print its JSON Schema. */
import { Command } from 'commander';
import { FleetFileError, type FleetIssue, issueText } from '../fleet/issue.ts';
import { findFleetFile, loadFleet, shownPath } from '../fleet/load.ts';
import { HmsError } from '../model/errors.ts';
import { print, printJson } from './output.ts';

export function configCommand(): Command {
  const command = new Command('config').description('check the fleet file, compare it, print its schema');
  command
    .command('check')
    .description('read a fleet file and say everything that is wrong with it')
    .argument('[file]', 'fleet file (default: hms.yaml here or above)')
    .option('--json', 'print {ok, file, fleet, agents, problems, warnings}')
    .action(async (given: string | undefined, options: { json?: boolean }) => {
      const report = await checkFile(given);
      if (options.json) printJson(report);
      else printReport(report);
      if (!report.ok) process.exitCode = 1;
    });
  command
    .command('diff')
    .description('what the fleet file changes against what is in force, or what is wrong with it')
    .argument('[file]', 'fleet file (default: hms.yaml here or above)')
    .option('--json', 'print {ok, same, change, problems}')
    .action(async (given: string | undefined, options: { json?: boolean }) => {
      const { configDiff } = await import('./config-diff.ts');
      await configDiff(await fileMeant(given), options.json ?? false);
    });
  command
    .command('schema')
    .description('print the JSON Schema of hms.yaml, for editors')
    .action(async () => {
      const { fleetSchemaText } = await import('../fleet/schema.ts');
      print(fleetSchemaText().trimEnd());
    });
  return command;
}

interface Report {
  readonly ok: boolean;
  /** As shown to people. */
  readonly file: string;
  readonly fleet: string;
  readonly agents: readonly string[];
  readonly problems: readonly FleetIssue[];
  readonly warnings: readonly FleetIssue[];
}

async function checkFile(given: string | undefined): Promise<Report> {
  const file = await fileMeant(given);
  try {
    const { config, agents, warnings } = await loadFleet(file);
    const names = agents.map(agent => agent.id);
    const shown = shownPath(file, process.cwd());
    return { ok: true, file: shown, fleet: config.fleet, agents: names, problems: [], warnings };
  } catch (error) {
    if (!(error instanceof FleetFileError)) throw error;
    return { ok: false, file: error.file, fleet: '', agents: [], problems: error.issues, warnings: [] };
  }
}

async function fileMeant(given: string | undefined): Promise<string> {
  const file = given ?? (await findFleetFile(process.cwd()));
  if (file !== undefined) return file;
  throw new HmsError('no-fleet-file', 'there is no hms.yaml here', 'name the file: hms config check FILE');
}

/** One line a problem, as compilers write them, so that editors find the places. */
function printReport(report: Report): void {
  for (const issue of report.problems) print(issueText(report.file, issue));
  for (const issue of report.warnings) print(`${issueText(report.file, issue)} [warning]`);
  if (report.ok) print(`${report.file}: fleet ${report.fleet}, ${report.agents.length} agents, no problems`);
}
