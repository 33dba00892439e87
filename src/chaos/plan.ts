/** An experiment and a fleet to exactly what will be done: who is meant, in which order, for how long. */

import type { PlannedFault } from '../model/chaos.ts';
import { HmsError } from '../model/errors.ts';
import type { Injection } from '../protocol/native.ts';
import { actionWords } from './catalogue.ts';
import { targetsOf } from './check.ts';
import { nativeFault } from './native-fault.ts';
import { randomFrom } from './random.ts';
import type { Action, Experiment } from './schema.ts';
import { mostTargets, resolveTargets, type TargetView } from './targets.ts';

/** One thing that will be broken. */
export interface PlannedStep {
  /** Place in the method. */
  readonly at: number;
  readonly action: Action;
  readonly fault: PlannedFault;
  /** For the native helper; undefined when the engine does it to one of its cells. */
  readonly injection: Injection | undefined;
}

interface PlanGiven {
  /** The run's id: `x-…`. */
  readonly id: string;
  readonly seed: number;
  readonly view: TargetView;
  absolute(path: string): string;
}

/** Throws HmsError `unknown-target`, `nothing-to-break` or `too-many-targets`. */
export function planSteps(
  experiment: Experiment,
  { id, seed, view, absolute }: PlanGiven,
): readonly PlannedStep[] {
  const random = randomFrom(seed);
  const steps: PlannedStep[] = [];
  for (const [at, action] of experiment.method.entries()) {
    if (action.type !== 'action') continue;
    const wanted = targetsOf(action);
    const targets = wanted.length === 0 ? [] : resolveTargets(wanted, view, random);
    checkBlast(targets, view, experiment);
    const name = `${id}.${steps.length + 1}`;
    const about = action.name
      ? `${action.name}: ${actionWords(action, targets)}`
      : actionWords(action, targets);
    const fault = nativeFault(action, absolute);
    steps.push({
      at,
      action,
      fault: {
        id: name,
        what: action.fault,
        targets: [...targets],
        forMs: action.for,
        about: about.slice(0, 400),
      },
      injection: fault && {
        id: name,
        fault,
        targets: [...targets],
        for_ms: action.for,
        seed: Math.floor(random() * 2 ** 32),
      },
    });
  }
  return steps;
}

function checkBlast(targets: readonly string[], { agents }: TargetView, { blast }: Experiment): void {
  const hit = targets.filter(target => agents.some(({ id }) => id === target)).length;
  const running = agents.filter(({ alive }) => alive).length;
  const most = mostTargets(running, blast.percent);
  if (hit <= most) return;
  throw new HmsError(
    'too-many-targets',
    `${hit} of ${running} agents at once is more than blast.percent, ${blast.percent} %, allows (${most})`,
    'name fewer, or raise blast.percent in the experiment',
  );
}
