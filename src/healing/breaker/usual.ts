/** How often something fails when all is as usual, and from how many failures on that is no chance any more. */

/** Calls until what is usual is known. */
const KNOWN_AFTER = 50;
/** What is usual looks back about so many calls (EWMA). */
const MEMORY = 200;
/** Nothing is taken to fail more rarely or more often than this. */
const RAREST = 0.01;
const MOST = 0.95;
/** So improbable must it be, were all as usual: once in ten thousand looks. */
const IMPROBABLE = 1e-4;
const LONGEST_RUN = 100;

export class Usual {
  #rate = 0;
  #calls = 0;

  get known(): boolean {
    return this.#calls >= KNOWN_AFTER;
  }

  add(failed: boolean): void {
    this.#calls = Math.min(this.#calls + 1, MEMORY);
    this.#rate += ((failed ? 1 : 0) - this.#rate) / this.#calls;
  }

  /** Whether so many failures are improbable at the usual rate: Chernoff, P(X ≥ k) ≤ exp(−n·KL(k/n ‖ rate)). */
  isUnusual(failed: number, calls: number): boolean {
    const share = failed / calls;
    const rate = this.#bounded();
    return share > rate && calls * divergence(share, rate) >= -Math.log(IMPROBABLE);
  }

  /** The least share of so many calls that is unusual, percent; more than 100 when none is. */
  threshold(calls: number): number {
    let failed = 1;
    while (failed <= calls && !this.isUnusual(failed, calls)) failed += 1;
    return Math.round((100 * failed) / calls);
  }

  /** So many failures in a row are improbable, 2 at least. */
  run(): number {
    const run = Math.ceil(Math.log(IMPROBABLE) / Math.log(this.#bounded()));
    return Math.min(LONGEST_RUN, Math.max(2, run));
  }

  #bounded(): number {
    return Math.min(MOST, Math.max(RAREST, this.#rate));
  }
}

/** Kullback and Leibler's, of two coins, in nats. */
function divergence(p: number, q: number): number {
  const part = (a: number, b: number): number => (a === 0 ? 0 : a * Math.log(a / b));
  return part(p, q) + part(1 - p, 1 - q);
}
