import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RepeatDetector, repeatFinding } from '../../../src/healing/detect/repeat.ts';

/** The same, found by looking at everything from the beginning. */
function slow(all: readonly string[], longest: number, rounds: number, steps: number) {
  for (let period = 1; period <= longest; period += 1) {
    let same = 0;
    while (same + period < all.length && all.at(-1 - same) === all.at(-1 - same - period)) same += 1;
    const whole = same + period;
    if (same > 0 && whole >= rounds * period && whole >= steps)
      return { period, rounds: Math.floor(whole / period), steps: whole };
  }
  return undefined;
}

test('finds the cycles that looking at everything finds, and no others', () => {
  const digest = fc.constantFrom('a', 'b', 'c');
  const story = fc
    .array(fc.tuple(fc.array(digest, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 6 })), {
      maxLength: 8,
    })
    .map(parts => parts.flatMap(([part, times]) => Array.from({ length: times }, () => part).flat()));
  let loops = 0;
  fc.assert(
    fc.property(
      story,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 2, max: 4 }),
      (all, longest, rounds) => {
        const detector = new RepeatDetector({ longest, rounds, steps: 4 });
        all.forEach((one, at) => {
          const found = detector.push(one);
          expect(found).toEqual(slow(all.slice(0, at + 1), longest, rounds, 4));
          if (found) loops += 1;
        });
      },
    ),
    { numRuns: 500 },
  );
  expect(loops).toBeGreaterThan(100);
});

test('five rounds of edit, test, edit, test are a loop; new screens in between are none', () => {
  const detector = new RepeatDetector();
  const found = Array.from({ length: 10 }, (_, n) => detector.push(n % 2 ? 'test' : 'edit'));
  expect(found.slice(0, 9)).toEqual(Array.from({ length: 9 }));
  expect(found[9] && repeatFinding('screen', found[9]).words).toBe(
    'the same 2 screens in the same order 5 times',
  );
  const working = new RepeatDetector();
  for (let n = 0; n < 50; n += 1) {
    expect(working.push(`edit ${n}`)).toBeUndefined();
    expect(working.push('test')).toBeUndefined();
  }
});

test('once it got somewhere, what was before no longer counts', () => {
  const detector = new RepeatDetector();
  for (let n = 0; n < 5; n += 1) detector.push('same');
  detector.clear();
  for (let n = 0; n < 5; n += 1) expect(detector.push('same')).toBeUndefined();
  expect(detector.push('same')).toEqual({ period: 1, rounds: 6, steps: 6 });
});
