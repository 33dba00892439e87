/**
 * How often a statistic was as large as now: its empirical tail, as a histogram of its logarithm. It makes statistics of
 * any unit and any distribution comparable, which thresholds in σ do not: a series with heavy tails exceeds 4σ daily.
 * Beyond the largest value ever seen the tail is taken to fall as a power law, as in extreme value theory (Pickands 1975).
 * Constant memory: bins a quarter octave wide over 40 octaves.
 */
const PER_OCTAVE = 4;
const BINS = 160;
const TINY = 1e-12;

export interface TailOptions {
  /** After this many looks all counts are halved: what was long ago counts less. */
  readonly memory: number;
  /** Exponent of the power law beyond what was seen. */
  readonly exponent: number;
}

export const TAIL: TailOptions = { memory: 50_000, exponent: 2 };

export class Tail {
  readonly #options: TailOptions;
  readonly #bins = new Float64Array(BINS);
  #looks = 0;

  constructor(options: TailOptions = TAIL) {
    this.#options = options;
  }

  /** −log10 of the probability of a statistic at least this large (0 or more), before it learns it. */
  push(statistic: number): number {
    const place = PER_OCTAVE * Math.log2(Math.max(0, statistic) + TINY) + BINS / 2;
    const bin = Math.max(0, Math.min(BINS - 1, Math.floor(place)));
    const probability = this.#probability(place, bin);
    this.#learn(bin);
    return -Math.log10(Math.min(1, probability));
  }

  #probability(place: number, bin: number): number {
    const bins = this.#bins;
    const own = bins[bin] ?? 0;
    let above = 0;
    for (let higher = BINS - 1; higher > bin; higher -= 1) above += bins[higher] ?? 0;
    // Half of those in the same bin are taken to be larger.
    const rate = Math.max(0.5, above + own / 2) / (this.#looks + 1);
    if (above > 0 || own > 0) return rate;
    let highest = bin;
    while (highest >= 0 && bins[highest] === 0) highest -= 1;
    const octaves = highest < 0 ? 0 : Math.max(0, place - (highest + 1)) / PER_OCTAVE;
    // Not more certain than the square of what was seen allows: five looks prove little, however large the sixth.
    return rate * Math.max(1 / (this.#looks + 1), 2 ** (-this.#options.exponent * octaves));
  }

  #learn(bin: number): void {
    if (this.#looks >= this.#options.memory) {
      for (let at = 0; at < BINS; at += 1) this.#bins[at] = (this.#bins[at] ?? 0) / 2;
      this.#looks /= 2;
    }
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
    this.#looks += 1;
  }
}
