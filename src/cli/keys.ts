/** `hms keys`: the keys of the console as they are for this person, and what is wrong with a keymap. */
import { Command } from 'commander';
import type { KeysOptions } from './keys-report.ts';

export function keysCommand(): Command {
  const keys = new Command('keys').description('keys of the console: list them, check a keymap');
  // The console's table is loaded only here: no other command needs it.
  keys
    .command('list', { isDefault: true })
    .description('every command with its keys as they are for you, by the name a keymap gives it')
    .option('--json', 'print {file, keys, problems}')
    .action(async (options: KeysOptions) => (await import('./keys-report.ts')).listKeys(options));
  keys
    .command('check')
    .description('read a keymap and say everything that is wrong with it')
    .argument('[file]', 'keymap (default: keys.yaml in the configuration folder, or HMS_KEYS)')
    .option('--json', 'print {ok, file, problems}')
    .action(async (file: string | undefined, options: KeysOptions) =>
      (await import('./keys-report.ts')).checkKeys(file, options),
    );
  return keys;
}
