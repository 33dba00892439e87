/** `hms chaos`: break the fleet on purpose, see what it does, and have everything taken back. */
import { Argument, Command, InvalidArgumentError } from 'commander';
import { CATALOGUE, FAULT_NAMES } from '../chaos/catalogue.ts';
import type { FaultName } from '../chaos/schema.ts';
import { modeOption } from './attach.ts';
import type { RunOptions } from './chaos-run.ts';
import { refuseAgents } from './operator-link.ts';
import { print, printJson } from './output.ts';

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly json?: boolean;
  readonly seed?: number;
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
    .option('--from <file>', 'make one of a Chaos Toolkit experiment (JSON or YAML)')
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
  ofFleet(chaos.command('plan'))
    .argument('<file>', 'an experiment or a game day')
    .description('dry run: exactly what would be done and taken back, and whether it would be refused now')
    .option('--seed <n>', 'for what is drawn', whole)
    .action(async (file: string, options: Options) => {
      const { experiments } = await read(file);
      await (await import('./chaos-run.ts')).planChaos(experiments, options);
    });
  running(ofFleet(chaos.command('run')))
    .argument('<file>', 'an experiment or a game day')
    .description('run it, once that has been agreed to; exits 0 when the steady state held')
    .action(async (file: string, options: RunOptions) => {
      const { day, experiments } = await read(file);
      const { runChaos } = await import('./chaos-run.ts');
      const whole = day && { title: day.title, pause: day.pause, stop: day['stop-on'] === 'deviated' };
      await runChaos(experiments, whole, options);
    });
  running(ofFleet(chaos.command('inject')))
    .addArgument(faultArgument('<fault>'))
    .argument('[fields...]', 'what else it is told: load=50 size=256mb')
    .description('break one thing now, without a steady state to hold')
    .option('--target <target>', 'what it is done to: an agent, build*, random, engine, tmux, cell:NAME')
    .option('--for <time>', 'for how long', '10s')
    .action(
      async (fault: FaultName, fields: string[], options: RunOptions & { target?: string; for: string }) => {
        const experiment = (await import('./chaos-inject.ts')).oneOff(fault, fields, options);
        await (await import('./chaos-run.ts')).runChaos([experiment], undefined, options);
      },
    );
  ofFleet(chaos.command('status'))
    .description('what is broken on purpose now, and what comes of it')
    .action(async (options: Options) => (await import('./chaos-show.ts')).status(options));
  ofFleet(chaos.command('halt'))
    .description('the kill switch: take everything back now, and break nothing more until it is lifted')
    .option('--lift', 'let experiments begin again')
    .option('--reason <words>', 'why; it goes on the record')
    .action(async (options: Options & { lift?: boolean; reason?: string }) =>
      (await import('./chaos-show.ts')).halt(options),
    );
  ofFleet(chaos.command('list'))
    .description(
      'experiments that were run, the newest first, and those in the folder chaos beside the fleet file',
    )
    .action(async (options: Options) => (await import('./chaos-show.ts')).list(options));
  ofFleet(chaos.command('report'))
    .argument('[experiment]', 'its id; the newest without one')
    .description('what came of an experiment, as Markdown')
    .action(async (id: string | undefined, options: Options) =>
      (await import('./chaos-show.ts')).report(id, options),
    );
  return chaos;
}

const ofFleet = (command: Command): Command =>
  command
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .option('--json', 'print as JSON');

const running = (command: Command): Command =>
  command
    .addOption(modeOption())
    .option('--seed <n>', 'for what is drawn', whole)
    .option('-y, --yes', 'agree without being asked')
    .option('--wait', 'ask nobody here: somebody agrees in a console');

async function read(file: string): Promise<import('./chaos-file.ts').ReadFile> {
  refuseAgents();
  return (await import('./chaos-file.ts')).needChaosFile(file);
}

function whole(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 32) return Number(text);
  throw new InvalidArgumentError('A whole number, please.');
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
