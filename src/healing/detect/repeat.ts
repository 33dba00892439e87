/**
 * The same again and again: an agent that shows the same screens or runs the same commands in the same order without
 * getting anywhere. Told digests, so that nothing an agent wrote is kept. Constant memory and time.
 */
import { type Finding, scoreOf } from './finding.ts';

export interface RepeatOptions {
  /** The longest cycle that is found, in steps. */
  readonly longest: number;
  /** So many full rounds are a loop. Two runs of the same tests are work; five are not. */
  readonly rounds: number;
  /** A cycle also has to have lasted for so many steps: the same thing five times in a row is soon done. */
  readonly steps: number;
}

export const REPEAT: RepeatOptions = { longest: 8, rounds: 5, steps: 6 };

export interface Loop {
  /** Steps a round. */
  readonly period: number;
  readonly rounds: number;
  readonly steps: number;
}

export class RepeatDetector {
  readonly #options: RepeatOptions;
  readonly #recent: string[] = [];
  /** By period: for how many steps each was the same as the one a period before. */
  readonly #same: number[];

  constructor(options: Partial<RepeatOptions> = {}) {
    this.#options = { ...REPEAT, ...options };
    this.#same = Array.from({ length: this.#options.longest }, () => 0);
  }

  /** One more step; the shortest cycle it is in, once that has lasted long enough. */
  push(digest: string): Loop | undefined {
    const { longest, rounds, steps } = this.#options;
    let found: Loop | undefined;
    for (let period = 1; period <= longest; period += 1) {
      const same = this.#recent.at(-period) === digest ? (this.#same[period - 1] ?? 0) + 1 : 0;
      this.#same[period - 1] = same;
      const whole = same + period;
      if (found || same === 0 || whole < rounds * period || whole < steps) continue;
      found = { period, rounds: Math.floor(whole / period), steps: whole };
    }
    this.#recent.push(digest);
    if (this.#recent.length > longest) this.#recent.shift();
    return found;
  }

  /** It got somewhere: what was before is no part of a loop. */
  clear(): void {
    this.#recent.length = 0;
    this.#same.fill(0);
  }
}

/** @param what is the same: `screen`, `command` */
export function repeatFinding(what: string, loop: Loop): Finding {
  const words =
    loop.period === 1
      ? `the same ${what} ${loop.steps} times in a row`
      : `the same ${loop.period} ${what}s in the same order ${loop.rounds} times`;
  return { detector: 'repeat', words, score: scoreOf(loop.rounds) };
}
