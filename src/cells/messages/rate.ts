/** A token bucket: so many at once, and then one every so often. Pure; times in ms. */

export interface Rate {
  /** What may still be spent: `everyMs` a message. */
  readonly credit: number;
  readonly at: number;
}

export interface Limit {
  readonly burst: number;
  /** One more each, ms. */
  readonly everyMs: number;
}

export function filled(rate: Rate | undefined, { burst, everyMs }: Limit, now: number): Rate {
  const full = burst * everyMs;
  if (!rate) return { credit: full, at: now };
  // A clock that went back gives nothing, and takes nothing.
  return { credit: Math.min(full, rate.credit + Math.max(0, now - rate.at)), at: now };
}

/** ms until one may be sent; 0 for now. */
export function waitFor(rate: Rate, { everyMs }: Limit): number {
  return Math.max(0, everyMs - rate.credit);
}

export function taken(rate: Rate, { everyMs }: Limit): Rate {
  return { ...rate, credit: rate.credit - everyMs };
}
