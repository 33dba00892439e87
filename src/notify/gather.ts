/**
 * Telling at once, and then not again for a while: what comes within the window is told together at its end. A window
 * that had something in it is followed by one twice as long, up to ten minutes; a quiet one ends it. Pure; ms.
 */

const LONGEST_MS = 600_000;
/** More than this are counted by nobody. */
const MOST = 1000;

export interface Gathering<T> {
  readonly windowMs: number;
  /** When the window ends. */
  readonly until: number;
  readonly waiting: readonly T[];
}

export interface Told<T> {
  readonly gathering: Gathering<T> | undefined;
  /** To be told now, together; empty for nothing. */
  readonly now: readonly T[];
}

/** Something comes. */
export function gathered<T>(g: Gathering<T> | undefined, item: T, at: number, windowMs: number): Told<T> {
  if (!g) return { gathering: { windowMs, until: at + windowMs, waiting: [] }, now: [item] };
  return { gathering: { ...g, waiting: [...g.waiting, item].slice(-MOST) }, now: [] };
}

/** The window has ended. `still` says whether what waited is still worth telling. */
export function windowEnded<T>(g: Gathering<T>, at: number, still: (item: T) => boolean): Told<T> {
  const now = g.waiting.filter(still);
  if (now.length === 0) return { gathering: undefined, now };
  const windowMs = Math.min(LONGEST_MS, Math.max(1, g.windowMs * 2));
  return { gathering: { windowMs, until: at + windowMs, waiting: [] }, now };
}
