/** `breakers:` of a fleet file: what all breakers of a kind, or one by its name, do otherwise than by themselves. */
import * as z from 'zod';
import { BreakerName, type BreakerKind as Guarded, BreakerKind as Kinds, kindOf } from './breaker.ts';
import { BREAKER_FIELDS, BreakerOptions, FIELDS_OF_KIND } from './breaker-options.ts';
import { Duration } from './duration.ts';

const F = BREAKER_FIELDS;
/** As written: what is not given comes from the kind or is built in, so nothing is read before all is put together. */
const asText = (field: typeof F.waitDurationInOpenState): typeof Duration.in =>
  Duration.in.describe(field.description ?? '');

const BreakerSettings = z
  .strictObject({
    ...F,
    slidingWindowDuration: asText(F.slidingWindowDuration),
    slowCallDurationThreshold: asText(F.slowCallDurationThreshold),
    waitDurationInOpenState: asText(F.waitDurationInOpenState),
    exponentialMaxWaitDurationInOpenState: asText(F.exponentialMaxWaitDurationInOpenState),
    maxWaitDurationInHalfOpenState: asText(F.maxWaitDurationInHalfOpenState),
  })
  .partial();
type BreakerSettings = z.infer<typeof BreakerSettings>;

/** As they fit agents: a few calls a minute, and failures that cost minutes rather than milliseconds. */
const BUILT_IN = {
  start: { kind: 'consecutive', consecutiveFailures: 3 },
  provider: {
    kind: 'time',
    slidingWindowDuration: '2m',
    minimumNumberOfCalls: 2,
    waitDurationInOpenState: '15s',
  },
  tool: { kind: 'consecutive', consecutiveFailures: 5, waitDurationInOpenState: '30s' },
  probe: { kind: 'consecutive', consecutiveFailures: 3, waitDurationInOpenState: '30s' },
  strategy: { kind: 'consecutive', consecutiveFailures: 5, waitDurationInOpenState: '2m' },
  call: { kind: 'consecutive', consecutiveFailures: 3 },
} as const satisfies Record<Guarded, BreakerSettings>;

const Key = z
  .string()
  .refine(
    name => Kinds.safeParse(name).success || BreakerName.safeParse(name).success,
    `it is what breakers stand before (${Kinds.options.join(', ')}), or the name of one such as provider:anthropic`,
  );

type Layers = Readonly<Record<string, BreakerSettings>>;

/** Built in, then the kind's, then its own; what only another way of counting knows is left out. */
function layered(key: string, layers: Layers): BreakerSettings {
  const guarded = Kinds.safeParse(key).data ?? kindOf(key);
  const own = [BUILT_IN[guarded], layers[guarded] ?? {}, ...(key === guarded ? [] : [layers[key] ?? {}])];
  const whole: BreakerSettings = Object.assign({}, ...own);
  const fields = FIELDS_OF_KIND[whole.kind ?? 'consecutive'];
  return Object.fromEntries(Object.entries(whole).filter(([name]) => fields.has(name)));
}

/** What is given for this key and cannot hold. */
function problemsOf(key: string, layers: Layers): readonly { path: PropertyKey[]; message: string }[] {
  const whole = layered(key, layers);
  const foreign = Object.keys(layers[key] ?? {}).filter(field => !(field in whole));
  return [
    ...foreign.map(field => ({
      path: [key, field],
      message: `a breaker of the kind ${whole.kind} has no such setting; it counts ${COUNTS[whole.kind ?? 'consecutive']}`,
    })),
    ...(BreakerOptions.safeParse(whole).error?.issues ?? []).map(({ path, message }) => ({
      path: [key, ...path],
      message,
    })),
  ];
}

const COUNTS = {
  consecutive: 'failures in a row',
  count: 'a share of so many calls',
  time: 'a share of the calls of a time',
} as const;

export const BreakersConfig = z.record(Key, BreakerSettings).superRefine((layers, context) => {
  for (const key of Object.keys(layers))
    for (const problem of problemsOf(key, layers)) context.addIssue({ code: 'custom', ...problem });
});
export type BreakersConfig = z.infer<typeof BreakersConfig>;

/** @param adaptive whether its threshold follows what is usual where the file does not say */
export function breakerOptions(name: BreakerName, config: BreakersConfig, adaptive: boolean): BreakerOptions {
  return BreakerOptions.parse({ adaptive, ...layered(name, config) });
}
