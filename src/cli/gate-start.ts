/** `hms gate …` without the rest of the command line, which agents' scripts would wait for at every step. */
import { doRun } from './gate-do.ts';

/** Runs `hms gate ARGV`. The usual form, `run [--note WORDS] -- COMMAND…`, does without the command framework too. */
export async function runGate(argv: readonly string[]): Promise<void> {
  const plain = plainRun(argv);
  if (plain) return doRun(plain.command, plain.note);
  const { gateCommand } = await import('./gate.ts');
  await gateCommand()
    .name('hms gate')
    .parseAsync([...argv], { from: 'user' });
}

/** The parts of the usual form; undefined for any other. */
export function plainRun(
  argv: readonly string[],
): { readonly command: readonly string[]; readonly note: string } | undefined {
  const [name, ...rest] = argv;
  const noted = rest[0] === '--note' && rest[1] !== undefined && rest[1] !== '--';
  const [dashes, ...command] = noted ? rest.slice(2) : rest;
  if (name !== 'run' || dashes !== '--' || command.length === 0) return undefined;
  return { command, note: noted ? (rest[1] ?? '') : '' };
}
