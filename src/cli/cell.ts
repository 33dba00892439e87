/** `hms cell`: the engine's own cells, how they are, and what can be done about one that is not well. */
import { Command } from 'commander';
import { HmsError } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';
import type { CellLook, CellOptimized, EngineLag } from '../protocol/answers.ts';
import { modeOption } from './attach.ts';
import { withLink } from './operator-link.ts';
import { print, printJson, say, table } from './output.ts';

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
}

const MARK = { healthy: '✔', degraded: '▲', failing: '✖', isolated: '○' } as const;

const ofFleet = (command: Command): Command =>
  command
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .option('--json', 'print as JSON');

export function cellCommand(): Command {
  const cell = new Command('cell').description("the engine's own cells: their health, repair and parameters");
  ofFleet(cell.command('list', { isDefault: true }))
    .description('every cell with its health, asked of it now')
    .action((options: Options) =>
      withLink(options, async ({ client }) => {
        const { cells, lag } = await client.request('cell.list', {});
        if (options.json) printJson({ cells, lag });
        else print(`${table(cells.map(rowOf))}\n${lagWords(lag)}`);
      }),
    );
  ofFleet(cell.command('check'))
    .argument('[cell]', 'its name; all of them without one')
    .description('ask for health, and exit with 1 when a cell fails or stands aside')
    .action((name: string | undefined, options: Options) =>
      withLink(options, async ({ client }) => {
        const all = (await client.request('cell.list', {})).cells;
        const cells = name === undefined ? all : all.filter(one => one.cell === name);
        if (cells.length === 0) throw unknown(name ?? '', all);
        if (options.json) printJson({ cells });
        else print(table(cells.map(rowOf)));
        const ill = cells.some(({ health }) => health.state === 'failing' || health.state === 'isolated');
        if (ill) process.exitCode = 1;
      }),
    );
  ofFleet(cell.command('repair'))
    .argument('<cell>')
    .addOption(modeOption())
    .description('have a cell that is not well made anew from the state; one that is well is left alone')
    .action((name: string, options: Options) =>
      withLink(options, async ({ client }) => {
        const repaired = await client.request('cell.repair', { cell: name }, { deadlineMs: REPAIR_MS });
        if (options.json) printJson({ cell: name, ...repaired });
        else {
          print(`${name}: ${repaired.words}`);
          if (repaired.request) say(`${repaired.request} waits for an answer: hms approvals`);
        }
      }),
    );
  ofFleet(cell.command('optimize'))
    .argument('[cell]', 'its name; all of them without one')
    .description('what a cell would set otherwise and what that would bring; sets nothing')
    .action((name: string | undefined, options: Options) =>
      withLink(options, async ({ client }) => {
        const { cells } = await client.request('cell.optimize', name === undefined ? {} : { cell: name });
        if (options.json) printJson({ cells });
        else print(proposals(cells));
      }),
    );
  return cell;
}

/** Longer than the engine waits for what a cell has under way, ms. */
const REPAIR_MS = 20_000;

function rowOf({ cell, health: { state, words }, lives }: CellLook): readonly string[] {
  return [cell, `${MARK[state]} ${state}`, lives > 1 ? `made ${lives} times` : '', oneLine(words, 160)];
}

function lagWords({ lastMs, times }: EngineLag): string {
  const longer = times > 1 ? `; it gives others ${times} times as long` : '';
  return `the engine came ${lastMs} ms late to its own work at most, in the last second${longer}`;
}

function proposals(cells: readonly CellOptimized[]): string {
  const found = cells.flatMap(({ cell, proposal }) => (proposal ? [{ cell, ...proposal }] : []));
  if (found.length === 0) return 'nothing stands out: no cell would set anything otherwise';
  return found
    .map(({ cell, parameter, from, to, gain, evidence }) =>
      [`${cell}: ${parameter} ${from} → ${to}`, `  ${gain}`, `  because ${evidence}`].join('\n'),
    )
    .join('\n');
}

function unknown(name: string, cells: readonly CellLook[]): HmsError {
  const known = cells.map(({ cell }) => cell).join(', ');
  return new HmsError('unknown-cell', `there is no cell ${name}`, `the cells are ${known}`);
}
