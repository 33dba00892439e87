/** Randomness that can be replayed: the same seed gives the same numbers on every machine. */

/** A source of numbers in [0, 1). */
export type Random = () => number;

/** sfc32 (C. Doty-Humphrey, PractRand): 32 bits at a time, period 2^64 at the least. */
export function seeded(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let d = Math.floor(seed / 0x1_0000_0000) ^ 0xb7e15162;
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 0x1_0000_0000;
  };
  // Seeds that are close together are told apart after a few rounds.
  for (let round = 0; round < 15; round += 1) next();
  return next;
}

/** One number in [0, 1) for a place in a table of random numbers: the same whoever asks first. */
export function randomAt(seed: number, ...place: readonly number[]): number {
  let hash = seed | 0;
  for (const part of place) hash = mix(hash ^ Math.imul(part + 1, 0x9e3779b9));
  return (mix(hash) >>> 0) / 0x1_0000_0000;
}

/** The finalizer of MurmurHash3 (A. Appleby). */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Exponential with this mean. */
export const exponential = (mean: number, random: Random): number => -mean * Math.log(1 - random());

/** Standard normal (Box and Muller, 1958). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Log-normal with this median. */
export const lognormal = (median: number, sigma: number, random: Random): number =>
  median * Math.exp(sigma * normal(random));
