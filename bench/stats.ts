/** What a benchmark gives back: exactly the figures it promises; what it compares itself to goes beside them. */
export interface Measured {
  readonly figures: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, unknown>>;
  /** For people, printed below the table. */
  readonly lines?: readonly string[];
}

/** Percentile by the nearest-rank method, of an unsorted sample. */
export function percentile(sample: readonly number[], p: number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil((p / 100) * sorted.length) - 1));
  return Math.round((sorted[at] ?? Number.NaN) * 100) / 100;
}

export const median = (sample: readonly number[]): number => percentile(sample, 50);

/** Wall clock in ms with sub-millisecond steps, comparable between processes of one machine. */
export const clock = (): number => performance.timeOrigin + performance.now();
