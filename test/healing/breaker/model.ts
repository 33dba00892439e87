/**
 * The reference model of a breaker: keeps every call of its stay in a list and counts from scratch each time.
 * Slow, plain, and written from the specification in docs/healing-inside.md, not from the code.
 */
import type { BreakerState, Outcome } from '../../../src/healing/breaker/breaker.ts';
import type { BreakerOptions } from '../../../src/model/breaker-options.ts';

interface Call {
  readonly at: number;
  readonly failed: boolean;
  readonly slow: boolean;
}

export class ModelBreaker {
  readonly options: BreakerOptions;
  state: BreakerState = 'closed';
  stay = 0;
  calls: Call[] = [];
  openings = 0;
  since = 0;
  granted = 0;
  log: string[] = [];

  constructor(options: BreakerOptions) {
    this.options = options;
  }

  private enter(state: BreakerState, now: number): void {
    this.log.push(`${this.state}>${state}@${now}`);
    this.state = state;
    this.stay += 1;
    this.since = now;
    this.calls = [];
    this.granted = 0;
    if (state === 'open') this.openings += 1;
    if (state === 'closed') this.openings = 0;
  }

  wait(): number {
    const o = this.options;
    let wait = o.waitDurationInOpenState;
    for (let n = 1; n < Math.min(this.openings, 100); n += 1) wait *= o.exponentialBackoffMultiplier;
    return Math.max(o.waitDurationInOpenState, Math.min(wait, o.exponentialMaxWaitDurationInOpenState));
  }

  acquire(now: number): number | undefined {
    const o = this.options;
    if (this.state === 'half-open' && now - this.since >= o.maxWaitDurationInHalfOpenState)
      this.enter('open', now);
    else if (this.state === 'open' && now - this.since >= this.wait()) this.enter('half-open', now);
    if (this.state === 'closed') return this.stay;
    if (this.state !== 'half-open' || this.granted >= o.permittedNumberOfCallsInHalfOpenState)
      return undefined;
    this.granted += 1;
    return this.stay;
  }

  record(stay: number, outcome: Outcome, duration: number, now: number): void {
    if (stay !== this.stay) return;
    if (outcome === 'ignored') {
      if (this.state === 'half-open') this.granted -= 1;
      return;
    }
    const slow = duration >= (this.options.slowCallDurationThreshold ?? Number.POSITIVE_INFINITY);
    this.calls.push({ at: now, failed: outcome === 'failure', slow });
    if (this.state === 'closed' && this.mustOpen(this.windowOf(now))) this.enter('open', now);
    else if (this.state === 'half-open') this.judgeTrials(now);
  }

  windowOf(now: number): Call[] {
    const o = this.options;
    if (o.kind === 'count') return this.calls.slice(-o.slidingWindowSize);
    if (o.kind === 'consecutive') {
      const lastGood = this.calls.findLastIndex(call => !call.failed && !call.slow);
      return this.calls.slice(lastGood + 1);
    }
    const width = o.slidingWindowDuration / o.slidingWindowBuckets;
    const bucket = (at: number) => Math.floor(at / width);
    return this.calls.filter(call => bucket(call.at) > bucket(now) - o.slidingWindowBuckets);
  }

  private mustOpen(calls: Call[]): boolean {
    const o = this.options;
    if (o.kind === 'consecutive') return calls.length >= o.consecutiveFailures;
    if (calls.length < o.minimumNumberOfCalls) return false;
    return this.tooMany(calls, calls.length);
  }

  private tooMany(calls: Call[], outOf: number): boolean {
    const o = this.options;
    if (o.kind === 'consecutive') return calls.some(call => call.failed || call.slow);
    return (
      calls.filter(call => call.failed).length * 100 >= o.failureRateThreshold * outOf ||
      calls.filter(call => call.slow).length * 100 >= o.slowCallRateThreshold * outOf
    );
  }

  private judgeTrials(now: number): void {
    const permitted = this.options.permittedNumberOfCallsInHalfOpenState;
    if (this.tooMany(this.calls, permitted)) this.enter('open', now);
    else if (this.calls.length >= permitted) this.enter('closed', now);
  }

  byHand(to: 'open' | 'closed' | 'isolated', now: number): void {
    if (this.state !== to) this.enter(to, now);
  }
}
