/** Whether a command came out as before: a digest of what is told of its outcome. */
import { createHash } from 'node:crypto';

/** How long something took, and what time it was: these differ though the outcome is the same. */
const TIMES = /\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?|\d+(?:[.,]\d+)?\s?(?:ms|s|sec|secs|seconds|m|min)\b/gu;
/** More is not looked at, UTF-16 units. */
const MOST = 4000;

export function outcomeOf(exit: number, ...told: readonly unknown[]): string {
  const words = JSON.stringify(told).slice(0, MOST).replace(TIMES, '#');
  return createHash('sha256').update(`${exit} ${words}`).digest('hex').slice(0, 16);
}
