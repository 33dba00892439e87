/** docs/reference/keys.md, from the table of commands. A test holds the page to it; `vitest -u` writes it. */
import { type Command, GROUPS } from './commands/command.ts';

const DANGER = { none: '', acts: 'acts', decides: 'decides' } as const;

/** Names keys as they are written on keyboards. */
function keyName(key: string): string {
  return key
    .split(' ')
    .map(k => `\`${NAMES[k] ?? k.replace(/^ctrl-(.+)$/, (_, c: string) => `Ctrl-${c}`)}\``)
    .join(' then ');
}

const NAMES: Readonly<Record<string, string>> = {
  enter: 'Enter',
  esc: 'Esc',
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  home: 'Home',
  end: 'End',
  pageup: 'PageUp',
  pagedown: 'PageDown',
  delete: 'Delete',
  f1: 'F1',
};

function row(command: Command): string {
  const keys = command.keys.map(keyName).join(', ');
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
