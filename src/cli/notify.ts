/** `hms notify`: whom is told of what, is your own file right, and does it reach anybody? */
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
const NONE = 'There are no rules: notifications are off.';

export function notifyCommand(): Command {
  const notify = new Command('notify').description(
    'notifications, as the fleet file and your own rules route them',
  );
  const fleetCommand = (name: string): Command =>
    notify
      .command(name)
      .option('--fleet <fleet>', 'name or folder')
      .option('--as <name>', 'operator')
      .option('--json', 'print as JSON');
  fleetCommand('list')
    .description('the rules in force: the fleet’s, then yours')
    .action((options: Options) => rules(options, false));
  fleetCommand('reload')
    .description('read your own rules again, and list what is in force then')
    .action((options: Options) => rules(options, true));
  notify
    .command('check')
    .description('read rules of your own and say everything that is wrong with them')
    .argument('[file]', 'rules (default: notifications.yaml in the configuration folder)')
    .option('--json', 'print {ok, file, problems}')
    .action(async (file: string | undefined, options: { json?: boolean }) =>
      (await import('./notify-check.ts')).checkRules(file, options.json ?? false),
    );
  fleetCommand('test')
    .argument('[rule]', 'one rule in force; all without it')
    .description('send a sample and say what became of it')
    .action(test);
  return notify;
}

function rules(options: Options, reload: boolean): Promise<void> {
  return withLink(options, async ({ client }) => {
    const inForce = await client.request('notify.rules', { reload });
    if (inForce.problems.length > 0) process.exitCode = 1;
    if (options.json) return printJson(inForce);
    const rows = inForce.rules.map(({ name, yours, when, agents, to }) => [
      `${yours ? '*' : ' '} ${name}`,
      `${when.join(', ')}${agents.length > 0 ? ` of ${agents.join(', ')}` : ''}`,
      oneLine(to.join(', '), 120),
    ]);
    if (rows.length === 0) say(NONE);
    else print(table(rows));
    const yours = inForce.rules.some(rule => rule.yours) ? '* yours, from' : 'yours would stand in';
    say(oneLine(`${yours} ${inForce.file}`, 400));
    if (inForce.hidden.length > 0) say(`yours instead of the fleet’s, or off: ${inForce.hidden.join(', ')}`);
    for (const problem of inForce.problems) say(oneLine(problem, 600));
  });
}

function test(rule: string | undefined, options: Options): Promise<void> {
  return withLink(options, async ({ client }) => {
    const given = rule === undefined ? {} : { rule };
    const { results } = await client.request('notify.test', given, { deadlineMs: PATIENCE_MS });
    if (options.json) printJson(results);
    else if (results.length === 0) say(NONE);
    else
      print(
        table(
          results.map(r => [r.rule, oneLine(r.channel, 80), r.ok ? 'ok' : 'FAILED', oneLine(r.detail, 200)]),
        ),
      );
    if (results.some(r => !r.ok)) process.exitCode = 1;
  });
}
