/** `hms notify test`: does what the fleet file says reach anybody? */
import { Command } from 'commander';
import { oneLine } from '../model/text.ts';
import { withLink } from './operator-link.ts';
import { print, printJson, say, table } from './output.ts';

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
}

/** A webhook that does not answer is tried four times. */
const PATIENCE_MS = 120_000;

export function notifyCommand(): Command {
  const notify = new Command('notify').description('notifications, as the fleet file routes them');
  notify
    .command('test')
    .argument('[rule]', 'one rule of the fleet file; all without it')
    .description('send a sample and say what became of it')
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .option('--json', 'print as JSON')
    .action((rule: string | undefined, options: Options) =>
      withLink(options, async ({ client }) => {
        const given = rule === undefined ? {} : { rule };
        const { results } = await client.request('notify.test', given, { deadlineMs: PATIENCE_MS });
        if (options.json) printJson(results);
        else if (results.length === 0) say('There are no rules: notifications are off.');
        else
          print(
            table(
              results.map(r => [
                r.rule,
                oneLine(r.channel, 80),
                r.ok ? 'ok' : 'FAILED',
                oneLine(r.detail, 200),
              ]),
            ),
          );
        if (results.some(r => !r.ok)) process.exitCode = 1;
      }),
    );
  return notify;
}
