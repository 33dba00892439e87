/** What the engine has counted of breakers: told, shown and forgotten. */
import { type BreakerReading, failureRate } from '../model/breaker-view.ts';
import { SERIES_KEPT } from '../model/resources.ts';

export interface CountedBreakers {
  readonly readings: readonly BreakerReading[];
  /** Failure rates in percent, a number a telling, oldest first. */
  readonly rates: Readonly<Record<string, readonly number[]>>;
}

export const NONE_COUNTED: CountedBreakers = { readings: [], rates: {} };

export function withCounted(before: CountedBreakers, readings: readonly BreakerReading[]): CountedBreakers {
  const rates = readings.map(reading => {
    const known = Object.hasOwn(before.rates, reading.name) ? (before.rates[reading.name] ?? []) : [];
    return [reading.name, [...known.slice(1 - SERIES_KEPT), failureRate(reading) ?? 0]] as const;
  });
  return { readings, rates: Object.fromEntries(rates) };
}
