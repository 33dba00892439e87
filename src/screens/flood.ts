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

/** Looks at a flood before it is tried to follow it again; twice as many each time that was too soon. */
const LOOKS = { first: 10, most: 80 } as const;
/** One look in so many: when they showed the same, one after the other, it may be over. */
const STILL = 5;
/** A flood that comes so soon after the last one is the same one, ms. */
const SAME_MS = 1000;

/** How long a flood is only looked at: every try to follow it slows its program down, and there is much to read. */
export class Patience {
  #looks: number = LOOKS.first;
  #left = 0;
  #still = 0;
  #endedAt = Number.NEGATIVE_INFINITY;

  /** A flood begins `now` (ms). */
  begin(now: number): void {
    const again = now - this.#endedAt < SAME_MS;
    this.#looks = again ? Math.min(LOOKS.most, this.#looks * 2) : LOOKS.first;
    this.#left = this.#looks;
    this.#still = 0;
  }

  /** After each look, and whether it showed the `same` as the one before: is it time to follow again? */
  ends(same: boolean, now: number): boolean {
    this.#left -= 1;
    this.#still = same ? this.#still + 1 : 0;
    if (this.#left > 0 && this.#still < this.#looks / STILL) return false;
    this.#endedAt = now;
    return true;
  }
}
