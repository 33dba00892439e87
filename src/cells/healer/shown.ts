/** What a look at an agent's screen tells, against the look before. Pure. */
import { createHash } from 'node:crypto';

/** The screen of one agent at a look. */
export interface Shown {
  readonly lines: readonly string[];
  /** Lines above the screen. */
  readonly above: number;
  /** To the bottom. */
  readonly full: boolean;
}

/** Longer lines are cut: nobody repeats himself in the rest. */
const LONGEST = 400;
/** What turns on the spot while one waits. */
const SPINNERS = /[⠀-⣿◐-◗◜-◟✢✳✶✻✽·∙•●○◉◌■□▪▫⏳⌛]/gu;
const NUMBERS = /\d+(?:[.,:]\d+)*/g;

/**
 * A digest of which lines are shown, in whatever order and however often, so that a cycle that fits on the screen looks
 * the same at every point of it.
 *
 * @param counters whether numbers are left out: of an agent with a screen of its own they count what it waits for; of a
 *   plain program they are what is new in its lines
 */
export function digestOf(lines: readonly string[], counters: boolean): string {
  const plain = lines.map(line => {
    const still = line.slice(0, LONGEST).replace(SPINNERS, '').trim();
    return counters ? still.replace(NUMBERS, '#') : still;
  });
  const hash = createHash('sha256');
  for (const line of [...new Set(plain)].filter(one => one !== '').sort()) hash.update(`${line}\n`);
  return hash.digest('hex').slice(0, 16);
}

/**
 * Lines were added, not merely drawn anew where they stood, nor after the screen was cleared: spinners, clocks, progress
 * bars and everything else that has the screen for itself (`watch`, `top`, an editor) is no step.
 */
export function hasMoved(before: Shown | undefined, now: Shown): boolean {
  return before !== undefined && before.above !== now.above && now.above > 0 && now.full;
}

/** Lines that were not there at the look before. */
export function newLines(before: Shown | undefined, now: Shown): readonly string[] {
  const known = new Set(before?.lines);
  return now.lines.filter(line => line !== '' && !known.has(line));
}
