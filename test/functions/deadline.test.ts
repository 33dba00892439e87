import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { within } from '../../src/functions/deadline.ts';

/** Timers on a clock of the test's own. */
function clock() {
  let now = 0;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    get waiting() {
      return timers.size;
    },
    after: (ms: number, callback: () => void) => {
      const timer = { at: now + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async go(to: number) {
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= to).sort((a, b) => a.at - b.at);
        if (!next) break;
        now = next.at;
        timers.delete(next);
        next.callback();
        // What follows from it comes before the next timer.
        for (let n = 0; n < 10; n += 1) await Promise.resolve();
      }
      now = to;
    },
  };
}

describe('a call with a deadline', () => {
  test('settles once: as the call does, or too late, and leaves no timer', async () => {
    const cases = fc.record({
      ms: fc.integer({ min: 1, max: 1000 }),
      tookMs: fc.integer({ min: 0, max: 2000 }),
      how: fc.constantFrom('answers', 'rejects', 'never'),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ ms, tookMs, how }) => {
        fc.pre(tookMs !== ms);
        const time = clock();
        const { after, go } = time;
        const settled: string[] = [];
        const call = within('it', ms, after, () => {
          if (how === 'never') return new Promise<string>(() => {});
          return new Promise<string>((resolve, reject) => {
            after(tookMs, () => (how === 'answers' ? resolve(how) : reject(new Error(how))));
          });
        });
        call.then(
          value => settled.push(value),
          (error: Error) => settled.push(error.message),
        );
        await go(5000);
        const inTime = how !== 'never' && tookMs < ms;
        expect(settled).toEqual([inTime ? how : `it has not answered within ${ms} ms`]);
        expect(time.waiting).toBe(0);
      }),
    );
  });

  test('also takes what is thrown at once for an answer, and a plain value', async () => {
    const { after } = clock();
    const thrown = within('it', 1, after, () => {
      throw new Error('at once');
    });
    await expect(thrown).rejects.toThrow('at once');
    expect(await within('it', 1, after, () => 7)).toBe(7);
  });
});
