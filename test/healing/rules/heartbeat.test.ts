/** Heartbeats: a promise that people hold an agent to, and a rhythm that hybrid knows. */
import { describe, expect, it } from 'vitest';
import { beats } from '../../../src/healing/adapt/beats.ts';
import { createSelfHealing } from '../../../src/healing/factory.ts';
import { Picture } from '../../../src/healing/picture.ts';
import { seeded } from '../../../src/healing/random.ts';
import { heartbeat } from '../../../src/healing/rules/heartbeat.ts';
import type { Signal } from '../../../src/healing/types.ts';
import { RestartPolicy } from '../../../src/model/fleet.ts';
import { HealingConfig } from '../../../src/model/healing.ts';
import { ALL, doing, started, time } from '../support/fleet.ts';

const beat: Signal = { signal: 'heartbeat' };

function watched(detector = heartbeat, config: object = { heartbeat: '10s', patience: '15s' }) {
  const picture = new Picture();
  const look = { picture, config: HealingConfig.parse(config), now: 0, lag: 1, troubled: false };
  const see = (at: number, signal: Signal = time, lag = 1) => {
    picture.see(signal, at);
    return detector.see(signal, { ...look, now: at, lag });
  };
  see(1000, started(1));
  see(1000, doing('working'));
  return { see, next: (now: number) => detector.nextLook({ ...look, now }) };
}

describe('a promised heartbeat', () => {
  it('is missed after its time, whatever is printed meanwhile', () => {
    const agent = watched();
    agent.see(2000, beat);
    expect(agent.next(2000)).toBe(12_000);
    expect(agent.see(11_999, { signal: 'progress' })).toBeUndefined();
    expect(agent.see(12_000)).toMatchObject({
      fault: 'hang',
      since: 2000,
      findings: [{ detector: 'heartbeat', words: 'no heartbeat for 10 s, more than 10 s' }],
    });
    expect(agent.see(12_500, beat)).toBeUndefined();
  });

  it('may come later for the first time', () => {
    const agent = watched();
    expect(agent.see(25_999)).toBeUndefined();
    expect(agent.see(26_000)?.findings[0]?.words).toContain('not even a first one');
  });

  it('is not missed while it waits or idles, nor at once when it goes on', () => {
    const agent = watched();
    agent.see(2000, beat);
    agent.see(3000, doing('waiting'));
    expect(agent.see(900_000)).toBeUndefined();
    agent.see(900_000, doing('working'));
    expect(agent.see(909_999)).toBeUndefined();
    expect(agent.see(910_000)).toBeDefined();
  });

  it('has more time when our own clock lags, and is nobody’s business when it was not promised', () => {
    const agent = watched();
    agent.see(2000, beat, 3);
    expect(agent.see(31_999, time, 3)).toBeUndefined();
    expect(agent.see(32_000, time, 3)).toBeDefined();
    const other = watched(heartbeat, {});
    other.see(2000, beat);
    expect(other.see(900_000)).toBeUndefined();
    expect(other.next(900_000)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('the rhythm of heartbeats', () => {
  function rhythmic(everyMs: number) {
    const agent = watched(beats(), { level: 'hybrid' });
    const random = seeded(3);
    let at = 2000;
    for (let n = 0; n < 100; n += 1) {
      at += everyMs * (0.9 + 0.2 * random());
      expect(agent.see(at, beat)).toBeUndefined();
    }
    return { ...agent, at };
  }

  it('tells sooner than any limit that they have stopped', () => {
    const { see, at, next } = rhythmic(500);
    const due = next(at);
    expect(due - at).toBeLessThan(7000);
    expect(see(due - 1)).toBeUndefined();
    expect(see(due + 1)).toMatchObject({ fault: 'hang', since: at, findings: [{ detector: 'phi-accrual' }] });
  });

  it('is its own: a slow one is not missed early, and one that came late by itself makes the next less of a surprise', () => {
    const { see, at, next } = rhythmic(20_000);
    expect(next(at) - at).toBeGreaterThan(23_000);
    const before = next(at) - at;
    expect(see(at + 100_000)).toBeDefined();
    see(at + 101_000, beat);
    const after = next(at + 101_000) - (at + 101_000);
    expect(after).toBeGreaterThan(1.2 * before);
    // That nobody heard it for a day says nothing of its rhythm.
    see(at + 86_400_000, beat);
    expect(next(at + 86_400_000) - (at + 86_400_000)).toBeCloseTo(after, 0);
  });

  it('says nothing of an agent that waits, or has beaten but a few times', () => {
    const { see, at } = rhythmic(500);
    see(at + 100, doing('waiting'));
    expect(see(at + 900_000)).toBeUndefined();
    see(at + 900_000, doing('working'));
    expect(see(at + 1_900_000)).toBeUndefined();
    const few = watched(beats(), { level: 'hybrid' });
    for (let n = 1; n < 9; n += 1) few.see(2000 + 500 * n, beat);
    expect(few.see(900_000)).toBeUndefined();
  });
});

it.each(['basic', 'hybrid'])('what was judged is not looked at again at once, at %s', level => {
  const healing = createSelfHealing({
    config: HealingConfig.parse({ level, heartbeat: '5s', silence: '5s', patience: '1s' }),
    policy: RestartPolicy.parse({}),
    abilities: ALL,
    random: () => 0.5,
    lag: () => 1,
  });
  healing.detectAnomaly(started(1), 1000);
  healing.detectAnomaly(doing('working'), 1000);
  for (let at = 1100; at < 5000; at += 100) healing.detectAnomaly(beat, at);
  for (let now = 5000, looks = 0; now < 60_000; looks += 1) {
    expect(looks).toBeLessThan(100);
    now = healing.nextLook(now);
    healing.detectAnomaly(time, now);
  }
});
