/** Tokens and money, as an agent's own tool reports them. What it does not report is not known, and never guessed. */
import * as z from 'zod';

const Count = z.int().min(0);

/** Of one turn, or added up. Tokens read from or written to a cache are not in `input`. */
export const TokenUsage = z.object({
  input: Count,
  output: Count,
  cacheRead: Count,
  cacheWrite: Count,
  /** US dollars where the tool says, else null. */
  cost: z.number().min(0).nullable(),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

export function addUsage(a: TokenUsage | null, b: TokenUsage): TokenUsage {
  if (!a) return b;
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    cost: a.cost === null && b.cost === null ? null : (a.cost ?? 0) + (b.cost ?? 0),
  };
}

/** `950`, `12.4k`, `3.1M`. */
export function countWords(count: number): string {
  if (count < 1000) return String(count);
  const [value, unit] = count < 1_000_000 ? [count / 1000, 'k'] : [count / 1_000_000, 'M'];
  return `${value < 100 ? value.toFixed(1) : Math.round(value)}${unit}`;
}

export function costWords(dollars: number): string {
  return `$${dollars < 100 ? dollars.toFixed(2) : Math.round(dollars)}`;
}
