/** docs/reference/keys.md, from the table of commands. A test holds the page to it; `vitest -u` writes it. */
import { type Command, GROUPS } from './commands/command.ts';
import { keyName } from './key-names.ts';

const DANGER = { none: '', acts: 'acts', decides: 'decides' } as const;

function inCode(sequence: string): string {
  return sequence
    .split(' ')
    .map(key => `\`${keyName(key)}\``)
    .join(' then ');
}

function row(command: Command): string {
  const keys = command.keys.map(inCode).join(', ');
  return `| ${keys} | ${command.title} | ${command.help.replaceAll('|', '\\|')} | ${command.when.words} | ${DANGER[command.danger]} | \`${command.id}\` |`;
}

/** The page as Markdown. */
export function keysPage(commands: readonly Command[]): string {
  const groups = GROUPS.map(group => {
    const rows = commands.filter(c => c.group === group).map(row);
    return [
      `## ${group}`,
      '',
      '| keys | | what it does | where | | id |',
      '|---|---|---|---|---|---|',
      ...rows,
      '',
    ].join('\n');
  });
  return [
    '# Keys',
    '',
    'Every command of the console, from its one table. A command that cannot be used just now says why when its key is pressed.',
    'What *acts* changes something outside the console, what *decides* lets something run or refuses it; neither is ever',
    'triggered by a paste. While you type into an agent (collaborate mode), every key but `Ctrl-\\` goes to it.',
    '',
    ...groups,
  ].join('\n');
}
