/** `hms heal undo` and `hms heal swap`: what healing did, taken back; another model or provider by hand. */
import { Command } from 'commander';
import { HmsError } from '../model/errors.ts';
import { IncidentId } from '../model/ids.ts';
import { oneLine } from '../model/text.ts';
import { agentId } from './agent-id.ts';
import { modeOption } from './attach.ts';
import { withLink } from './operator-link.ts';
import { print, printJson } from './output.ts';

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
  readonly back?: boolean;
}

/** Files are brought back and agents started: git may take its time in a big tree. */
const PATIENT = { deadlineMs: 120_000 };

const ofFleet = (name: string): Command =>
  new Command(name)
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .addOption(modeOption())
    .option('--json', 'print as JSON');

export function undoCommand(): Command {
  return ofFleet('undo')
    .argument('<incident>', 'its id')
    .description('take back what was done about it: files, another model, what was frozen to make room')
    .action((id: string, options: Options) =>
      withLink(options, async ({ client }) => {
        const incident = IncidentId.safeParse(id);
        if (!incident.success)
          throw new HmsError('unknown-incident', `there is no incident ${oneLine(id, 64)}`);
        const answer = (await client.request('remedy.undo', { incident: incident.data }, PATIENT)) as {
          undone: readonly string[];
        };
        if (options.json) printJson(answer);
        else for (const words of answer.undone) print(oneLine(words, 300));
      }),
    );
}

export function swapCommand(): Command {
  return ofFleet('swap')
    .argument('<agent>')
    .argument(
      '[alternative]',
      'one of healing.swap in the fleet file, by name; without one it says what is in force',
    )
    .option('--back', 'its own model and provider again')
    .description('have an agent go on with another model or provider, from its next start on')
    .action((id: string, to: string | undefined, options: Options) =>
      withLink(options, async ({ client, welcome: { state } }) => {
        const agent = agentId(id);
        if (to !== undefined || options.back) {
          await client.request('remedy.swap', { agent, to: options.back ? '' : (to ?? '') });
          if (options.json) printJson({ agent, to: options.back ? null : to });
          else
            print(
              `from its next start on (hms agent restart ${agent}), ${agent} has ${options.back ? 'its own' : to}`,
            );
          return;
        }
        const swapped = state.agents[agent]?.healing?.swapped;
        if (options.json) printJson({ agent, swapped: swapped ?? null });
        else if (!swapped) print(`${agent} has its own model and provider`);
        else {
          const until =
            swapped.until === 0 ? 'a person takes it back' : new Date(swapped.until).toISOString();
          print(`${agent} goes on with ${oneLine(swapped.to, 64)} until ${until}`);
        }
      }),
    );
}
