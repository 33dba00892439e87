/**
 * `hms heal simulate` and `hms heal replay`: what each level would do, in the simulated world that healing is tested in.
 * It is fitted to what the fleet has been through, where one runs.
 */
import { stderr } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { tuningOf } from '../healing/evolve/genome.ts';
import { genomeInForce } from '../healing/evolve/in-force.ts';
import { casesOf, classOf, fittedTo } from '../healing/evolve/seen.ts';
import type { FaultModel } from '../healing/simulate/catalogue.ts';
import { loopPolicy } from '../healing/simulate/loop-policy.ts';
import { type Summary, summaryOf } from '../healing/simulate/summary.ts';
import { World, type WorldOptions } from '../healing/simulate/world.ts';
import { HmsError } from '../model/errors.ts';
import { HealingConfig, HealingLevel } from '../model/healing.ts';
import type { FleetState } from '../model/state.ts';
import { plural, spanWords } from '../model/text.ts';
import { type Incident, incidentIn } from './incident-text.ts';
import { withLink } from './operator-link.ts';
import { print, printJson, table } from './output.ts';
import { runningState } from './running-state.ts';

const HOUR_MS = 3_600_000;
const FAULT_EVERY_MS = 600_000;

interface Options {
  readonly fleet?: string;
  readonly as?: string;
  readonly agents: number;
  readonly hours: number;
  readonly seeds: number;
  readonly json?: boolean;
}

const sized = (command: Command): Command =>
  command
    .option('--agents <n>', 'how many agents', from(1, 256), 16)
    .option('--hours <n>', 'how long, in simulated hours', from(1, 240), 8)
    .option('--seeds <n>', 'how many worlds; every level meets the same faults in them', from(1, 200), 5)
    .option('--fleet <fleet>', 'name or folder')
    .option('--as <name>', 'operator')
    .option('--json', 'print as JSON');

export function simulateCommand(): Command {
  return sized(new Command('simulate'))
    .description('what each level would cost, in a simulated fleet with the faults that this one has seen')
    .action(async (options: Options) => {
      const state = await runningState(options);
      const cases = casesOf(state?.healed ?? []);
      const levels = await summaries(options, fittedTo(cases), state);
      if (options.json) printJson({ fitted_to: cases.length, ...echo(options), levels: jsonOf(levels) });
      else print(`${setting(options, cases.length)}\n${textOf(levels)}`);
    });
}

export function replayCommand(): Command {
  return sized(new Command('replay'))
    .argument('<incident>', 'its id')
    .description('the trouble of an incident again and again, simulated: what each level would make of it')
    .action(async (id: string, options: Options) => {
      const state = await withLink(options, async ({ welcome }) => welcome.state);
      const incident = incidentIn(state, id);
      const cases = casesOf(state.healed);
      const models = alike(incident, fittedTo(cases));
      const levels = await summaries(options, models, state);
      const happened = 'closed' in incident ? { ms: incident.ms, result: incident.result } : null;
      if (options.json)
        printJson({
          incident: id,
          class: incident.class,
          happened,
          fitted_to: cases.length,
          ...echo(options),
          levels: jsonOf(levels),
        });
      else
        print(
          [
            `${id}  ${incident.agent}  ${incident.class}${happened ? `, over after ${spanWords(happened.ms)}: ${'outcome' in incident ? incident.outcome : ''}` : ''}`,
            setting(options, cases.length),
            textOf(levels),
          ].join('\n'),
        );
    });
}

/** Faults of the simulated world that the Loop would take for the same. Throws HmsError `not-simulated`. */
function alike({ class: kind, ladder }: Incident, catalogue: readonly FaultModel[]): readonly FaultModel[] {
  const fault = ladder?.rungs[0]?.fault ?? kind;
  const models = catalogue.filter(model => classOf(model) === fault);
  if (models.length > 0) return models;
  const known = [...new Set(catalogue.map(classOf).filter(one => one && one !== 'nothing'))];
  throw new HmsError('not-simulated', `the simulated world has no ${fault}`, `it has ${known.join(', ')}`);
}

async function summaries(
  options: Options,
  catalogue: readonly FaultModel[],
  state: FleetState | undefined,
): Promise<Readonly<Record<HealingLevel, Summary>>> {
  const tuning = tuningOf(genomeInForce(state?.evolution ?? { tuning: null }));
  const of = async (level: HealingLevel): Promise<Summary> => {
    const make = loopPolicy(HealingConfig.parse({ level }), tuning);
    const scores = [];
    for (let seed = 1; seed <= options.seeds; seed += 1) {
      if (stderr.isTTY) stderr.write(`\r\x1b[K${level}: world ${seed} of ${options.seeds}`);
      scores.push(new World(worldOf(options, catalogue, seed), make).run());
      // Ctrl-C is heard between two worlds.
      await setImmediate();
    }
    return summaryOf(scores);
  };
  const found = {
    basic: await of('basic'),
    hybrid: await of('hybrid'),
    evolutionary: await of('evolutionary'),
  };
  if (stderr.isTTY) stderr.write('\r\x1b[K');
  return found;
}

function worldOf({ agents, hours }: Options, catalogue: readonly FaultModel[], seed: number): WorldOptions {
  const durationMs = hours * HOUR_MS;
  return { agents, seed, durationMs, shiftAt: durationMs, faultEveryMs: FAULT_EVERY_MS, catalogue };
}

const echo = ({ agents, hours, seeds }: Options): object => ({ agents, hours, seeds });

function setting({ agents, hours, seeds }: Options, cases: number): string {
  const seen = cases > 0 ? `fitted to ${plural(cases, 'incident')} of this fleet` : 'as it is shipped';
  return `simulated: ${plural(agents, 'agent')}, ${plural(hours, 'hour')}, ${plural(seeds, 'world')} ${seen}`;
}

/** What scripts read. Stable: fields are added, never changed. */
function jsonOf(levels: Readonly<Record<HealingLevel, Summary>>): object {
  const entries = HealingLevel.options.map(level => {
    const { faults, costPerHour, availability, recoverS, ...rest } = levels[level];
    const told = {
      ...{ faults, availability, cost_s_per_hour: costPerHour, recover_s: recoverS },
      ...{ persons_per_day: rest.personsPerDay, wasted_starts_per_day: rest.wastedPerDay },
      false_acts_per_day: rest.falseActsPerDay,
    };
    return [level, told];
  });
  return Object.fromEntries(entries);
}

function textOf(levels: Readonly<Record<HealingLevel, Summary>>): string {
  const head = ['level', 'cost', 'up', 'over in p50', 'p95', 'people', 'in vain', 'false'];
  const rows = HealingLevel.options.map(level => {
    const { costPerHour, availability, recoverS, ...rest } = levels[level];
    return [
      level,
      costPerHour.toFixed(0),
      `${(100 * availability).toFixed(1)} %`,
      recoverS ? `${recoverS.p50.toFixed(1)} s` : '',
      recoverS ? `${recoverS.p95.toFixed(0)} s` : '',
      rest.personsPerDay.toFixed(1),
      rest.wastedPerDay.toFixed(1),
      rest.falseActsPerDay.toFixed(1),
    ];
  });
  const legend =
    'cost: seconds of work lost, an agent and hour; people had to come, starts were in vain, acts were on agents that were well: an agent and day';
  return `${table([head, ...rows])}\n${legend}`;
}

function from(least: number, most: number): (text: string) => number {
  return text => {
    const n = Number(text);
    if (Number.isInteger(n) && n >= least && n <= most) return n;
    throw new InvalidArgumentError(`A whole number from ${least} to ${most}, please.`);
  };
}
