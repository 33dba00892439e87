/** `hms worktree snapshots | snapshot | restore`: the files of agents' own trees, as they were. */
import { Command, InvalidArgumentError } from 'commander';
import type { SnapshotState } from '../model/snapshot.ts';
import { oneLine } from '../model/text.ts';
import { agentId } from './agent-id.ts';
import { asked } from './ask.ts';
import { withLink } from './operator-link.ts';
import { print, printJson, say, table } from './output.ts';

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** git may take its time in a big tree. */
const PATIENT = { deadlineMs: 120_000 };

const command = (name: string): Command =>
  new Command(name)
    .argument('<agent>')
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .option('--json', 'print as JSON');

export function snapshotsCommand(): Command {
  return command('snapshots')
    .description('how its files were when it was well, the newest first')
    .action((id: string, options: Options) =>
      withLink(options, async ({ client }) => {
        const agent = agentId(id);
        const answer = (await client.request('remedy.snapshots', { agent })) as {
          snapshots: readonly SnapshotState[];
          problem: string;
        };
        if (options.json) return printJson({ agent, ...answer });
        if (answer.snapshots.length === 0) print(`there is no snapshot of ${agent}'s tree`);
        else
          print(
            table(
              answer.snapshots.map(({ number, at, is, commit, detail }) => [
                String(number),
                new Date(at).toISOString(),
                is,
                commit.slice(0, 12),
                oneLine(detail, 100),
              ]),
            ),
          );
        if (answer.problem) say(`the last one was not taken: ${oneLine(answer.problem, 300)}`);
      }),
    );
}

export function snapshotCommand(): Command {
  return command('snapshot')
    .description('take one now')
    .action((id: string, options: Options) =>
      withLink(options, async ({ client }) => {
        const agent = agentId(id);
        const answer = (await client.request('remedy.snapshot', { agent }, PATIENT)) as {
          snapshot: number | null;
        };
        if (options.json) printJson({ agent, ...answer });
        else if (answer.snapshot === null) print('nothing has changed since the last one');
        else print(`snapshot ${answer.snapshot} of ${agent}'s tree`);
      }),
    );
}

export function restoreCommand(): Command {
  return command('restore')
    .argument('<snapshot>', 'its number', numberOf)
    .option('-y, --yes', 'agree without being asked')
    .description(
      'bring its files back to a snapshot; as they are now is kept as one more. It is started again if it runs',
    )
    .action((id: string, snapshot: number, options: Options) =>
      withLink(options, async ({ client }) => {
        const agent = agentId(id);
        if (
          !options.yes &&
          !(await asked(`Bring the files of ${agent} back to ${snapshot}? [y/N] `, false))
        ) {
          process.exitCode = 1;
          return say(`Nothing has changed. hms worktree restore ${agent} ${snapshot} --yes does it.`);
        }
        const answer = (await client.request('remedy.restore', { agent, snapshot }, PATIENT)) as {
          done: string;
        };
        if (options.json) printJson({ agent, snapshot, ...answer });
        else print(oneLine(answer.done, 300));
      }),
    );
}

function numberOf(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It is a number, as hms worktree snapshots lists it.');
}
