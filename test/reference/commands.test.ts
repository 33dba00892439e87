/** docs/reference/commands.md is made from the table of commands; `npm run docs` writes it anew. */
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';

function sections(command: Command, path: readonly string[]): readonly string[] {
  const name = [...path, command.name()];
  const help = command.createHelp();
  const usage = [
    name.join(' '),
    ...command.registeredArguments.map(a => argument(a.name(), a.required, a.variadic)),
  ];
  const rows = [
    ...command.registeredArguments.filter(a => a.description).map(a => [a.name(), a.description]),
    ...help.visibleOptions(command).map(o => [o.flags, o.description]),
  ];
  const table = rows.map(([left = '', right = '']) => `| \`${left.replaceAll('|', '\\|')}\` | ${right} |`);
  const own = [
    `${'#'.repeat(Math.min(4, name.length + 1))} ${name.join(' ')}`,
    '',
    command
      .description()
      .replace(/\.?$/, '.')
      .replace(/^./, c => c.toUpperCase()),
    '',
    `\`${usage.join(' ')}\``,
    ...(table.length > 0 ? ['', '| | |', '|---|---|', ...table] : []),
  ].join('\n');
  return [own, ...command.commands.flatMap(c => sections(c, name))];
}

function argument(name: string, required: boolean, variadic: boolean): string {
  const word = variadic ? `${name}...` : name;
  return required ? `<${word}>` : `[${word}]`;
}

test('docs/reference/commands.md is what the table of commands says', async () => {
  const program = (await buildProgram('hms')).name('hms');
  const text = `# Commands

\`hms\` and \`hms-tui\` are one program. Made from the table of commands by \`npm run docs\`.

${sections(program, []).join('\n\n')}
`;
  await expect(text).toMatchFileSnapshot('../../docs/reference/commands.md');
});
