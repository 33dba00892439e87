import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Breaker, type Permit, type Transition } from '../../../src/healing/breaker/breaker.ts';
import { causeWords } from '../../../src/healing/breaker/words.ts';
import { BreakerOptions } from '../../../src/model/breaker-options.ts';
import { ModelBreaker } from './model.ts';

const small = (min: number, max: number) => fc.integer({ min, max });
const shared = {
  slowCallDurationThreshold: fc.option(small(1, 30), { nil: undefined }),
  waitDurationInOpenState: small(0, 60),
  exponentialBackoffMultiplier: fc.constantFrom(1, 1.5, 2),
  exponentialMaxWaitDurationInOpenState: small(0, 300),
  permittedNumberOfCallsInHalfOpenState: small(1, 4),
  maxWaitDurationInHalfOpenState: small(1, 100),
};
const rates = {
  minimumNumberOfCalls: small(1, 6),
  failureRateThreshold: fc.constantFrom(1, 20, 50, 100),
  slowCallRateThreshold: fc.constantFrom(34, 100),
};
const options = fc
  .oneof(
    fc.record({ kind: fc.constant('consecutive' as const), consecutiveFailures: small(1, 5), ...shared }),
    fc.record({ kind: fc.constant('count' as const), slidingWindowSize: small(6, 12), ...rates, ...shared }),
    fc.record({
      kind: fc.constant('time' as const),
      slidingWindowDuration: small(10, 100),
      slidingWindowBuckets: small(1, 6),
      ...rates,
      ...shared,
    }),
  )
  // Durations are made as the schema gives them: already in ms.
  .map(
    ({ slowCallDurationThreshold: slow, ...rest }): BreakerOptions =>
      slow === undefined ? rest : { ...rest, slowCallDurationThreshold: slow },
  );

/** What happens to a breaker: time passes, then a call begins, one in flight ends, or a hand acts. */
const happening = fc.record({
  gap: fc.oneof({ weight: 8, arbitrary: small(0, 8) }, { weight: 1, arbitrary: small(9, 200) }),
  act: fc.oneof(
    { weight: 10, arbitrary: fc.constant('begin' as const) },
    { weight: 10, arbitrary: fc.constant('end' as const) },
    { weight: 1, arbitrary: fc.constantFrom('open' as const, 'close' as const, 'isolate' as const) },
  ),
  pick: fc.nat(1000),
  outcome: fc.oneof(
    { weight: 4, arbitrary: fc.constant('success' as const) },
    { weight: 6, arbitrary: fc.constant('failure' as const) },
    { weight: 1, arbitrary: fc.constant('ignored' as const) },
  ),
});

