import { expect, test } from 'vitest';
import type { Signal } from '../../src/healing/types.ts';
import { HealingConfig, type HealingLevel } from '../../src/model/healing.ts';
import { doing, fleet, started } from './support/fleet.ts';

const MB = 1 << 20;
const uses = (rss: number): Signal => ({
  signal: 'resources',
  use: { cpu: 10, rss: rss * MB, fds: 20, threads: 4, children: 0, output: 100 },
});

/** Whether it is noticed that an agent uses `times` its usual memory for half a minute. */
function noticed(level: HealingLevel, tuning: object, times: number): boolean {
  const f = fleet({ config: { level, tuning } });
  f.at(0, 'a', started(1));
  f.at(100, 'a', doing('working'));
  for (let at = 1000; at < 630_000; at += 1000) {
    f.at(at, 'a', { signal: 'progress' });
    f.at(at + 1, 'a', uses(at < 600_000 ? 200 + (at % 7) : 200 * times));
  }
  return f.all.some(one => one.told === 'opened' && one.incident.anomaly.fault === 'leak');
}

test('a number set by hand is what the learning levels run on; basic has none', () => {
  expect(noticed('hybrid', {}, 3)).toBe(false);
  expect(noticed('hybrid', { growthTimes: 2 }, 3)).toBe(true);
  expect(noticed('hybrid', { growthTimes: 10 }, 6)).toBe(false);
  expect(noticed('hybrid', {}, 6)).toBe(true);
  expect(noticed('basic', { growthTimes: 2 }, 6)).toBe(false);
});

test('what is beyond the bounds or no number of it is refused', () => {
  expect(HealingConfig.safeParse({ tuning: { growthTimes: 1 } }).success).toBe(false);
  expect(HealingConfig.safeParse({ tuning: { askS: 1 } }).success).toBe(false);
});
