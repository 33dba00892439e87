/** How often is looked: at once where there is hope, ever more rarely where there was none for long. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Lookout } from '../../../src/cells/healer/lookout.ts';
import { nextLookIn } from '../../../src/cells/healer/rarely.ts';
import { Turns } from '../../../src/cells/healer/turns.ts';
import { HealingConfig } from '../../../src/model/healing.ts';
import { worldByHand } from './world.ts';

function watching(config: object) {
  const hand = worldByHand();
  const { world } = hand;
  const looks: number[] = [];
  const told: string[] = [];
  let up = false;
  const lookout = new Lookout(
    {
      config: HealingConfig.parse(config),
      look: async () => {
        looks.push(world.now());
        return { ok: up, words: '', tookMs: 1 };
      },
      mayProbe: () => true,
      after: world.after,
      now: world.now,
      random: world.random,
      isAlive: () => true,
      isWanted: () => true,
      onProbe: () => {},
      onDependency: (name, is) => told.push(`${name} ${is ? 'up' : 'down'} at ${world.now()}`),
    },
    { db: 'ECONNREFUSED' },
  );
  const be = (is: boolean) => {
    up = is;
  };
  return { ...hand, lookout, looks, told, be };
}

const depends = { depends: { db: { tcp: 'a:1' } } };

test('a dependency that has just gone is looked at four times a second, one that is long gone every five', async () => {
  const { looks, pass } = watching(depends);
  await pass(10_000);
  expect(looks.length).toBeGreaterThan(38);
  await pass(3_600_000);
  const before = looks.length;
  await pass(60_000);
  expect(looks.length - before).toBe(12);
});

test('its return is noticed within a fiftieth of the time it was gone', async () => {
  const { told, pass, be } = watching(depends);
  await pass(60_000);
  be(true);
  await pass(60_000);
  expect(told).toHaveLength(1);
  expect(Number(told[0]?.split(' ').at(-1))).toBeLessThan(60_000 * 1.025 + 250);
});

test('a hint has it looked at at once, and often again; what is up is left alone', async () => {
  const { lookout, looks, told, pass, be } = watching(depends);
  await pass(3_600_000);
  be(true);
  lookout.hint();
  await pass(0);
  expect(told).toEqual(['db up at 3600000']);
  const before = looks.length;
  lookout.hint();
  await pass(0);
  expect(looks.length).toBe(before);
});

test('a probe that fails on is asked more rarely, until another run begins', async () => {
  const { lookout, looks, pass } = watching({ probes: { it: { tcp: 'a:1', every: '1s' } } });
  lookout.started();
  await pass(20_000);
  expect(looks).toHaveLength(20);
  await pass(7_200_000);
  const before = looks.length;
  await pass(600_000);
  expect(looks.length - before).toBe(10);
  lookout.started();
  await pass(10_000);
  expect(looks.length - before).toBe(20);
});

test('the next look is never sooner than people set, and never later than a share of the outage and its jitter', () => {
  const ms = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(
      ms,
      fc.integer({ min: 0, max: 1e9 }),
      fc.double({ min: 0, max: 0.999 }),
      (every, down, random) => {
        const next = nextLookIn('dependency', every, down, random);
        expect(next).toBeGreaterThanOrEqual(every);
        expect(next).toBeLessThanOrEqual(Math.max(every, 1.25 * Math.min(5000, down / 50)));
      },
    ),
  );
});

test('so many at once, the others in turn, also after one that throws', async () => {
  const turns = new Turns(2);
  const ends: ((error?: Error) => void)[] = [];
  const work = (): Promise<string> =>
    new Promise((resolve, reject) => ends.push(error => (error ? reject(error) : resolve('done'))));
  const all = Array.from({ length: 4 }, () => turns.take(work).catch(() => 'failed'));
  await Promise.resolve();
  expect(ends).toHaveLength(2);
  ends[0]?.(new Error('no'));
  expect(await all[0]).toBe('failed');
  expect(ends).toHaveLength(3);
  for (const end of ends.slice(1)) end();
  await Promise.all(all.slice(1, 3));
  ends[3]?.();
  expect(await all[3]).toBe('done');
});
