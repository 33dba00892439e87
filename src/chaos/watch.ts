/** Looks at the probes of a steady state again and again, and knows since when which one is out of it. */
import type { Experiment, Probe, Tolerance } from './schema.ts';
import { toleranceWords, usualTolerance, type Value, valueWords, within } from './tolerance.ts';

export interface Sample {
  /** ms since the epoch. */
  readonly at: number;
  readonly value: Value;
  readonly ok: boolean;
}

export interface Watched {
  readonly probe: Probe;
  readonly tolerance: Tolerance;
  readonly wanted: string;
  readonly samples: readonly Sample[];
  /** Since when it is not steady; null when it is, or was not looked at. */
  readonly brokenSince: number | null;
}

/** What changed with one look. */
export interface Turn {
  readonly name: string;
  readonly is: 'broken' | 'restored';
  readonly value: string;
  readonly wanted: string;
  /** How long it was broken, of one that is restored. */
  readonly ms: number;
}

/** Samples of one probe that are kept: an hour at the usual pace. */
const KEPT = 7200;

export function watched(experiment: Experiment): readonly Watched[] {
  return (experiment['steady-state-hypothesis']?.probes ?? []).map(probe => {
    const tolerance = probe.tolerance ?? usualTolerance(probe.provider);
    return { probe, tolerance, wanted: toleranceWords(tolerance), samples: [], brokenSince: null };
  });
}

/** With one more value for each, in their order. */
export function lookedAt(
  all: readonly Watched[],
  values: readonly Value[],
  at: number,
): { readonly watched: readonly Watched[]; readonly turns: readonly Turn[] } {
  const turns: Turn[] = [];
  const next = all.map((one, n): Watched => {
    const value = values[n] ?? { is: 'failed', why: 'not looked at' };
    const ok = within(value, one.tolerance);
    const { name } = one.probe;
    const turn = { name, value: valueWords(value).slice(0, 200), wanted: one.wanted.slice(0, 200) };
    if (!ok && one.brokenSince === null) turns.push({ ...turn, is: 'broken', ms: 0 });
    if (ok && one.brokenSince !== null) turns.push({ ...turn, is: 'restored', ms: at - one.brokenSince });
    return {
      ...one,
      samples: [...one.samples.slice(1 - KEPT), { at, value, ok }],
      brokenSince: ok ? null : (one.brokenSince ?? at),
    };
  });
  return { watched: next, turns };
}

export function isSteady(all: readonly Watched[]): boolean {
  return all.every(({ brokenSince }) => brokenSince === null);
}

/** Why the experiment has to end now, in words; undefined when it may go on. */
export function abortReason(
  experiment: Experiment,
  all: readonly Watched[],
  since: ReadonlyMap<string, number>,
  now: number,
): string | undefined {
  const rules = experiment['abort-if'];
  if (rules.length === 0) {
    const worn = all.find(
      ({ brokenSince }) => brokenSince !== null && now - brokenSince >= experiment.patience,
    );
    return worn && `${worn.probe.name} is not steady for ${experiment.patience} ms`;
  }
  for (const [at, rule] of rules.entries()) {
    const from = since.get(ruleName(at));
    if (from !== undefined && now - from >= rule.for) return `${rule.probe} is what abort-if says`;
  }
  return undefined;
}

/** Since when each rule of abort-if applies. */
export function ruleSince(
  experiment: Experiment,
  all: readonly Watched[],
  before: ReadonlyMap<string, number>,
  now: number,
): ReadonlyMap<string, number> {
  const next = new Map<string, number>();
  for (const [at, rule] of experiment['abort-if'].entries()) {
    const one = all.find(({ probe }) => probe.name === rule.probe);
    const last = one?.samples.at(-1);
    if (!one || !last || within(last.value, rule.unless ?? one.tolerance)) continue;
    next.set(ruleName(at), before.get(ruleName(at)) ?? now);
  }
  return next;
}

function ruleName(at: number): string {
  return `abort-if[${at}]`;
}
