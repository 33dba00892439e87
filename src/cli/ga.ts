/** `hms ga`: evolution of what the level evolutionary runs on. */
import { Command, InvalidArgumentError } from 'commander';
import { modeOption } from './attach.ts';

const ofFleet = (command: Command): Command =>
  command
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .option('--json', 'print as JSON');

const DIR = 'a folder of its own for what is evolved, instead of a fleet';

export function gaCommand(): Command {
  const ga = new Command('ga').description(
    'evolve what the healing level evolutionary runs on: in simulation, and by consent in the fleet',
  );
  ofFleet(ga.command('status', { isDefault: true }))
    .option('--dir <folder>', DIR)
    .description('how far it is, what is in force, what is being tried, and when it goes on')
    .action(async options => (await import('./ga-show.ts')).status(options));
  ofFleet(ga.command('evolve'))
    .option('--steps <n>', 'generations; 10 when nothing is said', whole, 10)
    .option('--seed <n>', 'for what is drawn, where nothing is kept yet', whole)
    .option('--dir <folder>', DIR)
    .addOption(modeOption())
    .description('evolve now; Ctrl-C keeps what was done. What wins becomes a proposal in the approval queue')
    .action(async options => (await import('./ga-evolve.ts')).evolveNow(options));
  ofFleet(ga.command('archive'))
    .option('--dir <folder>', DIR)
    .description('the best of every way to behave: by acts on well agents and by tokens')
    .action(async options => (await import('./ga-show.ts')).archive(options));
  ofFleet(ga.command('propose'))
    .option('--cell <row,column>', 'what is there in the archive, instead of the best', place)
    .addOption(modeOption())
    .description('have it judged on seeds it was not bred on, and people asked about it')
    .action(async options => (await import('./ga-evolve.ts')).proposeNow(options));
  ofFleet(ga.command('rollback'))
    .option('--reason <words>', 'why; it goes on the record')
    .addOption(modeOption())
    .description('take back the tuning that is being tried, or else the one that was promoted last')
    .action(async options => (await import('./ga-evolve.ts')).rollback(options));
  return ga;
}

function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A whole number, please.');
}

function place(text: string): readonly [number, number] {
  const [, row, column] = /^(\d{1,2}),(\d{1,2})$/.exec(text) ?? [];
  if (row !== undefined && column !== undefined) return [Number(row), Number(column)];
  throw new InvalidArgumentError('A row and a column, as hms ga archive shows them: 0,3.');
}
