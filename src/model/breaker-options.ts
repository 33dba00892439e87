/**
 * What a breaker is told. Names are those of resilience4j's `CircuitBreakerConfig` where it has one, Polly's where
 * only Polly has; durations are written as people write them (`10s`) and are milliseconds once parsed.
 * Where a default differs from theirs, it is because agents make tens of calls an hour, not hundreds a second.
 */
import * as z from 'zod';
import { Duration } from './duration.ts';

const Percent = z.number().positive().max(100);
const Count = z.number().int().min(1);

export const BREAKER_FIELDS = {
  kind: z
    .enum(['consecutive', 'count', 'time'])
    .describe('What is counted: failures in a row, a share of so many calls, a share of the calls of a time'),
  consecutiveFailures: Count.max(1_000_000).describe('Failures in a row (Envoy consecutive_5xx 5)'),
  slidingWindowSize: Count.max(100_000).describe('Calls looked back on (resilience4j 100)'),
  slidingWindowDuration: Duration.describe('Time looked back on (Polly SamplingDuration 30s)'),
  slidingWindowBuckets: Count.max(1000).describe(
    'The window slides in steps of its duration divided by this (Hystrix numBuckets 10)',
  ),
  minimumNumberOfCalls: Count.describe(
    'Fewer calls open nothing (resilience4j 100, Polly MinimumThroughput 100)',
  ),
  failureRateThreshold: Percent.describe(
    'Opens when at least this share of calls failed, percent (resilience4j)',
  ),
  slowCallRateThreshold: Percent.describe(
    'Opens when at least this share of calls was slow, percent (resilience4j)',
  ),
  slowCallDurationThreshold: Duration.describe(
    'A call that takes at least this long is slow (resilience4j). Without it, no call is slow and no clock is read',
  ),
  waitDurationInOpenState: Duration.describe(
    'How long calls are refused before a trial is let through (resilience4j 60s; Polly BreakDuration 5s)',
  ),
  exponentialBackoffMultiplier: z
    .number()
    .min(1)
    .max(10)
    .describe('By what each opening without a closing between lengthens the wait (resilience4j 1.5)'),
  exponentialMaxWaitDurationInOpenState: Duration.describe('The longest wait (Envoy max_ejection_time 300s)'),
  permittedNumberOfCallsInHalfOpenState: Count.max(1000).describe(
    'How many trials half-open lets through (resilience4j 10; Polly and OTP-like supervisors 1)',
  ),
  maxWaitDurationInHalfOpenState: Duration.describe(
    'After this long half-open without enough answers the breaker opens again: a trial that never answers is a failure (resilience4j)',
  ),
  adaptive: z
    .boolean()
    .describe(
      'The threshold follows what is usual, once that is known: what fails as often as ever opens nothing, what hardly ever failed opens sooner. Without it, so at the level hybrid and above',
    ),
} as const;

const F = BREAKER_FIELDS;

const shared = {
  slowCallDurationThreshold: F.slowCallDurationThreshold.optional(),
  waitDurationInOpenState: F.waitDurationInOpenState.default(5_000),
  exponentialBackoffMultiplier: F.exponentialBackoffMultiplier.default(2),
  exponentialMaxWaitDurationInOpenState: F.exponentialMaxWaitDurationInOpenState.default(300_000),
  permittedNumberOfCallsInHalfOpenState: F.permittedNumberOfCallsInHalfOpenState.default(1),
  maxWaitDurationInHalfOpenState: F.maxWaitDurationInHalfOpenState.default(60_000),
  adaptive: F.adaptive.optional(),
};

const rates = {
  minimumNumberOfCalls: F.minimumNumberOfCalls.default(10),
  failureRateThreshold: F.failureRateThreshold.default(50),
  slowCallRateThreshold: F.slowCallRateThreshold.default(100),
};

/** So many failures in a row (Envoy `consecutive_5xx`, cockatiel `ConsecutiveBreaker`). A slow call is a failure. */
const ConsecutiveBreakerOptions = z.strictObject({
  kind: z.literal('consecutive'),
  consecutiveFailures: F.consecutiveFailures.default(5),
  ...shared,
});

/** A share of the last so many calls (resilience4j COUNT_BASED). */
const CountBreakerOptions = z.strictObject({
  kind: z.literal('count'),
  slidingWindowSize: F.slidingWindowSize.default(100),
  ...rates,
  ...shared,
});

/** A share of the calls of the last so much time (resilience4j TIME_BASED, Polly SamplingDuration). */
const TimeBreakerOptions = z.strictObject({
  kind: z.literal('time'),
  slidingWindowDuration: F.slidingWindowDuration.default(30_000),
  slidingWindowBuckets: F.slidingWindowBuckets.default(10),
  ...rates,
  ...shared,
});

/** A minimum above the window would never be reached: such a breaker could not open. */
export const BreakerOptions = z
  .discriminatedUnion('kind', [ConsecutiveBreakerOptions, CountBreakerOptions, TimeBreakerOptions])
  .refine(options => options.kind !== 'count' || options.minimumNumberOfCalls <= options.slidingWindowSize, {
    path: ['minimumNumberOfCalls'],
    message: 'minimumNumberOfCalls is more than slidingWindowSize: this breaker could never open',
  });
export type BreakerOptions = z.infer<typeof BreakerOptions>;

/** Which fields are only of some kinds. */
export const FIELDS_OF_KIND: Readonly<Record<BreakerOptions['kind'], ReadonlySet<string>>> = {
  consecutive: new Set(Object.keys(ConsecutiveBreakerOptions.shape)),
  count: new Set(Object.keys(CountBreakerOptions.shape)),
  time: new Set(Object.keys(TimeBreakerOptions.shape)),
};
