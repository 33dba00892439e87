/** What an agent spends, against what people set and against what is usual for it. */
import { describe, expect, it } from 'vitest';
import { spend } from '../../../src/healing/adapt/spend.ts';
import type { Detector } from '../../../src/healing/detector.ts';
import { Picture } from '../../../src/healing/picture.ts';
import { seeded } from '../../../src/healing/random.ts';
import { limits } from '../../../src/healing/rules/limits.ts';
import { TUNING } from '../../../src/healing/tuning.ts';
import type { Signal } from '../../../src/healing/types.ts';
import { HealingConfig } from '../../../src/model/healing.ts';
import { doing, started, time } from '../support/fleet.ts';

function watched(detector: Detector, config: object) {
  const picture = new Picture();
  const see = (at: number, signal: Signal = time) => {
    picture.see(signal, at);
    const look = { picture, config: HealingConfig.parse(config), now: at, lag: 1, troubled: false };
    return detector.see(signal, look);
  };
  see(0, started(1));
  see(0, doing('working'));
  return see;
}

const usage = (tokensPerMin: number, more: object = {}): Signal => ({
  signal: 'usage',
  tokensPerMin,
  ...more,
});

describe('limits of spending', () => {
  it('are passed when more was spent within an hour, and say how much', () => {
    const see = watched(limits(), { limits: { cost: 5, tokens: 600_000 } });
    expect(see(1000, usage(9000, { costPerHour: 4.9 }))).toBeUndefined();
    see(2000, usage(9000, { costPerHour: 5.2 }));
    expect(see(11_999)).toBeUndefined();
    expect(see(12_000)).toMatchObject({
      fault: 'runaway',
      findings: [{ words: '5.2 dollars spent within an hour, more than 5 for 10 s' }],
    });
    see(13_000, usage(10_001, { costPerHour: 0 }));
    expect(see(24_000)?.findings[0]?.words).toMatch(/^600060 tokens used within an hour, more than 600000/);
    expect(see(25_000, usage(0))).toBeUndefined();
  });

  it('of its context lead to what helps a full one; costs that nobody tells pass no limit', () => {
    const see = watched(limits(), { limits: { context: 90, cost: 1 } });
    see(0, usage(9e9, { context: 0.85 }));
    expect(see(60_000)).toBeUndefined();
    see(60_000, usage(0, { context: 0.93 }));
    expect(see(70_000)).toMatchObject({ fault: 'context-full' });
  });
});

describe('what is usual to spend', () => {
  it('is exceeded by a runaway, and not by hours that are merely busier', () => {
    const see = watched(spend(TUNING), { level: 'hybrid' });
    const random = seeded(5);
    let at = 0;
    for (let n = 0; n < 600; n += 1) {
      at += 60_000;
      expect(see(at, usage(20_000 * (0.2 + 1.6 * random())))).toBeUndefined();
    }
    expect(see(at + 60_000, usage(70_000))).toBeUndefined();
    expect(see(at + 120_000, usage(400_000))).toMatchObject({
      fault: 'runaway',
      since: at + 120_000,
      findings: [
        { detector: 'spend', words: expect.stringMatching(/^400000 tokens a minute .*, usually 2\d+$/) },
      ],
    });
    expect(see(at + 180_000, usage(30_000))).toBeUndefined();
  });

  it('is not known within the first hour', () => {
    const see = watched(spend(TUNING), { level: 'hybrid' });
    for (let n = 1; n <= 60; n += 1) expect(see(n * 60_000, usage(1000 * 1.2 ** n))).toBeUndefined();
  });
});
