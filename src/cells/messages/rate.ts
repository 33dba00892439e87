/** A token bucket: so many at once, and then one every so often. Pure; times in ms. */

export interface Rate {
  /** Whole and parts of what may still be sent. */
  readonly left: number;
  readonly at: number;
}

export interface Limit {
  readonly burst: number;
  /** One more each, ms. */
  readonly everyMs: number;
}

export function filled(rate: Rate | undefined, limit: Limit, now: number): Rate {
  if (!rate) return { left: limit.burst, at: now };
  // A clock that went back gives nothing, and takes nothing.
  const since = Math.max(0, now - rate.at);
  return { left: Math.min(limit.burst, rate.left + since / limit.everyMs), at: now };
}

/** ms until one may be sent; 0 for now. */
export function waitFor(rate: Rate, limit: Limit): number {
  return rate.left >= 1 ? 0 : Math.ceil((1 - rate.left) * limit.everyMs);
}

export function taken(rate: Rate): Rate {
  return { ...rate, left: rate.left - 1 };
}
