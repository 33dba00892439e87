/** `hms reload`: shows what a changed fleet file changes, and puts it in force. */
import { Command } from 'commander';
import type { FleetChange } from '../model/change.ts';
import { changeLines } from '../model/change-lines.ts';
import type { ConfigState } from '../model/state.ts';
import { neutralise } from '../model/text.ts';
import { asked } from './ask.ts';
import { withLink } from './operator-link.ts';
import { print, printJson, say } from './output.ts';

interface Options {
  readonly as?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

interface Report {
  readonly is: 'same' | 'refused' | 'proposed' | 'applied';
  readonly revision: string;
  readonly change: FleetChange;
  readonly problems: readonly string[];
}

const NO_CHANGE: FleetChange = { agents: [], fleet: [] };

export function reloadCommand(): Command {
  return new Command('reload')
    .description('show what the changed fleet file changes, and put it in force when you agree')
    .argument('[fleet]', 'name or folder')
    .option('-y, --yes', 'agree without being asked')
    .option('--json', 'print {is, revision, change, problems}; applies only with --yes')
    .option('--as <name>', 'operator')
    .action((fleet: string | undefined, options: Options) =>
      withLink({ fleet, as: options.as }, async ({ client, welcome }) => {
        const { proposal } = (await client.request('fleet.look', {})) as Pick<ConfigState, 'proposal'>;
        if (proposal?.is !== 'proposed') {
          const problems = proposal?.problems ?? [];
          const is = proposal ? 'refused' : 'same';
          if (proposal) process.exitCode = 1;
          return tell({ is, revision: welcome.state.config.revision, change: NO_CHANGE, problems }, options);
        }
        const { revision, change } = proposal;
        const shown: Report = { is: 'proposed', revision, change, problems: [] };
        if (!options.json) tell(shown, options);
        const agreed = options.yes || (!options.json && (await asked('Put it in force? [y/N] ', false)));
        if (!agreed) {
          if (options.json) tell(shown, options);
          process.exitCode = 1;
          return say('Nothing has changed. hms reload --yes puts it in force.');
        }
        await client.request('fleet.reload', { revision }, { deadlineMs: APPLY_WITHIN_MS });
        if (options.json) tell({ ...shown, is: 'applied' }, options);
        else say('It is in force.');
      }),
    );
}

/** Agents are stopped politely, one after the other. */
const APPLY_WITHIN_MS = 120_000;

function tell(report: Report, { json }: Options): void {
  if (json) {
    printJson(report);
    return;
  }
  if (report.is === 'same') print('The fleet file says what is in force.');
  for (const problem of report.problems) print(neutralise(problem));
  for (const { text } of changeLines(report.change)) print(text);
}
