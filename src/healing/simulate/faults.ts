/** Which faults come when: drawn from the seed alone, whoever the policy is (common random numbers). */
import type { Millis } from '../../model/ids.ts';
import { normalQuantile, randomAt } from '../random.ts';
import { SAVED_EVERY_MS, type SimulatedAgent } from './agent.ts';
import type { FaultModel } from './catalogue.ts';

/** No outage is shorter, ms. */
const SHORTEST_MS = 1000;
/** No fault begins so soon after the last was over, ms. */
export const CALM_MS = 5000;
/** Agents that share a service, an account and a disk. */
export const GROUP = 4;

export interface FaultOptions {
  readonly seed: number;
  readonly agents: number;
  /** Mean time between two faults of one agent, ms. */
  readonly faultEveryMs: Millis;
  readonly catalogue: readonly FaultModel[];
}

/** What a draw is for: names its place in the table of random numbers. */
const DRAW = {
  wait: 1,
  kind: 2,
  organic: 3,
  saves: 5,
  sign: 6,
  cure: 7,
  lasts: 8,
  person: 9,
  spread: 10,
} as const;

export class Faults {
  readonly #options: FaultOptions;
  /** Running sums of shares by era: a fault that hits n agents at once begins 1/n as often. */
  readonly #sums: readonly (readonly number[])[];

  constructor(options: FaultOptions) {
    this.#options = options;
    this.#sums = [0, 1].map(era => {
      let sum = 0;
      return options.catalogue.map(({ share, hits }) => {
        const all = Math.min(
          options.agents,
          hits === 'fleet' ? options.agents : hits === 'group' ? GROUP : 1,
        );
        sum += (share[era] ?? 0) / all;
        return sum;
      });
    });
  }

  /** From the end of the last fault to the next, ms. */
  wait({ index }: SimulatedAgent, number: number): Millis {
    const { faultEveryMs, seed } = this.#options;
    return CALM_MS - faultEveryMs * Math.log(1 - randomAt(seed, index, number, DRAW.wait));
  }

  kind({ index }: SimulatedAgent, number: number, era: 0 | 1): FaultModel {
    const sums = this.#sums[era] ?? [];
    const drawn = (sums.at(-1) ?? 0) * randomAt(this.#options.seed, index, number, DRAW.kind);
    const model = this.#options.catalogue[sums.findIndex(sum => drawn < sum)];
    if (!model) throw new RangeError('the shares of the catalogue are all 0');
    return model;
  }

  /** After how long it goes away by itself, ms; Infinity for never. */
  organic({ organic }: FaultModel, { index }: SimulatedAgent, number: number): Millis {
    if (!organic) return Number.POSITIVE_INFINITY;
    return lasting(organic, randomAt(this.#options.seed, index, number, DRAW.organic));
  }

  /** How long it shows its sign before it takes hold, ms; undefined when it strikes unannounced. */
  announced({ sign }: FaultModel, { index }: SimulatedAgent, number: number): Millis | undefined {
    const { seed } = this.#options;
    if (!sign || randomAt(seed, index, number, DRAW.sign) >= sign.share) return undefined;
    return lasting(sign.lasts, randomAt(seed, index, number, DRAW.lasts));
  }

  /** How much later than the first it meets another agent of those it hits, ms. */
  spread(
    { spreadS = 0 }: FaultModel,
    { index }: SimulatedAgent,
    number: number,
    other: SimulatedAgent,
  ): Millis {
    if (spreadS === 0 || other.index === index) return 0;
    return (
      -1000 * spreadS * Math.log(1 - randomAt(this.#options.seed, index, number, DRAW.spread, other.index))
    );
  }

  /** How much work an agent does until it saves for the n-th time, ms. */
  untilSaved({ index }: SimulatedAgent, saves: number): Millis {
    const [least, most] = SAVED_EVERY_MS;
    return least + (most - least) * randomAt(this.#options.seed, index, saves, DRAW.saves);
  }

  /** The luck of the n-th try of a strategy against one fault: the same in every policy's world. */
  luck({ index }: SimulatedAgent, number: number, strategyAt: number, tries: number): number {
    return randomAt(this.#options.seed, index, number, DRAW.cure, strategyAt, tries);
  }

  /** How long the person takes who was asked, in [0, 1). */
  person({ index }: SimulatedAgent, number: number): number {
    return randomAt(this.#options.seed, index, number, DRAW.person);
  }
}

function lasting([medianS, sigma]: readonly [number, number], p: number): Millis {
  return Math.max(SHORTEST_MS, 1000 * medianS * Math.exp(sigma * normalQuantile(Math.max(p, 1e-9))));
}
