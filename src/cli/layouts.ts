/** `hms layouts`: which there are, how one stands on a terminal of some size, what is wrong with one of your own. */
import { Command } from 'commander';
import type { ShowLayoutOptions } from './layouts-report.ts';
import type { LooksOptions } from './looks-report.ts';

export function layoutsCommand(): Command {
  const layouts = new Command('layouts').description('layouts of the console: list, show, check');
  layouts
    .command('list', { isDefault: true })
    .description('every layout that can be chosen, yours included')
    .option('--json', 'print {folder, layouts, problems}')
    .action(async (options: LooksOptions) => (await import('./layouts-report.ts')).listLayouts(options));
  layouts
    .command('show')
    .description('draw where the panes of a layout stand')
    .argument('<name>', 'layout')
    .option('--size <size>', 'columns x rows', '120x40')
    .option('--json', 'print {name, about, main, tmux, size, panes, left}')
    .action(async (name: string, options: ShowLayoutOptions) =>
      (await import('./layouts-report.ts')).showLayout(name, options),
    );
  layouts
    .command('check')
    .description('say everything that is wrong with layouts')
    .argument('[files...]', 'layouts (default: all of yours)')
    .option('--json', 'print {ok, files: [{file, problems, warnings}]}')
    .action(async (files: readonly string[], options: LooksOptions) =>
      (await import('./layouts-report.ts')).checkLayouts(files, options),
    );
  return layouts;
}
