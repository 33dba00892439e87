/** Durations as people write them in their files. */
import * as z from 'zod';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** A duration such as `250ms`, `10s`, `5m`, `1h`; in milliseconds once parsed. */
export const Duration = z
  .string()
  .regex(DURATION, 'a duration is a number and a unit: 250ms, 10s, 5m, 1h, 14d')
  .transform(text => {
    const [, amount = '0', unit = 'ms'] = DURATION.exec(text) ?? [];
    return Math.round(Number(amount) * UNITS[unit as keyof typeof UNITS]);
  });