describe('Breaker', () => {
  test('does what the reference model does, whatever happens and in whatever order', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(
        options,
        fc.array(happening, { minLength: 1, maxLength: 300, size: 'max' }),
        (config, story) => {
          const log: string[] = [];
          const breaker = new Breaker(config, ({ from, to, at }) => {
            log.push(`${from}>${to}@${at}`);
            reached.add(`${from}>${to}`);
          });
          const model = new ModelBreaker(config);
          const flying: { permit: Permit; stay: number; begun: number }[] = [];
          let now = 0;
          for (const { gap, act, pick, outcome } of story) {
            now += gap;
            if (act === 'begin') {
              const refused = breaker.refuses(now);
              const stay = model.acquire(now);
              const permit = breaker.tryAcquire(now);
              expect(refused).toBe(permit === 0);
              expect(permit !== 0).toBe(stay !== undefined);
              if (stay !== undefined) flying.push({ permit, stay, begun: now });
            } else if (act === 'end') {
              const [call] = flying.splice(pick % Math.max(1, flying.length), 1);
              if (!call) continue;
              breaker.record(call.permit, outcome, now - call.begun, now);
              model.record(call.stay, outcome, now - call.begun, now);
            } else {
              breaker[act](now);
              model.byHand(act === 'close' ? 'closed' : act === 'isolate' ? 'isolated' : 'open', now);
            }
            const shown = breaker.snapshot(now);
            expect(shown.state).toBe(model.state);
            expect(log).toEqual(model.log);
            expect(shown.openings).toBe(model.openings);
            if (shown.state === 'closed') expect(shown.tally.calls).toBe(model.windowOf(now).length);
          }
        },
      ),
      { numRuns: 600 },
    );
    // The stories walk every edge of the machine that is not walked by hand only, and none that is not there.
    const own = ['closed>open', 'open>half-open', 'half-open>open', 'half-open>closed'];
    const byHand = [
      'open>closed',
      'isolated>closed',
      'isolated>open',
      ...['closed', 'open', 'half-open'].map(from => `${from}>isolated`),
    ];
    expect([...reached]).toEqual(expect.arrayContaining(own));
    expect([...own, ...byHand]).toEqual(expect.arrayContaining([...reached]));
  });

  const changes: Transition[] = [];
  const told = (change: Transition) => void changes.push(change);
  const words = () => changes.splice(0).map(change => `${change.to}: ${causeWords(change.cause)}`);
  const fail = (breaker: Breaker, now: number, duration = 0) =>
    breaker.record(breaker.tryAcquire(now), 'failure', duration, now);

  test('tells why it opened in numbers', () => {
    const breaker = new Breaker(
      BreakerOptions.parse({ kind: 'count', slidingWindowSize: 10, minimumNumberOfCalls: 4 }),
      told,
    );
    for (const outcome of ['success', 'failure', 'success', 'failure'] as const)
      breaker.record(breaker.tryAcquire(0), outcome, 0, 0);
    expect(words()).toEqual(['open: 2 of 4 calls failed (50 %, opens at 50 %)']);
  });

  test('each opening in a row waits longer, up to the longest wait; closing forgets them', () => {
    const breaker = new Breaker(
      BreakerOptions.parse({
        kind: 'consecutive',
        consecutiveFailures: 1,
        waitDurationInOpenState: '1s',
        exponentialMaxWaitDurationInOpenState: '3s',
      }),
    );
    const waits = [0, 1000, 3000, 6000].map(at => {
      fail(breaker, at);
      return breaker.snapshot(at).waitLeft;
    });
    expect(waits).toEqual([1000, 2000, 3000, 3000]);
    breaker.record(breaker.tryAcquire(9000), 'success', 0, 9000);
    expect(breaker.snapshot(9000)).toMatchObject({ state: 'closed', openings: 0 });
  });

  test('a late answer to a call from before it opened says nothing about a trial', () => {
    const breaker = new Breaker(
      BreakerOptions.parse({ kind: 'consecutive', consecutiveFailures: 1, waitDurationInOpenState: '1s' }),
    );
    const late = breaker.tryAcquire(0);
    fail(breaker, 0);
    const trial = breaker.tryAcquire(1000);
    breaker.record(late, 'success', 1000, 1000);
    expect(breaker.state).toBe('half-open');
    breaker.record(trial, 'success', 10, 1010);
    expect(breaker.state).toBe('closed');
  });

  test('comes back after a restart as it was; trials that died with their process are made again', () => {
    const config = BreakerOptions.parse({ kind: 'consecutive', waitDurationInOpenState: '10s' });
    const before = new Breaker(config);
    before.open(0);
    const after = new Breaker(config, told);
    after.restore(before.snapshot(4000), 100);
    expect(after.tryAcquire(6099)).toBe(0);
    expect(after.tryAcquire(6100)).not.toBe(0);
    const later = new Breaker(config);
    later.restore(after.snapshot(6100), 0);
    expect(later.snapshot(0)).toMatchObject({ state: 'open', waitLeft: 0, openings: 1 });
    expect(words()).toEqual(['half-open: its wait is over: trial calls may pass']);
  });

  test('slow calls open it although they succeed', () => {
    const breaker = new Breaker(
      BreakerOptions.parse({
        kind: 'time',
        minimumNumberOfCalls: 2,
        slowCallDurationThreshold: '1s',
        slowCallRateThreshold: 100,
      }),
      told,
    );
    for (const now of [0, 10]) breaker.record(breaker.tryAcquire(now), 'success', 1000, now);
    expect(words()).toEqual(['open: 2 of 2 calls were slow (100 %, opens at 100 %)']);
  });
});

describe('BreakerOptions', () => {
  test('refuses a breaker that could never open, and names it does not know', () => {
    const never = { kind: 'count', slidingWindowSize: 5, minimumNumberOfCalls: 6 };
    expect(BreakerOptions.safeParse(never).error?.issues[0]?.path).toEqual(['minimumNumberOfCalls']);
    expect(BreakerOptions.safeParse({ kind: 'time', slidingWindowSize: 5 }).success).toBe(false);
  });
});
