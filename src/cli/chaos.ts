/** `hms chaos`: break the fleet on purpose, see what it does, and have everything taken back. */
import { Argument, Command, InvalidArgumentError } from 'commander';
import { CATALOGUE, FAULT_NAMES } from '../chaos/catalogue.ts';
import type { FaultName } from '../chaos/schema.ts';
import { refuseAgents } from './operator-link.ts';
import { print, printJson } from './output.ts';

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
}

const faultArgument = (form: string): Argument =>
  new Argument(form, 'what is broken: hms chaos new lists them').choices(FAULT_NAMES).argParser(faultName);

export function chaosCommand(): Command {
  const chaos = new Command('chaos').description(
    'break the fleet on purpose, see what it does, and have everything taken back',
  );
  chaos
    .command('new')
    .addArgument(faultArgument('[fault]').argOptional())
    .description('the catalogue of faults; with a fault, an experiment to begin with')
    .option('--target <target>', 'what it is done to: an agent, build*, random, engine, tmux, cell:NAME')
    .option('--from <file>', 'make one of a Chaos Toolkit experiment (JSON)')
    .option('-o, --out <file>', 'where to (default: standard output)')
    .option('--json', 'print as JSON')
    .action(
      async (
        fault: FaultName | undefined,
        options: Options & { target?: string; from?: string; out?: string },
      ) => {
        const { importExperiment, newExperiment, printCatalogue } = await import('./chaos-new.ts');
        if (options.from) return importExperiment(options.from, options);
        if (fault === undefined) return printCatalogue(options.json ?? false);
        return newExperiment(fault, options);
      },
    );
  chaos
    .command('validate')
    .argument('<files...>', 'experiments and game days, YAML or JSON')
    .description('read experiments and say everything that is wrong with them')
    .option('--json', 'print {ok, files}')
    .action(async (files: string[], { json }: Options) => validate(files, json ?? false));
  return chaos;
}

async function validate(files: readonly string[], json: boolean): Promise<void> {
  refuseAgents();
  const { readChaosFile } = await import('./chaos-file.ts');
  const all = await Promise.all(files.map(async file => ({ file, ...(await readChaosFile(file)) })));
  const ok = all.every(({ problems }) => problems.length === 0);
  if (!ok) process.exitCode = 1;
  if (json)
    return printJson({
      ok,
      files: all.map(({ file, day, experiments, problems }) => ({
        file,
        day: day?.title ?? '',
        experiments: experiments.map(({ shown, experiment }) => ({ file: shown, title: experiment.title })),
        problems,
      })),
    });
  for (const { file, day, experiments, problems } of all) {
    for (const problem of problems) print(problem);
    if (problems.length === 0)
      print(
        `${file}: ${day ? `${day.title}, ${experiments.length} experiments` : (experiments[0]?.experiment.title ?? '')}`,
      );
  }
}

function faultName(text: string): FaultName {
  const name = FAULT_NAMES.find(one => one === text.replaceAll('-', '_'));
  if (name !== undefined && Object.hasOwn(CATALOGUE, name)) return name;
  throw new InvalidArgumentError(`There is no fault ${text}. It is one of ${FAULT_NAMES.join(', ')}.`);
}
