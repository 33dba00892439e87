/**
 * The scoring of the Numenta Anomaly Benchmark: Lavin and Ahmad 2015, "Evaluating Real-time Anomaly Detection
 * Algorithms – the Numenta Anomaly Benchmark" (arXiv 1510.03336), in the form of the benchmark's own `nab/sweeper.py`
 * (MIT, Copyright 2014-2015 Numenta Inc.), down to its edges, so that scores can be held beside published ones.
 */

/** One file of the corpus with what a detector said of it. */
export interface Scored {
  readonly name: string;
  readonly times: readonly string[];
  /** First and last time of each labelled window, both within it; in order. */
  readonly windows: readonly (readonly [string, string])[];
  /** One score a row, in [0, 1]. */
  readonly scores: ArrayLike<number>;
}

export interface Profile {
  readonly tpWeight: number;
  readonly fnWeight: number;
  readonly fpWeight: number;
}

/** One row that counts: what it adds when it is called an anomaly. */
export interface Point {
  readonly score: number;
  readonly worth: number;
  /** The labelled window it lies in. */
  readonly window: string | undefined;
}

export interface ThresholdScore {
  /** A row is called an anomaly when its score is at least this. */
  readonly threshold: number;
  readonly score: number;
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
}

const PROBATION = 0.15;
const PROBATION_ROWS = 5000;

/** Rows at the beginning of a file that are not scored: 15 %, at most 750. */
export const probation = (rows: number): number =>
  Math.min(Math.floor(PROBATION * rows), PROBATION * PROBATION_ROWS);

/** From almost 1 at the left edge of a window (−1) over 0 at its right edge (0) to −1 far behind it. */
export function scaledSigmoid(position: number): number {
  return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/** The rows after probation, each with what it is worth. */
export function points(file: Scored, profile: Profile): Point[] {
  const { times, scores } = file;
  const first = probation(times.length);
  const most = scaledSigmoid(-1);
  const windows = [...file.windows];
  const found: Point[] = [];
  let within: { name: string; right: number; width: number; last: string } | undefined;
  let before: { right: number; width: number } | undefined;
  times.forEach((time, row) => {
    const next = windows[0];
    if (next && time === next[0]) {
      windows.shift();
      const right = times.indexOf(next[1]);
      within = {
        name: `${file.name}|${next[0]}`,
        right,
        width: right - times.indexOf(next[0]) + 1,
        last: next[1],
      };
    }
    if (row >= first) {
      const worth = within
        ? (scaledSigmoid(-(within.right - row + 1) / within.width) * profile.tpWeight) / most
        : (before ? scaledSigmoid(Math.abs(before.right - row) / (before.width - 1)) : -1) * profile.fpWeight;
      found.push({ score: scores[row] ?? 0, worth, window: within?.name });
    }
    if (within && time === within.last) {
      before = { right: row, width: within.width };
      within = undefined;
    }
  });
  return found;
}

/** The score at every threshold that makes a difference, highest threshold first. */
export function sweep(all: readonly Point[], profile: Profile): ThresholdScore[] {
  const sorted = [...all].sort((a, b) => b.score - a.score);
  const best = new Map<string, number>();
  for (const { window } of sorted) if (window !== undefined) best.set(window, -profile.fnWeight);
  let score = -profile.fnWeight * best.size;
  const inWindows = sorted.filter(point => point.window !== undefined).length;
  let [tp, fp, fn, tn] = [0, 0, inWindows, sorted.length - inWindows];
  const found: ThresholdScore[] = [];
  // Above every score: nothing is called an anomaly.
  let threshold = 1.1;
  for (const point of sorted) {
    if (point.score !== threshold) {
      found.push({ threshold, score, tp, fp, fn, tn });
      threshold = point.score;
    }
    if (point.window === undefined) {
      score += point.worth;
      fp += 1;
      tn -= 1;
    } else {
      const had = best.get(point.window) ?? 0;
      if (point.worth > had) {
        score += point.worth - had;
        best.set(point.window, point.worth);
      }
      tp += 1;
      fn -= 1;
    }
  }
  found.push({ threshold, score, tp, fp, fn, tn });
  return found;
}

export interface CorpusScore {
  /** 0 what saying nothing gets, 100 what one call at the first row of every window gets. */
  readonly normalised: number;
  readonly at: ThresholdScore;
}

/**
 * The score of a corpus at the threshold that is best for it, as the benchmark itself chooses it.
 * @param threshold instead of the best one
 */
export function scoreCorpus(files: readonly Scored[], profile: Profile, threshold?: number): CorpusScore {
  const scores = sweep(
    files.flatMap(file => points(file, profile)),
    profile,
  );
  const none = scores[0];
  if (!none) throw new RangeError('a corpus without rows has no score');
  const at =
    threshold === undefined
      ? scores.reduce((best, one) => (one.score > best.score ? one : best), none)
      : (scores.findLast(one => one.threshold >= threshold) ?? none);
  const windows = files.reduce((sum, file) => sum + file.windows.length, 0);
  const [perfect, nothing] = [windows * profile.tpWeight, -windows * profile.fnWeight];
  return { normalised: (100 * (at.score - nothing)) / (perfect - nothing), at };
}

/** F1 of rows, each on its own: no row is put right because another of its window was found. */
export function f1({ tp, fp, fn }: Pick<ThresholdScore, 'tp' | 'fp' | 'fn'>): number {
  return tp === 0 ? 0 : (2 * tp) / (2 * tp + fp + fn);
}
