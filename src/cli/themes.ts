/** `hms themes`: which there are, how one looks, what is wrong with one of your own. */
import { Command } from 'commander';
import type { LooksOptions } from './looks-report.ts';

export function themesCommand(): Command {
  const themes = new Command('themes').description('themes of the console: list, show, check');
  // The console's tables and the YAML reader are loaded only here: no other command needs them.
  themes
    .command('list', { isDefault: true })
    .description('every theme that can be chosen, yours included')
    .option('--json', 'print {folder, themes, problems}')
    .action(async (options: LooksOptions) => (await import('./themes-report.ts')).listThemes(options));
  themes
    .command('show')
    .description('every token of a theme: how it looks and what it means')
    .argument('<name>', 'theme')
    .option('--json', 'print {name, about, background, safeFor, styles}')
    .action(async (name: string, options: LooksOptions) =>
      (await import('./themes-report.ts')).showTheme(name, options),
    );
  themes
    .command('check')
    .description('say everything that is wrong with themes, and what may be hard to see')
    .argument('[files...]', 'themes (default: all of yours)')
    .option('--json', 'print {ok, files: [{file, problems, warnings}]}')
    .action(async (files: readonly string[], options: LooksOptions) =>
      (await import('./themes-report.ts')).checkThemes(files, options),
    );
  return themes;
}
