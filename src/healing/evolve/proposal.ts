/** A challenger that has won on seeds it was not bred on becomes a proposal: data for people to agree to. */
import { GENES } from '../../model/genes.ts';
import { FaultClass, type StrategyName } from '../../model/healing.ts';
import { PLAYBOOK } from '../adapt/bandit.ts';
import { CATALOGUE } from '../simulate/catalogue.ts';
import type { Judged } from './fitness.ts';
import { type Genome, tuningOf } from './genome.ts';
import { changePct, type Interval, sum } from './paired.ts';

export interface Change {
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

export interface Proposal {
  readonly genome: Genome;
  readonly changes: readonly Change[];
  /** Expected change of cost in percent with its 95 % interval, on held-out seeds. */
  readonly gain: Interval;
  readonly afterShift: Interval;
  readonly evidence: {
    readonly seeds: number;
    /** Change in percent by fault, dearest first. */
    readonly byFault: Readonly<Record<string, number>>;
    readonly falseActs: readonly [before: number, after: number];
  };
}

/** What keeps a challenger from being proposed; nothing else does. */
export type Refusal = { readonly refused: string; readonly gain: Interval };

/** A class of faults may become so much dearer, percent; of those that cost a share of the whole worth a look. */
const REGRESSION_PCT = 2;
const WORTH_A_LOOK = 0.01;

/** @param incumbent and @param challenger judged on the same held-out seeds, in the same order */
export function challenge(
  genomes: { readonly incumbent: Genome; readonly challenger: Genome },
  incumbent: Judged,
  challenger: Judged,
): Proposal | Refusal {
  const proposal = compared(genomes, incumbent, challenger);
  const [refused] = objections(proposal);
  return refused === undefined ? proposal : { refused, gain: proposal.gain };
}

/** The same without a judgement: for what a person wants to see proposed. */
export function compared(
  genomes: { readonly incumbent: Genome; readonly challenger: Genome },
  incumbent: Judged,
  challenger: Judged,
): Proposal {
  const total = sum(incumbent.costs);
  const byFault: Record<string, number> = {};
  for (const [fault, cost] of Object.entries(incumbent.byFault).toSorted(([, a], [, b]) => b - a)) {
    if (cost < WORTH_A_LOOK * total) continue;
    byFault[fault] = (100 * ((challenger.byFault[fault] ?? 0) - cost)) / cost;
  }
  return {
    genome: genomes.challenger,
    changes: changesOf(genomes.incumbent, genomes.challenger),
    gain: changePct(incumbent.costs, challenger.costs),
    afterShift: changePct(incumbent.after, challenger.after),
    evidence: {
      seeds: incumbent.costs.length,
      byFault,
      falseActs: [incumbent.falseActs, challenger.falseActs],
    },
  };
}

/** `hangs in silence (F04)`. */
export function faultWords(id: string): string {
  if (id === 'none') return 'acts on agents with which nothing is wrong';
  const model = CATALOGUE.find(one => one.id === id);
  return model ? `${model.words} (${id})` : id;
}

/** What speaks against it. */
export function objections({ gain, evidence }: Proposal): readonly string[] {
  const dearer = Object.entries(evidence.byFault).toSorted(([, a], [, b]) => b - a);
  return [
    ...(gain.high >= 0 ? ['it is not surely better on seeds it was not bred on'] : []),
    ...dearer
      .filter(([, pct]) => pct > REGRESSION_PCT)
      .map(([fault, pct]) => `${faultWords(fault)} would cost ${pct.toFixed(1)} % more`),
  ];
}

/** What would be different, in words. */
export function changesOf(before: Genome, after: Genome): readonly Change[] {
  const [from, to] = [tuningOf(before), tuningOf(after)];
  const numbers = GENES.flatMap(({ name, words }): Change[] =>
    from[name] === to[name]
      ? []
      : [{ what: `${name}: ${words}`, from: String(from[name]), to: String(to[name]) }],
  );
  const rungs = (playbook: typeof from.playbook, fault: FaultClass): readonly StrategyName[] =>
    playbook[fault] ?? PLAYBOOK[fault];
  const playbooks = FaultClass.options.flatMap((fault): Change[] => {
    const [a, b] = [rungs(from.playbook, fault).join(', '), rungs(to.playbook, fault).join(', ')];
    return a === b ? [] : [{ what: `playbook for ${fault}`, from: a, to: b }];
  });
  return [...numbers, ...playbooks];
}
