/** What every level promises, whatever else it does. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSelfHealing } from '../../src/healing/factory.ts';
import { HealingConfig, HealingLevel } from '../../src/model/healing.ts';
import { crashed, doing, fleet, started, time } from './support/fleet.ts';

describe.each(HealingLevel.options)('the level %s', level => {
  const config = { level };

  it('brings back what crashed and learns from it', () => {
    const f = fleet({ config });
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    f.until(61_000);
    expect(f.performed).toHaveLength(1);
    f.at(61_500, 'a', started(2));
    f.until(70_000);
    expect(f.closed()).toMatchObject([{ outcome: 'recovered' }]);
    const last = f.all.at(-1);
    expect(last?.told === 'closed' && last.lesson.words).toMatch(
      /^crash: \w+ recovered; it helped 1 of 1 times$/,
    );
  });

  it('never acts on an agent that waits for a person, idles, or ended well', () => {
    const f = fleet({ config: { ...config, silence: '10s' }, agents: ['a', 'b', 'c'] });
    for (const agent of ['a', 'b', 'c']) f.at(0, agent, started(1));
    f.at(50, 'c', { signal: 'exited', incarnation: 1, clean: true, lost: false, words: 'exit 0' });
    for (let at = 100; at < 60_000; at += 2000)
      for (const agent of ['a', 'b']) f.at(at, agent, { signal: 'progress' });
    f.at(61_000, 'a', doing('waiting'));
    f.at(61_000, 'b', doing('idle'));
    for (let at = 62_000; at < 3_600_000; at += 60_000)
      for (const agent of ['a', 'b', 'c']) f.at(at, agent, time);
    expect(f.performed).toEqual([]);
    expect(f.told()).toEqual([]);
  });

  it('holds while a dependency is down, however long', () => {
    const f = fleet({ config });
    f.at(0, 'a', started(1));
    f.at(50_000, 'a', { signal: 'dependency', name: 'db', up: false });
    f.at(50_010, 'a', crashed(1));
    f.until(3_000_000);
    expect(f.performed).toEqual([]);
    f.at(3_000_100, 'a', { signal: 'dependency', name: 'db', up: true });
    f.until(3_001_000);
    expect(f.performed).toHaveLength(1);
  });

  it('says why, with the candidates and a propensity that is one', () => {
    const f = fleet({ config });
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    f.until(61_000);
    const [attempt] = f.all.flatMap(one => (one.told === 'attempted' ? [one.attempt] : []));
    expect(attempt?.response.reason).not.toBe('');
    const propensities = attempt?.response.candidates.map(({ propensity }) => propensity) ?? [];
    expect(propensities.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1);
  });

  it('has a history that lives through JSON and another level', () => {
    const f = fleet({ config });
    f.at(0, 'a', started(1));
    f.works('a', 100, 120_000);
    f.at(121_000, 'a', crashed(1));
    f.at(122_000, 'a', started(2));
    f.until(130_000);
    const history = f.loop.healingOf('a')?.history();
    expect(JSON.parse(JSON.stringify(history))).toEqual(history);
    for (const other of HealingLevel.options) {
      const healing = createSelfHealing(
        {
          config: HealingConfig.parse({ level: other }),
          policy: { when: 'on-failure', max: 5, within: 60_000, from: 250, to: 30_000 },
          abilities: {
            save: true,
            nudge: true,
            interrupt: true,
            resume: true,
            restore: true,
            swap: true,
            shed: true,
            dependencies: new Set(),
          },
          random: () => 0.5,
          lag: () => 1,
        },
        JSON.parse(JSON.stringify(history)),
      );
      expect(healing.history()).toMatchObject(history ?? {});
    }
  });

  it('goes on with an open incident when another level takes over', () => {
    const f = fleet({ config });
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    f.until(60_100);
    f.takeOver('a', { level: level === 'basic' ? 'hybrid' : 'basic' });
    f.until(61_000);
    f.at(61_500, 'a', started(2));
    f.until(70_000);
    expect(f.closed()).toMatchObject([{ outcome: 'recovered' }]);
  });

  it('never starts an agent more often than its restart policy allows, and never gives up in silence', () => {
    fc.assert(
      fc.property(
        fc.record({ max: fc.integer({ min: 0, max: 6 }), within: fc.integer({ min: 5, max: 120 }) }),
        fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 1000 }),
        ({ max, within }, lives, seed) => {
          const f = fleet({
            config: { ...config, stable: '1d' },
            restart: { max, within: `${within}s` },
            seed,
          });
          f.at(0, 'a', started(1));
          let [now, life] = [1000, 1];
          for (const lived of lives) {
            now += lived;
            f.at(now, 'a', crashed(life));
            const before = f.performed.length;
            // Whatever waits for leave is denied, so that it goes on.
            for (let tries = 0; tries < 20 && f.asked().length === 0; tries += 1) {
              now += 31_000;
              f.until(now);
              if (f.performed.length > before) break;
            }
            if (f.asked().length > 0) break;
            life += 1;
            now += 100;
            f.at(now, 'a', { signal: 'step', ok: true, words: 'done' });
            f.at(now, 'a', started(life));
          }
          const starts = f.performed.filter(({ strategy }) =>
            ['resume', 'restart', 'restore', 'swap'].includes(strategy),
          );
          for (const { at } of starts) {
            const recent = starts.filter(one => one.at > at - within * 1000 && one.at <= at);
            expect(recent.length).toBeLessThanOrEqual(max);
          }
          // It lives, or is about to be started, or somebody was told.
          const health = f.loop.healingOf('a')?.getHealthStatus(now);
          if (health?.state === 'down') {
            expect(f.asked().length + (f.loop.nextLook('a', now) < Infinity ? 1 : 0)).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
