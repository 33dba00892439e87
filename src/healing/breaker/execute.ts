/** Calls through a breaker. */
import { HmsError } from '../../model/errors.ts';
import type { Breaker, Outcome, Permit } from './breaker.ts';

export type BrokenCircuitCode = 'breaker-open' | 'breaker-isolated';

/**
 * The call was not made. One object a breaker, made beforehand and without a stack: taking a stack costs more than
 * most calls, and fast failing is what breakers are for.
 */
export class BrokenCircuitError extends HmsError {
  constructor(code: BrokenCircuitCode, name: string) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(
      code,
      code === 'breaker-open'
        ? `${name} failed too often and is not called for now`
        : `${name} was isolated by hand and is not called`,
      code === 'breaker-open' ? 'A trial call follows by itself' : 'Close its breaker to use it again',
    );
    Error.stackTraceLimit = limit;
  }
}

/** What the error of a call says about what the breaker guards; by default that it failed. */
export type Judge = (error: unknown) => Exclude<Outcome, 'success'>;

const failure: Judge = () => 'failure';

/**
 * A function that makes calls through a breaker: passes on what they give or throw, throws BrokenCircuitError when
 * the breaker refuses.
 *
 * @param name what is guarded, for the error's words
 * @param clock ms, must not go backwards (`performance.now`); not read on the way through a closed breaker that
 *   needs no times
 */
export function through(
  breaker: Breaker,
  name: string,
  clock: () => number,
  judge: Judge = failure,
): <T>(call: () => Promise<T>) => Promise<T> {
  const open = refusal(new BrokenCircuitError('breaker-open', name));
  const isolated = refusal(new BrokenCircuitError('breaker-isolated', name));
  /** A closed breaker that needs no times: the way most calls go, kept free of all it does not need. */
  const makeUntimed = async <T>(call: () => Promise<T>, permit: Permit): Promise<T> => {
    try {
      const result = await call();
      breaker.record(permit, 'success', 0, 0);
      return result;
    } catch (error) {
      // Failing may open the breaker, which needs the time.
      breaker.record(permit, judge(error), 0, clock());
      throw error;
    }
  };
  const makeTimed = async <T>(call: () => Promise<T>, permit: Permit, begun: number): Promise<T> => {
    try {
      const result = await call();
      const now = clock();
      breaker.record(permit, 'success', now - begun, now);
      return result;
    } catch (error) {
      const now = clock();
      breaker.record(permit, judge(error), now - begun, now);
      throw error;
    }
  };
  return call => {
    if (breaker.isClosed && !breaker.timed) return makeUntimed(call, breaker.tryAcquire(0));
    const begun = clock();
    const permit = breaker.tryAcquire(begun);
    if (permit === 0) return breaker.state === 'isolated' ? isolated : open;
    return makeTimed(call, permit, begun);
  };
}

/** One rejected promise for all refusals: rejecting anew costs Node its book-keeping of unhandled ones each time. */
function refusal(error: BrokenCircuitError): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => undefined);
  return promise;
}
