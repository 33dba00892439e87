/**
 * How long to wait for something to come back by itself before acting: fitted to how long it took in the past (the
 * threshold model of Azure's "organic recovery" of nodes), since acting has a price that waiting has not.
 */
import { Ewma } from '../detect/ewma.ts';

/** Waits that are weighed up, s. */
const WAITS = [0, 1, 2, 4, 8, 15, 30, 60, 120];
/** Recoveries before the fit is believed. */
const FIRST = 4;

export class OrganicRecovery {
  /** Logarithm of the seconds it took, where it came back by itself. */
  readonly #took = new Ewma(0.1);
  /** Share of the times in which it did, of those in which it was given a chance. */
  readonly #share = new Ewma(0.1);

  /** It came back by itself after so long, s. */
  recovered(seconds: number): void {
    this.#took.push(Math.log(Math.max(0.05, seconds)));
    this.#share.push(1);
  }

  /** It had not come back after so long, s. Short waits tell nothing. */
  waited(seconds: number): void {
    if (this.#took.count > 0 && Math.log(Math.max(0.05, seconds)) < this.#took.mean) return;
    this.#share.push(0);
  }

  /**
   * The wait with the smallest expected cost, s; 0 while too little is known.
   *
   * @param actS what acting costs, in seconds of the agent's work: its own duration, lost work, tokens
   */
  bestWait(actS: number): number {
    if (this.#took.count < FIRST) return 0;
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const wait of WAITS) {
      const cost = this.#expected(wait, actS);
      if (cost < least) {
        least = cost;
        best = wait;
      }
    }
    return best;
  }

  /** ∫ survival up to the wait, and the act for those that are left. */
  #expected(wait: number, actS: number): number {
    const steps = 16;
    let area = 0;
    for (let step = 0; step < steps; step += 1) area += this.#survival(((step + 0.5) / steps) * wait);
    return (area / steps) * wait + this.#survival(wait) * actS;
  }

  #survival(seconds: number): number {
    if (seconds <= 0) return 1;
    const spread = Math.max(0.3, this.#took.deviation);
    const z = (Math.log(seconds) - this.#took.mean) / spread;
    // The logistic approximation of the normal distribution.
    return 1 - this.#share.mean / (1 + Math.exp(-z * (1.5976 + 0.070566 * z * z)));
  }
}
