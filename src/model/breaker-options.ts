/**
 * What a breaker is told. Names are those of resilience4j's `CircuitBreakerConfig` where it has one, Polly's where
 * only Polly has; durations are written as people write them (`10s`) and are milliseconds once parsed.
 * Where a default differs from theirs, it is because agents make tens of calls an hour, not hundreds a second.
 */
import * as z from 'zod';
import { Duration } from './duration.ts';

const Percent = z.number().positive().max(100);
const Count = z.number().int().min(1);

const shared = {
  slowCallDurationThreshold: Duration.optional().describe(
    'A call that takes at least this long is slow (resilience4j). Without it, no call is slow and no clock is read',
  ),
  waitDurationInOpenState: Duration.default(5_000).describe(
    'How long calls are refused before a trial is let through (resilience4j 60s; Polly BreakDuration 5s)',
  ),
  exponentialBackoffMultiplier: z
    .number()
    .min(1)
    .max(10)
    .default(2)
    .describe('By what each opening without a closing between lengthens the wait (resilience4j 1.5)'),
  exponentialMaxWaitDurationInOpenState: Duration.default(300_000).describe(
    'The longest wait (Envoy max_ejection_time 300s)',
  ),
  permittedNumberOfCallsInHalfOpenState: Count.max(1000)
    .default(1)
    .describe('How many trials half-open lets through (resilience4j 10; Polly and OTP-like supervisors 1)'),
  maxWaitDurationInHalfOpenState: Duration.default(60_000).describe(
    'After this long half-open without enough answers the breaker opens again: a trial that never answers is a failure (resilience4j)',
  ),
  adaptive: z
    .boolean()
    .optional()
    .describe(
      'The threshold follows what is usual, once that is known: what fails as often as ever opens nothing, what hardly ever failed opens sooner. Without it, so at the level hybrid and above',
    ),
};

const rates = {
  failureRateThreshold: Percent.default(50).describe(
    'Opens when at least this share of calls failed, percent (resilience4j)',
  ),
  slowCallRateThreshold: Percent.default(100).describe(
    'Opens when at least this share of calls was slow, percent (resilience4j)',
  ),
};

/** So many failures in a row (Envoy `consecutive_5xx`, cockatiel `ConsecutiveBreaker`). A slow call is a failure. */
export const ConsecutiveBreakerOptions = z.strictObject({
  kind: z.literal('consecutive'),
  consecutiveFailures: Count.max(1_000_000).default(5).describe('Envoy consecutive_5xx 5'),
  ...shared,
});

/** A share of the last so many calls (resilience4j COUNT_BASED). */
export const CountBreakerOptions = z.strictObject({
  kind: z.literal('count'),
  slidingWindowSize: Count.max(100_000).default(100).describe('Calls looked back on (resilience4j 100)'),
  minimumNumberOfCalls: Count.default(10).describe('Fewer calls open nothing (resilience4j 100)'),
  ...rates,
  ...shared,
});

/** A share of the calls of the last so much time (resilience4j TIME_BASED, Polly SamplingDuration). */
export const TimeBreakerOptions = z.strictObject({
  kind: z.literal('time'),
  slidingWindowDuration: Duration.default(30_000).describe(
    'Time looked back on (Polly SamplingDuration 30s)',
  ),
  slidingWindowBuckets: Count.max(1000)
    .default(10)
    .describe('The window slides in steps of its duration divided by this (Hystrix numBuckets 10)'),
  minimumNumberOfCalls: Count.default(10).describe('Fewer calls open nothing (Polly MinimumThroughput 100)'),
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
