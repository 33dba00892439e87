/** Breakers as they are asked for and operated, and what is counted of them. */
import * as z from 'zod';
import { BreakerName } from '../model/breaker.ts';

const reason = z.string().max(400).default('');
const OfBreaker = z.object({ breaker: BreakerName, reason });
const HOUR_MS = 3_600_000;

export const BREAKER_REQUESTS = {
  'breaker.list': { with: z.object({}) },
  /** Refuses calls for so long, or as long as its settings say; then a trial may pass. */
  'breaker.open': {
    with: OfBreaker.extend({
      forMs: z
        .int()
        .min(1)
        .max(30 * 24 * HOUR_MS)
        .optional(),
    }),
  },
  'breaker.close': { with: OfBreaker },
  /** Refuses calls until somebody closes or opens it. */
  'breaker.isolate': { with: OfBreaker },
  /** Closes it, and forgets what it counted and what was usual. */
  'breaker.reset': { with: OfBreaker },
} as const;
