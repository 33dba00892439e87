/** Columns or rows shared out along one side. Whole numbers that fill it exactly. */

export interface Wish {
  /** Asked for; undefined takes what the others leave, by weight. */
  readonly size: number | undefined;
  readonly min: number;
  /** Not kept when nobody else can take what is over. */
  readonly max: number;
  readonly weight: number;
}

/**
 * One size a wish, together `room`. Sizes asked for shrink to their least before anything else does; when the least of
 * all is too much, everyone gets their part of what there is.
 */
export function share(room: number, wishes: readonly Wish[]): readonly number[] {
  const least = wishes.map(w => w.min);
  if (sum(least) >= room) return byWeight(room, least, wishes);
  const asked = wishes.map(w => (w.size === undefined ? 0 : Math.max(w.min, Math.min(w.max, w.size))));
  const open = wishes.map(w => w.size === undefined);
  const needed = sum(wishes.map((w, i) => (open[i] ? w.min : (asked[i] ?? 0))));
  if (needed > room) {
    // Over their least they give in the proportion of what they asked for above it.
    const above = wishes.map((w, i) => (open[i] ? 0 : (asked[i] ?? 0) - w.min));
    return add(least, byWeight(room - sum(least), above, wishes));
  }
  if (!open.includes(true)) return add(asked, byWeight(room - sum(asked), asked, wishes));
  return fill(room, wishes, asked);
}

/** What is left goes to those that asked for no size, between their least and their most. */
function fill(room: number, wishes: readonly Wish[], asked: readonly number[]): readonly number[] {
  const fixed = wishes.map((w, i) => (w.size === undefined ? undefined : asked[i]));
  const bound = (limit: (wish: Wish, ideal: number) => number | undefined): void => {
    for (let again = true; again; ) {
      again = false;
      const rest = room - sum(fixed.map(f => f ?? 0));
      const weights = sum(wishes.map((w, i) => (fixed[i] === undefined ? w.weight : 0)));
      const found = wishes.flatMap((w, i) => {
        const to = fixed[i] === undefined ? limit(w, (rest * w.weight) / weights) : undefined;
        return to === undefined ? [] : [{ i, to }];
      });
      // The last one takes what is left, whatever it is.
      const frozen = found.length === fixed.filter(f => f === undefined).length ? found.slice(0, -1) : found;
      for (const { i, to } of frozen) {
        fixed[i] = to;
        again = true;
      }
    }
  };
  bound((w, ideal) => (ideal < w.min ? w.min : undefined));
  bound((w, ideal) => (ideal > w.max ? w.max : undefined));
  const rest = room - sum(fixed.map(f => f ?? 0));
  const weights = wishes.map((w, i) => (fixed[i] === undefined ? w.weight : 0));
  return add(
    fixed.map(f => f ?? 0),
    byWeight(rest, weights, wishes),
  );
}

/** `room` in the proportion of `parts`; where those are all 0, evenly. The largest remainders get the odd ones. */
function byWeight(room: number, parts: readonly number[], wishes: readonly Wish[]): readonly number[] {
  const total = sum(parts);
  const shares = total > 0 ? parts : wishes.map(() => 1);
  const ideal = shares.map(part => (room * part) / sum(shares));
  const sizes = ideal.map(Math.floor);
  const byRest = ideal
    .map((size, i) => ({ i, rest: size - Math.floor(size) }))
    .sort((a, b) => b.rest - a.rest);
  for (const { i } of byRest.slice(0, room - sum(sizes))) sizes[i] = (sizes[i] ?? 0) + 1;
  return sizes;
}

function add(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((n, i) => n + (b[i] ?? 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
