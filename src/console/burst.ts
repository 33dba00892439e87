/** Tells fingers from pastes that came without brackets, by time: a burst lasts until the line has been quiet. */
import type { Input } from './keys.ts';

/** Quiet time after which keys count as pressed one by one again, ms. The tail of a long paste comes sooner. */
export const QUIET_MS = 12;

/** Marks keys that follow a burst too closely as part of it. `last` is when the last of it came, 0 for never. */
export function markBurst(
  inputs: readonly Input[],
  at: number,
  last: number,
): { readonly inputs: readonly Input[]; readonly last: number } {
  const follows = at - last < QUIET_MS;
  const marked = inputs.map(input => (input.type === 'key' && follows ? { ...input, burst: true } : input));
  // A paste in brackets says itself where it ends.
  const goesOn = marked.some(i => (i.type === 'paste' ? !i.bracketed : i.burst));
  return { inputs: marked, last: goesOn ? at : last };
}
