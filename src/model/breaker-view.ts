/** Breakers as people look at them: what the journal says of each, and what has been counted since. */
import type { BreakerName, BreakerState as Is } from './breaker.ts';
import type { BreakerOptions } from './breaker-options.ts';
import type { BreakerState } from './breaker-state.ts';

/** What has been counted of one: measured, told and forgotten. */
export interface BreakerReading {
  readonly name: BreakerName;
  readonly is: Is;
  readonly kind: BreakerOptions['kind'];
  /** Its threshold follows what is usual. */
  readonly adaptive: boolean;
  /** Until a trial may pass, while it is open; 0. */
  readonly waitMs: number;
  readonly openings: number;
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
}

export interface BreakerView extends Omit<BreakerState, 'name'> {
  readonly name: string;
  /** Absent where nobody has counted since the engine started. */
  readonly kind?: BreakerReading['kind'];
  readonly adaptive?: boolean;
}

const ORDER: readonly Is[] = ['isolated', 'open', 'half-open', 'closed'];
const NEVER = { since: 0, why: '', by: '', until: 0 } as const;

/** Those that refuse something first, then by name. */
export function breakerViews(
  told: Readonly<Record<string, BreakerState>>,
  counted: readonly BreakerReading[],
): readonly BreakerView[] {
  const views = new Map<string, BreakerView>(Object.entries(told));
  for (const { name, kind, adaptive, is, openings, calls, failed, slow } of counted) {
    const before = views.get(name) ?? { ...NEVER, name, is };
    // What has been counted is of the state it is in: while it is open, what opened it is of interest.
    const now = before.is === 'open' || before.is === 'isolated' ? {} : { calls, failed, slow };
    views.set(name, { calls, failed, slow, openings, ...before, ...now, kind, adaptive });
  }
  return [...views.values()].toSorted(
    (a, b) => ORDER.indexOf(a.is) - ORDER.indexOf(b.is) || a.name.localeCompare(b.name),
  );
}

/** Of the calls counted, percent; undefined where nothing was. */
export function failureRate({ calls, failed }: Pick<BreakerView, 'calls' | 'failed'>): number | undefined {
  return calls === 0 ? undefined : Math.round((100 * failed) / calls);
}
