/** How long to wait before one more start. */
import type { Millis } from '../model/ids.ts';

/**
 * Decorrelated jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015): between `base` and
 * three times the last wait, at most `cap`. Spreads agents that died together.
 *
 * @param previousMs the wait before, 0 for the first
 * @param random in [0, 1)
 */
export function decorrelatedJitter(
  baseMs: Millis,
  capMs: Millis,
  previousMs: Millis,
  random: number,
): Millis {
  const most = Math.max(baseMs, previousMs * 3);
  return Math.min(capMs, Math.round(baseMs + random * (most - baseMs)));
}
