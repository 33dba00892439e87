/** Random choices that a seed makes again. */

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state, in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` different ones of them, in their own order (Fisher and Yates, of the places). */
export function sample<T>(all: readonly T[], count: number, random: () => number): readonly T[] {
  const places = all.map((_, at) => at);
  for (let at = 0; at < Math.min(count, places.length); at += 1) {
    const other = at + Math.floor(random() * (places.length - at));
    [places[at], places[other]] = [places[other] ?? at, places[at] ?? other];
  }
  const chosen = new Set(places.slice(0, count));
  return all.filter((_, at) => chosen.has(at));
}
