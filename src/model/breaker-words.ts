/** Breakers in words: of their states, and of what they keep back. */
import { type BreakerName, type BreakerState as Is, kindOf } from './breaker.ts';
import { localTime } from './when.ts';

/** `closed`, `open until 20:31:05`, … */
export function breakerStateWords(is: Is, until: number): string {
  return is === 'open' ? `open until ${localTime(until).slice(11)}` : is;
}

/** Why something is not done: `its start's breaker is open until 20:31:05`. */
export function refusalWords(name: BreakerName, is: Is, until: number): string {
  const what = kindOf(name) === 'start' ? "its start's breaker" : `the breaker of ${name}`;
  if (is === 'half-open') return `${what} is half-open: a trial is under way`;
  return `${what} is ${breakerStateWords(is, until)}`;
}
