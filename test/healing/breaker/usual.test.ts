import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Breaker } from '../../../src/healing/breaker/breaker.ts';
import { BreakerOptions } from '../../../src/model/breaker-options.ts';

/** Every call has its answer at once. Returns how many calls it took to open; undefined if it did not. */
function callsToOpen(breaker: Breaker, calls: Iterable<boolean>): number | undefined {
  let n = 0;
  for (const failed of calls) {
    n += 1;
    breaker.record(breaker.tryAcquire(n), failed ? 'failure' : 'success', 0, n);
    if (breaker.state === 'open') return n;
  }
  return undefined;
}

const count = (adaptive: boolean) =>
  new Breaker(BreakerOptions.parse({ kind: 'count', slidingWindowSize: 40, adaptive }));

const every = function* (nth: number, calls: number): Iterable<boolean> {
  for (let n = 1; n <= calls; n += 1) yield n % nth === 0;
};

test('what hardly ever failed opens before its fixed threshold is reached', () => {
  const [adaptive, fixed] = [count(true), count(false)];
  for (const breaker of [adaptive, fixed]) expect(callsToOpen(breaker, every(1000, 200))).toBeUndefined();
  const third = [...every(3, 120)];
  expect(callsToOpen(fixed, third)).toBeUndefined();
  expect(callsToOpen(adaptive, third)).toBeLessThan(40);
});

test('what has always failed now and then opens no sooner for going on so', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 12 }), nth => {
      expect(callsToOpen(count(true), every(nth, 2000))).toBeUndefined();
    }),
  );
});

test('until it is known what is usual, the fixed threshold holds', () => {
  const failing = Array.from({ length: 40 }, () => true);
  expect(callsToOpen(count(true), failing)).toBe(callsToOpen(count(false), failing));
});

test('in a row: two failures of what never fails, more of what fails often', () => {
  const options = { kind: 'consecutive', consecutiveFailures: 5, adaptive: true } as const;
  const failing = Array.from({ length: 100 }, () => true);
  const never = new Breaker(BreakerOptions.parse(options));
  callsToOpen(never, every(1000, 100));
  expect(callsToOpen(never, failing)).toBe(2);
  const often = new Breaker(BreakerOptions.parse(options));
  callsToOpen(often, every(2, 100));
  expect(callsToOpen(often, failing)).toBeGreaterThan(5);
});

test('what is usual is remembered when it was open and closes again', () => {
  const breaker = count(true);
  callsToOpen(breaker, every(1000, 200));
  callsToOpen(breaker, every(1, 40));
  breaker.close(1000);
  expect(callsToOpen(breaker, every(2, 40))).toBeLessThan(20);
});
