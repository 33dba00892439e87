/** Tokens in Claude Code's transcript: one JSON line a part of a message, with the usage of the whole message. */
import * as z from 'zod';
import { addUsage, type TokenUsage } from '../model/usage.ts';
import type { TurnUsage } from './types.ts';

const Tokens = z.int().min(0).max(1e9).catch(0);
const Line = z.object({
  /** Of a sub-agent, which has a context of its own. */
  isSidechain: z.boolean().catch(false).default(false),
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

/** Tokens a model keeps in mind; what holds more than the first has the second. */
const WINDOWS = [200_000, 1_000_000] as const;

/**
 * What these lines say was used; undefined when they say nothing. Lines that are no JSON, or not as known, count nothing.
 *
 * @param settled nothing will be added to the last message: else it is left for the next time, with all after it
 */
export function usageIn(lines: string, settled = true): TurnUsage | undefined {
  // A message stands there as often as it has parts, each time with what it has used so far.
  const messages = new Map<string, { readonly usage: TokenUsage; readonly from: number }>();
  let [model, held, at] = ['', 0, 0];
  for (const line of lines.split('\n')) {
    const from = at;
    at += line.length + 1;
    if (!line.includes('"usage"')) continue;
    const { data } = Line.safeParse(parsed(line));
    if (!data || data.message.model === '<synthetic>') continue;
    const usage = usageOf(data);
    model = data.message.model || model;
    const known = messages.get(data.message.id);
    messages.set(data.message.id, { usage, from: known?.from ?? from });
    if (!data.isSidechain) held = usage.input + usage.output + usage.cacheRead + usage.cacheWrite;
  }
  const last = [...messages].at(-1);
  if (!settled && last) messages.delete(last[0]);
  let sum: TokenUsage | null = null;
  for (const { usage } of messages.values()) sum = addUsage(sum, usage);
  if (!sum) return undefined;
  const window = held > WINDOWS[0] ? WINDOWS[1] : WINDOWS[0];
  const rest = settled || !last ? 0 : Buffer.byteLength(lines.slice(last[1].from));
  return { usage: sum, model, context: Math.min(1, held / window), rest };
}

function usageOf({ message, costUSD }: z.infer<typeof Line>): TokenUsage {
  const { usage } = message;
  return {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cacheRead: usage.cache_read_input_tokens,
    cacheWrite: usage.cache_creation_input_tokens,
    cost: costUSD,
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
