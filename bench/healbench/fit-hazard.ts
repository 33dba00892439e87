/**
 * Fits the weights of the hazard (src/healing/predict) by logistic regression on the train seeds, and says how well they
 * are calibrated on seeds it was not fitted on (31 to 40; those of the bench are never looked at):
 *
 *   node bench/healbench/fit-hazard.ts
 *
 * The hybrid level heals meanwhile; every look at an agent that works is an example: its features, and whether a fault
 * that announces itself, or strikes unannounced, takes hold within the horizon.
 */
import { stdout } from 'node:process';
import { DriverMemory } from '../../src/healing/adapt/memory.ts';
import type { Look } from '../../src/healing/detector.ts';
import { Picture } from '../../src/healing/picture.ts';
import { chanceOf } from '../../src/healing/predict/hazard.ts';
import { FEATURES, HORIZON_MS, Signs } from '../../src/healing/predict/signs.ts';
import type { SimulatedAgent } from '../../src/healing/simulate/agent.ts';
import { isHealthy } from '../../src/healing/simulate/catalogue.ts';
import type { MakePolicy } from '../../src/healing/simulate/policy.ts';
import { World, type WorldOptions } from '../../src/healing/simulate/world.ts';
import { TUNING } from '../../src/healing/tuning.ts';
import { HealingConfig } from '../../src/model/healing.ts';
import { OURS } from './policies.ts';

interface Example {
  readonly features: readonly number[];
  readonly at: number;
  readonly agent: string;
  fails: boolean;
}

const SETTING: Omit<WorldOptions, 'seed'> = {
  agents: 16,
  durationMs: 7_200_000,
  shiftAt: 3_600_000,
  faultEveryMs: 600_000,
};
/** Ridge, so that what is never seen weighs nothing. */
const RIDGE = 1e-3;
const config = HealingConfig.parse({ level: 'hybrid' });

function examplesOf(seed: number): readonly Example[] {
  const examples: Example[] = [];
  const world: World = new World(
    { ...SETTING, seed },
    looking(examples, name => world.truthOf(name)),
  );
  world.run();
  return examples;
}

function looking(
  examples: Example[],
  truth: (agent: string) => Readonly<SimulatedAgent> | undefined,
): MakePolicy {
  return (hands, agents, random) => {
    const memory = new DriverMemory(1);
    const healing = OURS.hybrid(hands, agents, random);
    const eyes = new Map(
      agents.map(name => [name, { picture: new Picture(), signs: new Signs(TUNING.minDeviation, memory) }]),
    );
    return {
      ...healing,
      signal(name, signal, now) {
        const eye = eyes.get(name);
        const agent = truth(name);
        if (eye && agent) {
          eye.picture.see(signal, now);
          const look: Look = { picture: eye.picture, config, now, lag: 1, troubled: healing.handles(name) };
          if (signal.signal === 'exited' || signal.signal === 'error') memory.failed(now);
          eye.signs.see(signal, look);
          const { condition } = agent;
          const failed = condition && !isHealthy(condition.model) && now >= condition.holdsAt;
          const works = agent.alive && !agent.waiting && !failed;
          if (signal.signal === 'resources' && works && !healing.handles(name)) {
            const features = eye.signs.features(look, eye.signs.exhaustion(look));
            examples.push({ features, at: now, agent: name, fails: willFail(agent, now) });
          }
        }
        return healing.signal(name, signal, now);
      },
    };
  };
}

/** A fault that shows a sign takes hold in time. What has taken hold is no example. */
function willFail({ condition }: Readonly<SimulatedAgent>, now: number): boolean {
  return (
    condition !== undefined &&
    !isHealthy(condition.model) &&
    now < condition.holdsAt &&
    condition.holdsAt - now <= HORIZON_MS
  );
}

/** Newton's method on the penalised log-likelihood. */
function fitted(examples: readonly Example[]): number[] {
  const size = FEATURES.length + 1;
  let weights = Array<number>(size).fill(0);
  for (let round = 0; round < 25; round += 1) {
    const gradient = weights.map(weight => -RIDGE * weight * examples.length);
    const hessian = weights.map((_, at) =>
      Array.from({ length: size }, (__, other) => (at === other ? RIDGE * examples.length : 0)),
    );
    for (const { features, fails } of examples) {
      const p = chanceOf(features, weights);
      const x = [1, ...features];
      for (let at = 0; at < size; at += 1) {
        gradient[at] = (gradient[at] ?? 0) + ((fails ? 1 : 0) - p) * (x[at] ?? 0);
        const row = hessian[at] ?? [];
        for (let other = 0; other < size; other += 1)
          row[other] = (row[other] ?? 0) + p * (1 - p) * (x[at] ?? 0) * (x[other] ?? 0);
      }
    }
    const move = solve(hessian, gradient);
    weights = weights.map((weight, at) => weight + (move[at] ?? 0));
    if (Math.max(...move.map(Math.abs)) < 1e-6) break;
  }
  return weights;
}

/** Gauss and Jordan; the matrix is positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at] ?? 0]);
  for (const [at, pivot] of rows.entries()) {
    const by = pivot[at] ?? 1;
    for (let column = 0; column < pivot.length; column += 1) pivot[column] = (pivot[column] ?? 0) / by;
    for (const row of rows) {
      if (row === pivot) continue;
      const times = row[at] ?? 0;
      for (let column = 0; column < row.length; column += 1)
        row[column] = (row[column] ?? 0) - times * (pivot[column] ?? 0);
    }
  }
  return rows.map(row => row.at(-1) ?? 0);
}

const seeds = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);

const weights = fitted(seeds(1, 30).flatMap(examplesOf));
stdout.write(`intercept, ${FEATURES.join(', ')}\n${weights.map(weight => weight.toFixed(2)).join(', ')}\n`);
const held = seeds(31, 40).flatMap(examplesOf);
const BINS = 10;
for (let bin = 0; bin < BINS; bin += 1) {
  const some = held.filter(
    ({ features }) => Math.min(BINS - 1, Math.floor(BINS * chanceOf(features, weights))) === bin,
  );
  const mean = some.reduce((sum, { features }) => sum + chanceOf(features, weights), 0) / some.length;
  const failed = some.filter(({ fails }) => fails).length / some.length;
  stdout.write(
    `said ${(100 * mean).toFixed(1)} %, failed ${(100 * failed).toFixed(1)} % of ${some.length}\n`,
  );
}
