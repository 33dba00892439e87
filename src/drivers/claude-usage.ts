/** Tokens in Claude Code's transcript: one JSON line a part of a message, with the usage of the whole message. */
import * as z from 'zod';
import { addUsage, type TokenUsage } from '../model/usage.ts';
import type { TurnUsage } from './types.ts';

const Tokens = z.int().min(0).max(1e9).catch(0);
const Line = z.object({
  /** Older versions say what a message cost. */
  costUSD: z.number().min(0).max(1e6).nullable().catch(null).default(null),
  message: z.object({
    id: z.string().min(1).max(200),
    model: z.string().max(128).catch(''),
    usage: z.object({
      input_tokens: Tokens.default(0),
      output_tokens: Tokens.default(0),
      cache_read_input_tokens: Tokens.default(0),
      cache_creation_input_tokens: Tokens.default(0),
    }),
  }),
});

/** What these lines say was used; undefined when they say nothing. Lines that are no JSON, or not as known, count nothing. */
export function usageIn(lines: string): TurnUsage | undefined {
  // A message stands there as often as it has parts, each time with what it has used so far.
  const messages = new Map<string, TokenUsage>();
  let model = '';
  for (const line of lines.split('\n')) {
    if (!line.includes('"usage"')) continue;
    const { data } = Line.safeParse(parsed(line));
    if (!data || data.message.model === '<synthetic>') continue;
    const { usage } = data.message;
    model = data.message.model || model;
    messages.set(data.message.id, {
      input: usage.input_tokens,
      output: usage.output_tokens,
      cacheRead: usage.cache_read_input_tokens,
      cacheWrite: usage.cache_creation_input_tokens,
      cost: data.costUSD,
    });
  }
  let sum: TokenUsage | null = null;
  for (const usage of messages.values()) sum = addUsage(sum, usage);
  return sum ? { usage: sum, model } : undefined;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
