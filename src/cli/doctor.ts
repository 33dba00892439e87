/** `hms doctor`: whether everything is there and works, and what to do where it does not. */
import { Command } from 'commander';
import { wordsOf } from '../model/errors.ts';
import { neutralise, plural } from '../model/text.ts';
import { bad, type Check, type Surroundings } from './doctor/check.ts';
import { print, printJson } from './output.ts';

const MARK = { ok: '✓', warn: '▲', bad: '✖' } as const;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description(
      'look at everything a fleet needs, each with a remedy; exit code 1 when something does not work',
    )
    .option('--json', 'print {ok, checks: [{name, is, says, remedy}]}')
    .action(async (options: { json?: boolean }) => {
      const checks = await examine({ env: process.env, platform: process.platform });
      const works = checks.every(check => check.is !== 'bad');
      if (!works) process.exitCode = 1;
      if (options.json) return printJson({ ok: works, checks });
      for (const check of checks) print(lineOf(check));
      const [warns, bads] = (['warn', 'bad'] as const).map(is => checks.filter(c => c.is === is).length);
      print(`\n${plural(checks.length, 'check')}: ${bads} bad, ${warns} to know of`);
    });
}

async function examine(around: Surroundings): Promise<readonly Check[]> {
  const [programs, machine, { fleets }] = await Promise.all([
    import('./doctor/programs.ts'),
    import('./doctor/machine.ts'),
    import('./doctor/fleets.ts'),
  ]);
  const asked: readonly [string, () => Promise<readonly Check[]> | Promise<Check> | Check][] = [
    ['node', () => programs.node()],
    ['tmux', () => programs.tmux(around)],
    ['node-pty', () => programs.pty()],
    ['git', () => programs.git(around)],
    ['sandbox', () => programs.sandbox(around)],
    ['native-helper', () => programs.helper(around)],
    ['cargo', () => programs.cargo(around)],
    ['agents', () => programs.clients(around)],
    ['terminal', () => machine.terminal(around, process.stdout)],
    ['locale', () => machine.locale(around)],
    ['clock', () => machine.clock()],
    ['open-files', () => machine.files(around)],
    ['sensors', () => machine.sensors(around)],
    ['fleets', () => fleets(around)],
  ];
  const all = await Promise.all(asked.map(([name, check]) => sure(name, check)));
  return all.flat();
}

/** A check that fails says so and keeps no other from being made. */
async function sure(
  name: string,
  check: () => Promise<readonly Check[]> | Promise<Check> | Check,
): Promise<readonly Check[] | Check> {
  try {
    return await check();
  } catch (error) {
    return bad(
      name,
      `could not be looked at: ${wordsOf(error)}`,
      'this is a fault of hms-tui, or of the machine',
    );
  }
}

function lineOf({ name, is, says, remedy }: Check): string {
  const line = `${MARK[is]} ${name.padEnd(14)} ${neutralise(says)}`;
  return remedy === '' ? line : `${line}\n${' '.repeat(17)}→ ${neutralise(remedy)}`;
}
