/** `hms heal config`: what is said of restarts and healing, in other tools' words or for another level. */
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { Command, Option } from 'commander';
import { TOOLS, type Tool } from '../fleet/translate/tools.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import { HealingLevel } from '../model/healing.ts';
import { print, printJson } from './output.ts';
import { runningState } from './running-state.ts';

interface Options {
  readonly from?: Tool;
  readonly to?: HealingLevel;
  readonly fleet?: string;
  readonly json?: boolean;
}

export function configCommand(): Command {
  const config = new Command('config').description('how agents are healed, as fleet files say it');
  config
    .command('translate')
    .argument(
      '<file>',
      'a systemd unit, Kubernetes object, pm2 ecosystem file, supervisord or Compose file, or a fleet file',
    )
    .description(
      "other tools' restarts and probes in words of a fleet file, or a fleet file's at another level",
    )
    .addOption(new Option('--from <tool>', 'whose file it is, where that is not plain').choices(TOOLS))
    .addOption(
      new Option('--to <level>', 'the level that is meant (default: basic)').choices(HealingLevel.options),
    )
    .option('--fleet <fleet>', 'the fleet whose evolved numbers are carried over')
    .option('--json', 'print {from, to, agents}')
    .action(async (file: string, { from, to, fleet, json }: Options) => {
      const { translate, translationText } = await import('../fleet/translate/translate.ts');
      const { evolvedOf } = await import('../healing/evolve/in-force.ts');
      const text = await readText(file);
      const state = to === 'hybrid' ? await runningState({ fleet }) : undefined;
      const evolved = evolvedOf(state?.evolution ?? { tuning: null });
      const found = translate(text, nameOf(file), { from, to, evolved });
      if (json) printJson(found);
      else print(translationText(found).trimEnd());
    });
  return config;
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new HmsError('unreadable', `cannot read ${file}: ${wordsOf(error)}`, '', { cause: error });
  });
}

/** `worker` of `/etc/systemd/system/worker@1.service`. */
function nameOf(file: string): string {
  return basename(file, extname(file)).replace(/@.*$/, '') || 'agent';
}
