/**
 * What has been down for long is looked at ever more rarely: after so small a share of the time it was down already that
 * its return is noticed nearly as soon. Jittered, so that many who wait for the same do not ask it all at once.
 */

/** Of an outage, so much is added at most to how long it takes to be over. */
const SHARE = 0.02;
/** Dependencies are waited for by agents that stand still; probes are not. */
const LONGEST_MS = { dependency: 5000, probe: 60_000 } as const;

/**
 * @param every what its file says, ms: never sooner
 * @param downMs how long it has been down
 * @param random in [0, 1)
 * @returns ms until the next look
 */
export function nextLookIn(
  what: keyof typeof LONGEST_MS,
  every: number,
  downMs: number,
  random: number,
): number {
  const wait = Math.max(every, Math.min(LONGEST_MS[what], SHARE * downMs));
  return wait <= every ? every : Math.max(every, wait * (0.75 + 0.5 * random));
}
