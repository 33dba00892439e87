/** Breakers as the journal tells of them: what each stands before, and how it opens and closes. */
import * as z from 'zod';

/**
 * What breakers stand before: an agent's start command, a provider, a tool, a probe (AGENT/PROBE), a strategy of healing,
 * a program we call ourselves.
 */
export const BreakerKind = z.enum(['start', 'provider', 'tool', 'probe', 'strategy', 'call']);
export type BreakerKind = z.infer<typeof BreakerKind>;

/** `provider:anthropic`. What agents and files name is written so that it can be typed. */
export const BreakerName = z
  .string()
  .regex(
    /^(?:start|provider|tool|probe|strategy|call):[A-Za-z0-9_.:/@-]{1,130}$/,
    `it is written KIND:NAME, KIND is one of ${BreakerKind.options.join(', ')}`,
  );
export type BreakerName = z.infer<typeof BreakerName>;

/** The breaker of something that others have named. */
export function breakerName(kind: BreakerKind, what: string): BreakerName {
  return BreakerName.parse(`${kind}:${what.replace(/[^A-Za-z0-9_.:/@-]/g, '_').slice(0, 130) || '_'}`);
}

export function kindOf(name: BreakerName): BreakerKind {
  return BreakerKind.parse(name.slice(0, name.indexOf(':')));
}

export type BreakerState = 'closed' | 'open' | 'half-open' | 'isolated';

const Count = z.int().min(0);
const ofBreaker = { breaker: BreakerName, why: z.string().max(400) };
/** What was counted until then. */
const counts = { calls: Count, failed: Count, slow: Count };

export const BREAKER_EVENTS = {
  /** What it stands before is not called for so long. `openings`: how often it opened since it was last closed. */
  'breaker.opened': z.object({ ...ofBreaker, ...counts, waitMs: Count, openings: Count }),
  /** Its wait is over: so many calls as its settings say are let through as trials. */
  'breaker.half-opened': z.object(ofBreaker),
  'breaker.closed': z.object(ofBreaker),
  /** By hand, until somebody closes or opens it. */
  'breaker.isolated': z.object(ofBreaker),
} as const;
