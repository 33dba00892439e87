/** Which lines of a log are new, when all one has is a look before and a look now. Pure. */

/** How many of the last lines may have been drawn anew: a spinner, a prompt with its frame. */
const REDRAWN = 50;

/**
 * The lines of `now` that come after those of `before`. The log may have lost its beginning meanwhile (what scrolls
 * out of the history) and its last lines may have been drawn anew; a log that was cleared is all new.
 */
export function newLines(before: readonly string[], now: readonly string[]): readonly string[] {
  // The fewest lines lost from the beginning that explain what is there now.
  for (let lost = 0; lost < before.length; lost += 1) {
    const same = sameFrom(before, lost, now);
    if (same >= before.length - lost - REDRAWN) return now.slice(same);
  }
  return now;
}

/** How many lines of `now` are those of `before` from `lost` on. */
function sameFrom(before: readonly string[], lost: number, now: readonly string[]): number {
  let at = 0;
  while (at < now.length && lost + at < before.length && before[lost + at] === now[at]) at += 1;
  return at;
}
