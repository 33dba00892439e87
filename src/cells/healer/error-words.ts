/** Errors that a fleet file knows by their words, in what an agent prints. No patterns: nothing an agent prints is slow to look at. */
import type { ErrorClass, HealingConfig } from '../../model/healing.ts';

/** Longer lines are cut, UTF-16 units. */
const LONGEST = 400;
const WORD = /[\p{L}\p{N}_]/u;

/** The newest line that says so. */
export function errorIn(
  lines: readonly string[],
  errors: HealingConfig['errors'],
): { readonly error: ErrorClass; readonly words: string } | undefined {
  const known = Object.entries(errors).flatMap(([error, words]) =>
    words.split('|').map(one => ({ error: error as ErrorClass, one: one.trim().toLowerCase() })),
  );
  for (const line of lines.toReversed()) {
    const words = line.slice(0, LONGEST);
    const found = known.find(({ one }) => one !== '' && has(words.toLowerCase(), one));
    if (found) return { error: found.error, words };
  }
  return undefined;
}

/** As words of their own: 429 is not in 14290. */
function has(line: string, words: string): boolean {
  for (let at = line.indexOf(words); at >= 0; at = line.indexOf(words, at + 1)) {
    if (!WORD.test(line[at - 1] ?? ' ') && !WORD.test(line[at + words.length] ?? ' ')) return true;
  }
  return false;
}
