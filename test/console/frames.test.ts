import { expect, test } from 'vitest';
import { frames } from '../../src/console/frames.ts';

/** A clock that is turned by hand. */
function clock() {
  let now = 1000;
  let due: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    after: (ms: number, run: () => void) => {
      const entry = { at: now + ms, run };
      due.push(entry);
      return () => {
        due = due.filter(e => e !== entry);
      };
    },
    turn(ms: number) {
      const until = now + ms;
      for (;;) {
        const [next] = due.filter(e => e.at <= until).sort((a, b) => a.at - b.at);
        if (!next) break;
        now = Math.max(now, next.at);
        due = due.filter(e => e !== next);
        next.run();
      }
      now = until;
    },
  };
}

test('the first change is drawn at once, the rest of a storm once per gap, and the last one too', () => {
  const time = clock();
  const drawn: number[] = [];
  const f = frames(time, () => drawn.push(time.now()));
  f.request(16);
  time.turn(0);
  expect(drawn).toEqual([1000]);
  for (let i = 0; i < 40; i++) {
    f.request(16);
    time.turn(1);
  }
  expect(drawn).toEqual([1000, 1016, 1032]);
  time.turn(100);
  expect(drawn).toEqual([1000, 1016, 1032, 1048]);
  time.turn(10_000);
  expect(drawn).toHaveLength(4);
});

test('a change that may not wait overtakes one that may', () => {
  const time = clock();
  const drawn: number[] = [];
  const f = frames(time, () => drawn.push(time.now()));
  f.request(16);
  time.turn(1);
  f.request(100);
  time.turn(1);
  f.request(16);
  time.turn(500);
  expect(drawn).toEqual([1000, 1016]);
});

test('after stop nothing is drawn', () => {
  const time = clock();
  let drawn = 0;
  const f = frames(time, () => {
    drawn += 1;
  });
  f.request(16);
  f.stop();
  f.request(0);
  time.turn(1000);
  expect(drawn).toBe(0);
});
