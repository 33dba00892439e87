/**
 * The simulated world fitted to one fleet: its catalogue, with each fault as frequent and as curable as incidents of the
 * fleet say. Few incidents say little, so what is assumed counts as some of them (Dirichlet and Beta posteriors, by their
 * means); and each seed sees another bootstrap sample of them (Efron 1979), so that what evolves does not lean on one.
 */

import * as z from 'zod';
import { FaultClass, StrategyName } from '../../model/healing.ts';
import type { ClosedIncident } from '../../model/incident-state.ts';
import { randomAt } from '../random.ts';
import { CATALOGUE, type FaultModel, isHealthy } from '../simulate/catalogue.ts';

/** What one incident says: which fault it was, or that nothing was wrong; what cured it; or how long it lasted by itself. */
export const Case = z.strictObject({
  fault: z.union([FaultClass, z.literal('nothing')]),
  tries: z
    .array(z.strictObject({ strategy: StrategyName, cured: z.boolean() }))
    .max(64)
    .readonly(),
  lastedS: z.number().positive().optional(),
});
export type Case = z.infer<typeof Case>;

/** Incidents that the catalogue's shares count as, and tries that each of its chances does. */
const SHARES_COUNT = 20;
const CHANCE_COUNTS = 8;
/** The same for the median time after which a fault goes away. */
const LASTING_COUNTS = 8;
/** Place of the bootstrap in the table of random numbers. */
const DRAW = 31;

/** Those that healing saw to and that were not just let go. */
export function casesOf(incidents: readonly ClosedIncident[]): readonly Case[] {
  return incidents.flatMap(({ class: kind, result, ladder, ms }): Case[] => {
    const fault = FaultClass.safeParse(ladder?.rungs[0]?.fault ?? kind);
    if (!ladder || result === null || result === 'closed') return [];
    if (result === 'false-alarm') return [{ fault: 'nothing', tries: [] }];
    if (!fault.success) return [];
    const tries = ladder.rungs.flatMap(rung =>
      rung.strategy === 'wait' || rung.result === null || rung.result === 'refused'
        ? []
        : [{ strategy: rung.strategy, cured: rung.result === 'recovered' }],
    );
    const lasted = result === 'organic' && ms > 0 ? { lastedS: ms / 1000 } : {};
    return [{ fault: fault.data, tries: tries.slice(0, 64), ...lasted }];
  });
}

/** As which class of faults the Loop sees those of the catalogue that are any. */
const CLASSES: Readonly<Record<string, FaultClass>> = {
  F01: 'crash',
  F02: 'dependency',
  F03: 'crash-loop',
  F04: 'hang',
  F05: 'busy',
  F06: 'storm',
  F07: 'slow',
  F08: 'leak',
  F10: 'rate-limit',
  F11: 'overload',
  F12: 'hang',
  F13: 'disk-full',
  F14: 'fd-exhausted',
  F15: 'lost',
  F16: 'crash',
};

/** undefined for one that no class of faults is. */
export function classOf(model: FaultModel): Case['fault'] | undefined {
  return isHealthy(model) ? 'nothing' : CLASSES[model.id];
}

/** As many cases again, drawn with replacement: the same for the same seed. */
export function resampled(cases: readonly Case[], seed: number): readonly Case[] {
  return cases.flatMap((_, at) => cases[Math.floor(cases.length * randomAt(seed, at, DRAW))] ?? []);
}

interface Seen {
  readonly model: FaultModel;
  readonly fault: Case['fault'] | undefined;
  readonly cases: readonly Case[];
}

/** What these cases make of a catalogue; without any it stays what it is. */
export function fittedTo(
  cases: readonly Case[],
  assumed: readonly FaultModel[] = CATALOGUE,
): readonly FaultModel[] {
  if (cases.length === 0) return assumed;
  const all = assumed.map((model): Seen => {
    const fault = classOf(model);
    return { model, fault, cases: cases.filter(one => one.fault === fault) };
  });
  return all.map(one => ({
    ...one.model,
    share: [shareOf(one, all, 0), shareOf(one, all, 1)],
    cures: curesOf(one),
    ...(one.model.organic && { organic: [medianOf(one.model.organic[0], one.cases), one.model.organic[1]] }),
  }));
}

function shareOf({ model, fault, cases }: Seen, all: readonly Seen[], era: 0 | 1): number {
  const sum = (some: readonly Seen[]): number => some.reduce((total, one) => total + one.model.share[era], 0);
  const alike = all.filter(one => one.fault === fault);
  // Which of several models of a class it was cannot be told: they share its incidents as they share its faults.
  const part = sum(alike) > 0 ? model.share[era] / sum(alike) : 1 / alike.length;
  const seen = cases.length * part;
  // What is odd and was left alone is no incident: of that there is as much as assumed, or more.
  if (fault === 'nothing') return model.share[era] + (seen / SHARES_COUNT) * sum(all);
  const ill = all.filter(one => one.fault !== 'nothing');
  const faults = new Set(ill.flatMap(one => one.cases)).size;
  return (SHARES_COUNT * model.share[era] + seen * sum(ill)) / (SHARES_COUNT + faults);
}

function curesOf({ model: { cures }, cases }: Seen): FaultModel['cures'] {
  const tries = Map.groupBy(
    cases.flatMap(one => one.tries),
    ({ strategy }) => strategy,
  );
  const fitted = { ...cures };
  for (const [strategy, of] of tries) {
    const cured = of.filter(one => one.cured).length;
    const posterior = (chance: number): number =>
      (CHANCE_COUNTS * chance + cured) / (CHANCE_COUNTS + of.length);
    const [before, after] = cures[strategy] ?? [0, 0];
    fitted[strategy] = [posterior(before), posterior(after)];
  }
  return fitted;
}

/** Of its logarithm, since such times are log-normal. */
function medianOf(assumedS: number, cases: readonly Case[]): number {
  const seen = cases.flatMap(({ lastedS }) => (lastedS === undefined ? [] : [Math.log(lastedS)]));
  const sum = seen.reduce((total, value) => total + value, LASTING_COUNTS * Math.log(assumedS));
  return Math.exp(sum / (LASTING_COUNTS + seen.length));
}
