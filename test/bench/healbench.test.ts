/** The comparison's own parts: peers do what their manuals say, and the oracle is not beaten. */
import { describe, expect, it } from 'vitest';
import { measure } from '../../bench/healbench/measure.ts';
import { PEERS, peerPolicy } from '../../bench/healbench/peers.ts';
import { OTHERS, OURS } from '../../bench/healbench/policies.ts';
import { pareto, table } from '../../bench/healbench/report.ts';
import { seeded } from '../../src/healing/random.ts';
import type { Signal } from '../../src/healing/types.ts';

const exited: Signal = { signal: 'exited', incarnation: 1, clean: false, lost: false, words: 'exit 1' };
const started: Signal = { signal: 'started', incarnation: 2, resumed: false };

/** Dies again 50 ms after each start: when it was started, ms, until it is given up or an hour has passed. */
function starts(name: string): number[] {
  const peer = PEERS.find(one => one.name === name);
  if (!peer) throw new RangeError(name);
  const at: number[] = [];
  let now = 0;
  const hands = { perform: () => void at.push(now), ask: () => undefined };
  const policy = peerPolicy(peer)(hands, ['a'], seeded(1));
  policy.signal('a', started, 0);
  now = 50;
  let next = policy.signal('a', exited, now);
  while (now < 3_600_000 && at.length < 40) {
    const before = at.length;
    if (at.at(-1) !== now && next < Number.POSITIVE_INFINITY) {
      now = next;
      next = policy.signal('a', { signal: 'time' }, now);
    }
    if (at.length === before && !policy.handles('a')) {
      if (at.at(-1) !== now) break;
    }
    if (at.at(-1) === now) {
      policy.signal('a', started, now);
      now += 50;
      next = policy.signal('a', exited, now);
    }
  }
  return at;
}

const gaps = (times: readonly number[]): number[] =>
  times.slice(1).map((at, before) => at - (times[before] ?? 0) - 50);

describe('peers', () => {
  it('give up when their manuals say so', () => {
    expect(starts('OTP')).toHaveLength(1);
    expect(starts('systemd')).toHaveLength(5);
    expect(starts('pm2')).toHaveLength(16);
    expect(starts('supervisord').length).toBeLessThanOrEqual(4);
  });

  it('back off as their manuals say', () => {
    expect(gaps(starts('Kubernetes')).slice(0, 6)).toEqual([
      10_000, 20_000, 40_000, 80_000, 160_000, 300_000,
    ]);
    expect(gaps(starts('KEP-4603')).slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000]);
    expect(gaps(starts('pm2-exp')).at(-1)).toBe(15_000);
    expect(gaps(starts('runit'))[0]).toBe(950);
  });
});

describe('the comparison', () => {
  const setting = { agents: 4, durationMs: 7_200_000, shiftAt: 3_600_000, faultEveryMs: 300_000 };

  it('has the oracle cheapest and every policy on the table and the chart', () => {
    const rows = Object.entries({ ...OURS, ...OTHERS, oracle: undefined }).map(([name, make]) => ({
      name,
      judged: measure(make, setting, [1, 2]),
    }));
    const oracle = measure(undefined, setting, [1, 2]);
    for (const { judged } of rows) expect(judged.costPerHour).toBeGreaterThanOrEqual(oracle.costPerHour);
    const lines = table(rows, oracle, setting).join('\n');
    for (const { name } of rows) expect(lines).toContain(`| ${name} |`);
    expect(pareto(rows).join('\n')).toContain('oracle*');
  });
});
