/**
 * Where a number is going: a line through its latest values (least squares, older ones discounted), how sure it rises,
 * and when it will be at a limit if it goes on like this (time to exhaustion: Garg et al. 1998, who took Sen's slope of
 * hours for servers; agents are gone within minutes, so a line through a minute or two is taken).
 */
import type { Millis } from '../../model/ids.ts';

/** Values fade to 1/e after so long, ms; what is seldom looked at after so many looks. */
const FADES_MS = 30_000;
const FADES_AFTER = 10;
/** Values it rests on at least, discounted, before it says anything. */
const LEAST = 5;

export class Trend {
  #count = 0;
  #weight = 0;
  #at: Millis = 0;
  last = 0;
  #time = 0;
  #value = 0;
  /** Weighted sums of squares around the means. */
  #tt = 0;
  #tv = 0;
  #vv = 0;

  push(value: number, now: Millis): void {
    const passed = now - this.#at;
    const keep = this.#count === 0 ? 0 : Math.exp(-passed / Math.max(FADES_MS, FADES_AFTER * passed));
    this.#count += 1;
    this.#at = now;
    this.last = value;
    const before = this.#weight * keep;
    this.#weight = before + 1;
    const [offTime, offValue] = [now - this.#time, value - this.#value];
    this.#time += offTime / this.#weight;
    this.#value += offValue / this.#weight;
    const share = before / this.#weight;
    this.#tt = this.#tt * keep + share * offTime * offTime;
    this.#tv = this.#tv * keep + share * offTime * offValue;
    this.#vv = this.#vv * keep + share * offValue * offValue;
  }

  /** A new run begins anew. */
  clear(): void {
    this.#count = 0;
    this.#weight = 0;
    this.#tt = 0;
    this.#tv = 0;
    this.#vv = 0;
  }

  /** In the value's unit a ms. */
  get slope(): number {
    return this.#tt > 0 ? this.#tv / this.#tt : 0;
  }

  /** How many of its own standard errors the slope is above 0. */
  get sureness(): number {
    if (this.#weight < LEAST || this.#tt === 0) return 0;
    const rest = Math.max(0, this.#vv - this.slope * this.#tv) / this.#weight;
    // What lies on a line exactly is sure, not infinitely so.
    const error = Math.sqrt(rest / this.#tt) + 1e-3 * Math.abs(this.slope);
    return error > 0 ? this.slope / error : 0;
  }

  /** Share of its level by which it rises in a minute. */
  get pace(): number {
    return this.#value > 0 ? (60_000 * this.slope) / this.#value : 0;
  }

  /** What it stands at, noise taken off. */
  level(now: Millis): number {
    return this.#value + this.slope * (now - this.#time);
  }

  /** Time until it is at the limit, ms; Infinity when it does not rise, 0 when it is there. */
  until(limit: number, now: Millis): Millis {
    const left = limit - this.level(now);
    if (left <= 0) return 0;
    return this.slope > 0 ? left / this.slope : Number.POSITIVE_INFINITY;
  }
}
