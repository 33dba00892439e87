/** What a detector says: for people to read, and for fusion to weigh. */
export interface Finding {
  readonly detector: string;
  /** What was seen against what is usual, in one line. */
  readonly words: string;
  /** How unlikely it is that all is well: 0 certain that it is, towards 1 certain that it is not. */
  readonly score: number;
}

/** Surprise in bans (−log10 of a probability) that counts as half certain: once in a thousand looks. */
export const HALF_CERTAIN = 3;

/** A surprise of 0 or more on the scale of scores: 0 → 0, 3 → 0.5, 9 → 0.75. Keeps the order. */
export const scoreOf = (surprise: number): number =>
  surprise === Number.POSITIVE_INFINITY ? 1 : Math.max(0, surprise) / (Math.max(0, surprise) + HALF_CERTAIN);

/** The surprise of a score: the inverse of `scoreOf`. */
export const surpriseOf = (score: number): number =>
  score >= 1 ? Number.POSITIVE_INFINITY : (HALF_CERTAIN * Math.max(0, score)) / (1 - score);

/** A number as people read it: three digits that count. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return String(Number(value.toPrecision(3)));
}
