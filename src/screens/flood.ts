/** When a pane prints more than anybody could read. A control client slows such a program down three times. */

/** Bytes a second that go on for long. */
const RATE = 1_000_000;
/** Bytes at once above that: a large screen drawn a few times. */
const BURST = 256 * 1024;

/** A leaky bucket. */
export class FloodMeter {
  #level = 0;
  #at = 0;

  /** So many bytes came `now` (ms): is it a flood? Then counting starts anew. */
  floods(bytes: number, now: number): boolean {
    this.#level = Math.max(0, this.#level - ((now - this.#at) * RATE) / 1000) + bytes;
    this.#at = now;
    if (this.#level <= BURST) return false;
    this.#level = 0;
    return true;
  }
}
