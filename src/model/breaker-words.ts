/** Breakers in words: of their states, and of what they keep back. */
import type { BreakerState as Is } from './breaker.ts';
import type { BreakerState } from './breaker-state.ts';
import { localTime } from './when.ts';

/** `closed`, `open until 20:31:05`, … */
export function breakerStateWords(is: Is, until: number): string {
  return is === 'open' ? `open until ${localTime(until).slice(11)}` : is;
}

/** Why something is not done: `its start's breaker is open until 20:31:05`. */
export function refusalWords({ name, is, until }: Pick<BreakerState, 'name' | 'is' | 'until'>): string {
  const what = name.startsWith('start:') ? "its start's breaker" : `the breaker of ${name}`;
  if (is === 'half-open') return `${what} is half-open: a trial is under way`;
  return `${what} is ${breakerStateWords(is, until)}`;
}
