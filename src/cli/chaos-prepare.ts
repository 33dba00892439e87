/** An experiment before anything is broken: who is meant, what the native helper would do, whether it would refuse. */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { type Helper, revertWords } from '../chaos/helper.ts';
import { type PlannedStep, planSteps } from '../chaos/plan.ts';
import { watched } from '../chaos/watch.ts';
import { readEndpoints } from '../fleet/endpoints.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import { ExperimentId } from '../model/chaos.ts';
import { oneLine, spanWords } from '../model/text.ts';
import type { Plan } from '../protocol/native.ts';
import type { ReadExperiment } from './chaos-file.ts';
import type { ChaosLink } from './chaos-link.ts';
import { openHelper } from './chaos-native.ts';
import { scopeOf } from './chaos-scope.ts';
import { print, say } from './output.ts';

/** A runner that says nothing for so long has hung: the helper takes everything back, ms. */
const LEASE_MS = 2000;

/** What is known before anything is broken. */
export interface Prepared {
  readonly read: ReadExperiment;
  readonly id: string;
  readonly seed: number;
  readonly steps: readonly PlannedStep[];
  /** By fault; the engine's own have none. */
  readonly plans: ReadonlyMap<string, Plan>;
  readonly helper: Helper | undefined;
}

export async function prepare(
  link: ChaosLink,
  paths: FleetPaths,
  read: ReadExperiment,
  wanted?: number,
): Promise<Prepared> {
  const { experiment } = read;
  const seed = wanted ?? experiment.seed ?? randomBytes(4).readUInt32LE();
  const id = ExperimentId.parse(`x-${randomBytes(5).toString('hex')}`);
  const agents = link.state.order.flatMap(name => link.state.agents[name] ?? []);
  const steps = planSteps(experiment, {
    id,
    seed,
    view: { agents },
    absolute: path => resolve(paths.dir, path),
  });
  const native = steps.some(({ injection }) => injection !== undefined);
  const proxies = experiment.proxies;
  const needed = native || Object.keys(proxies).length > 0;
  const opened = needed ? await openHelper({ proxies, folder: paths.run, log: say }) : undefined;
  const helper = opened?.helper;
  const endpoints = Object.entries(await readEndpoints(paths)).map(([name, { agent, control }]) => ({
    name,
    control,
    target: agent,
  }));
  const plans = new Map<string, Plan>();
  try {
    const recovered = await helper?.open(
      scopeOf({
        state: link.state,
        paths,
        experiment,
        hit: hitBy(steps),
        leaseMs: LEASE_MS,
        proxies: [...(opened?.proxies ?? []), ...endpoints],
      }),
    );
    for (const state of recovered ?? [])
      say(
        `Left over from before: ${state.id} ${state.phase}${state.residues.length > 0 ? `, left: ${oneLine(state.residues.join(', '), 200)}` : ''}`,
      );
    for (const { injection } of steps)
      if (injection && helper) plans.set(injection.id, await helper.plan(injection));
    return { read, id, seed, steps, plans, helper };
  } catch (error) {
    helper?.close();
    throw error;
  }
}

/** Names of everything the plan hits. */
export function hitBy(steps: readonly PlannedStep[]): ReadonlySet<string> {
  return new Set(steps.flatMap(({ fault }) => fault.targets));
}

export function refusals({ plans }: Prepared): readonly { readonly why: string; readonly remedy: string }[] {
  return [...plans.values()]
    .filter(({ refused }) => refused !== '')
    .map(({ refused, remedy }) => ({ why: refused, remedy }));
}

export function planJson({ read, id, seed, steps, plans }: Prepared): object {
  return {
    experiment: id,
    title: read.experiment.title,
    file: read.shown,
    seed,
    faults: steps.map(({ fault }) => ({ ...fault, plan: plans.get(fault.id) ?? null })),
  };
}

export function printPlan({ read, seed, steps, plans }: Prepared): void {
  const { experiment } = read;
  print(`${oneLine(experiment.title, 200)}  (seed ${seed})`);
  for (const { probe, wanted } of watched(experiment))
    print(`  steady   ${oneLine(`${probe.name}: ${wanted}`, 200)}`);
  for (const { fault } of steps) {
    const plan = plans.get(fault.id);
    print(`  break    ${fault.about}`);
    for (const effect of plan?.effects ?? ['the engine keeps its events back'])
      print(`             ${oneLine(effect, 200)}`);
    for (const revert of plan ? revertWords(plan) : ['by the engine: a timer of its own'])
      print(`  back     ${revert}`);
    if (plan?.privileged) print('             it needs root, and has it');
    print(`             at the latest after ${spanWords(plan?.ends_within_ms ?? fault.forMs)}`);
    if (plan && plan.refused !== '')
      print(
        `  REFUSED  ${oneLine(plan.refused, 300)}${plan.remedy ? ` (${oneLine(plan.remedy, 200)})` : ''}`,
      );
  }
}
