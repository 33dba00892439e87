/** A call that is waited for so long and no longer. The call itself is not ended by it: what it does late counts for nothing. */
import { HmsError } from '../model/errors.ts';

/** Calls back once after `ms`, unless cancelled by the function returned. */
export type After = (ms: number, callback: () => void) => () => void;

/** As `work`; rejects with HmsError `too-late` when that has not come back within `ms`. Settles exactly once. */
export function within<T>(what: string, ms: number, after: After, work: () => T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = after(ms, () =>
      reject(new HmsError('too-late', `${what} has not answered within ${Math.round(ms)} ms`)),
    );
    // Also what it throws at once is an answer.
    new Promise<T>(done => done(work())).then(resolve, reject).finally(cancel);
  });
}
