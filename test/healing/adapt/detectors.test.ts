/** What the learning levels notice: fed through the picture, as the Loop feeds them. */
import { describe, expect, it } from 'vitest';
import { growth } from '../../../src/healing/adapt/growth.ts';
import { pace } from '../../../src/healing/adapt/pace.ts';
import { quiet } from '../../../src/healing/adapt/quiet.ts';
import type { Detector } from '../../../src/healing/detector.ts';
import { Picture } from '../../../src/healing/picture.ts';
import { seeded } from '../../../src/healing/random.ts';
import { TUNING } from '../../../src/healing/tuning.ts';
import type { ResourceUse, Signal } from '../../../src/healing/types.ts';
import { HealingConfig } from '../../../src/model/healing.ts';
import { doing, started, time } from '../support/fleet.ts';
import { lognormal } from '../support/lognormal.ts';

const MB = 1 << 20;
const USE: ResourceUse = { cpu: 12, rss: 200 * MB, fds: 40, threads: 9, children: 0, output: 2000 };
const config = HealingConfig.parse({ level: 'hybrid' });

function watched(detector: Detector, lag = 1) {
  const picture = new Picture();
  let now = 0;
  const see = (signal: Signal, at: number) => {
    now = at;
    picture.see(signal, at);
    return detector.see(signal, { picture, config, now: at, lag, troubled: false });
  };
  see(started(1), 0);
  see(doing('working'), 0);
  return {
    see,
    /** Prints for so long; every finding on the way. */
    works(ms: number, medianMs: number, seed = 1, sigma = 0.6) {
      const random = seeded(seed);
      const found = [];
      for (const end = now + ms; now < end; ) {
        const next = now + lognormal(medianMs, sigma, random);
        for (let at = Math.ceil(now / 2000) * 2000 + 1; at < next; at += 2000) {
          found.push(see({ signal: 'resources', use: { ...USE, cpu: random() < 0.4 ? 0.3 : 12 } }, at));
        }
        found.push(see({ signal: 'progress' }, next));
      }
      return found.filter(one => one !== undefined);
    },
    /** Silent until something is found, or for so long. */
    silent(ms: number, use: Partial<ResourceUse>) {
      const from = now;
      for (let at = now + 1000; at < from + ms; at += 1000) {
        const found = see({ signal: 'resources', use: { ...USE, ...use } }, at) ?? see(time, at);
        if (found) return { found, after: at - from };
      }
      return undefined;
    },
  };
}

describe('unusual silence', () => {
  it('is found within seconds in a talkative agent at rest, and not before a taciturn one is due', () => {
    const talkative = watched(quiet(TUNING));
    talkative.works(300_000, 800);
    const taciturn = watched(quiet(TUNING));
    taciturn.works(3_000_000, 20_000);
    const one = talkative.silent(120_000, { cpu: 0.2 });
    const other = taciturn.silent(600_000, { cpu: 0.2 });
    expect(one?.found.fault).toBe('hang');
    expect(one?.after).toBeLessThan(15_000);
    expect(other?.after).toBeGreaterThan(40_000);
  });

  it('is called busy when it computes all the time, and nothing when its children do', () => {
    const spinning = watched(quiet(TUNING));
    spinning.works(300_000, 2000);
    expect(spinning.silent(120_000, { cpu: 97 })?.found.fault).toBe('busy');
    const crowded = watched(quiet(TUNING));
    crowded.works(300_000, 2000);
    expect(crowded.silent(120_000, { cpu: 45, runs: true })?.found.fault).toBe('busy');
    const building = watched(quiet(TUNING));
    building.works(300_000, 2000);
    expect(building.silent(600_000, { cpu: 97, children: 4 })).toBeUndefined();
  });

  it('alarms less than twice a day while all is well', () => {
    let [alarms, days] = [0, 0];
    for (let seed = 1; seed <= 4; seed += 1) {
      const agent = watched(quiet(TUNING));
      // One that stands for several looks is one.
      const found = agent.works(86_400_000, 3000, seed);
      alarms += new Set(found.map(({ since }) => since)).size;
      days += 1;
    }
    expect(alarms / days).toBeLessThan(6);
  });

  it('knows something of an agent that has just begun', () => {
    const fresh = watched(quiet(TUNING));
    expect(fresh.silent(300_000, { cpu: 0.2 })?.found.fault).toBe('hang');
  });

  it('waits longer when our own clock lags', () => {
    const [quick, slow] = [watched(quiet(TUNING), 1), watched(quiet(TUNING), 4)].map(agent => {
      agent.works(300_000, 2000);
      return agent.silent(600_000, { cpu: 12 })?.after ?? Number.POSITIVE_INFINITY;
    });
    expect(slow).toBeGreaterThan(2 * (quick ?? 0));
  });
});

describe('a slower pace', () => {
  it('is found after some lines at a fifth of the speed, and is over when the old one is back', () => {
    const agent = watched(pace(TUNING));
    expect(agent.works(1_200_000, 2000)).toEqual([]);
    const found = agent.works(120_000, 10_000, 2);
    expect(found[0]).toMatchObject({ fault: 'slow' });
    agent.works(60_000, 2000, 3);
    expect(agent.works(60_000, 2000, 4)).toEqual([]);
  });

  it('is not one long thought', () => {
    const agent = watched(pace(TUNING));
    agent.works(600_000, 2000);
    expect(agent.see({ signal: 'progress' }, 900_000)).toBeUndefined();
  });
});

describe('growth', () => {
  it('is found when it lasts, with its own usual and unit', () => {
    const agent = watched(growth(TUNING));
    agent.works(120_000, 2000);
    let found: unknown;
    for (let at = 130_000; at < 150_000 && !found; at += 2000) {
      found = agent.see({ signal: 'resources', use: { ...USE, output: 20 * MB } }, at);
    }
    expect(found).toMatchObject({
      fault: 'storm',
      findings: [{ words: '20.0 MB printed a second, usually 0.0 MB printed a second' }],
    });
  });

  it('is not a peak', () => {
    const agent = watched(growth(TUNING));
    agent.works(120_000, 2000);
    expect(agent.see({ signal: 'resources', use: { ...USE, rss: 4000 * MB } }, 130_000)).toBeUndefined();
    expect(agent.see({ signal: 'resources', use: USE }, 132_000)).toBeUndefined();
    expect(agent.see({ signal: 'resources', use: { ...USE, rss: 4000 * MB } }, 140_000)).toBeUndefined();
  });
});
