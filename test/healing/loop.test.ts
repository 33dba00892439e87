/** The Loop with the basic level: what it tries, in which order, and when it stops trying. */
import { describe, expect, it } from 'vitest';
import { crashed, doing, fleet, started, time } from './support/fleet.ts';

describe('the Loop', () => {
  it('brings back what crashed, and closes only after the window of verification', () => {
    const f = fleet();
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    f.until(60_249);
    expect(f.performed).toEqual([]);
    f.until(60_250);
    expect(f.performed).toEqual([{ at: 60_250, agent: 'a', strategy: 'resume' }]);
    f.at(60_500, 'a', started(2));
    f.until(63_499);
    expect(f.closed()).toEqual([]);
    f.until(63_500);
    expect(f.closed()).toMatchObject([{ outcome: 'recovered', cost: { downMs: 3500, wasted: 0 } }]);
  });

  it('climbs to the next rung when what was started died again', () => {
    const f = fleet();
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    f.at(60_500, 'a', started(2));
    f.at(61_000, 'a', crashed(2));
    f.until(70_000);
    expect(f.strategies()).toEqual(['resume', 'restart']);
  });

  it('goes on with the ladder when a recovery did not hold', () => {
    const f = fleet({ abilities: { restore: false } });
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    f.at(60_500, 'a', started(2));
    f.at(70_000, 'a', crashed(2));
    f.until(75_000);
    expect(f.closed()).toHaveLength(1);
    expect(f.strategies()).toEqual(['resume', 'restart']);
  });

  it('repeats the last start while the restart policy allows it, then asks with its words', () => {
    const f = fleet({ abilities: { restore: false, swap: false }, restart: { max: 4, within: '60s' } });
    f.at(0, 'a', started(1));
    let now = 60_000;
    for (let life = 1; f.asked().length === 0 && life < 20; life += 1) {
      f.at(now, 'a', crashed(life));
      const before = f.performed.length;
      while (f.performed.length === before && f.asked().length === 0 && now < 200_000) {
        now += 50;
        f.until(now);
      }
      if (f.performed.length > before) f.at(now + 100, 'a', started(life + 1));
      now += 200;
    }
    expect(f.strategies()).toEqual(['resume', 'restart', 'restart', 'restart']);
    expect(f.asked()).toEqual(['exit 1; restarted 4 times within 60 s']);
  });

  it('takes what fails again after a person brought it back for another incident', () => {
    const f = fleet({ restart: { max: 0 } });
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    expect(f.asked()).toEqual(['exit 1; restarted 0 times within 60 s']);
    f.at(90_000, 'a', started(2));
    f.at(91_000, 'a', crashed(2));
    expect(f.closed()).toMatchObject([{ outcome: 'person' }]);
    expect(f.asked()).toHaveLength(2);
  });

  it('starts nothing in vain while what it depends on is down, and at once when that is back', () => {
    const f = fleet();
    f.at(0, 'a', started(1));
    f.at(50_000, 'a', { signal: 'dependency', name: 'db', up: false });
    f.at(50_100, 'a', crashed(1));
    f.until(90_000);
    expect(f.performed).toEqual([]);
    f.at(90_250, 'a', { signal: 'dependency', name: 'db', up: true });
    f.until(91_000);
    expect(f.performed).toEqual([{ at: 90_250, agent: 'a', strategy: 'resume' }]);
    f.at(91_000, 'a', started(2));
    f.until(200_000);
    expect(f.closed()).toMatchObject([
      { outcome: 'recovered', incident: { anomaly: { fault: 'dependency' } } },
    ]);
    f.at(200_000, 'a', crashed(2));
    f.until(200_100);
    // Whose cause nobody knows is started after a delay, as ever.
    expect(f.performed).toHaveLength(1);
  });

  it('drops a start that was planned when a dependency turns out to be the cause', () => {
    const f = fleet();
    f.at(0, 'a', started(1));
    f.at(50_000, 'a', crashed(1));
    f.at(50_100, 'a', { signal: 'dependency', name: 'db', up: false });
    f.until(80_000);
    expect(f.performed).toEqual([]);
    expect(f.told()).toContain('diagnosed');
  });

  it('starts a dependency that is an agent of the fleet although it waits for it', () => {
    const f = fleet({ abilities: { dependencies: new Set(['db']) } });
    f.at(0, 'a', started(1));
    f.at(50_000, 'a', { signal: 'dependency', name: 'db', up: false });
    f.at(50_100, 'a', crashed(1));
    expect(f.strategies()).toEqual(['restart-dependency']);
  });

  it('waits until the time a provider gave, and does nothing when it goes on by itself', () => {
    const f = fleet();
    f.at(0, 'a', started(1));
    f.at(1000, 'a', doing('working'));
    f.at(10_000, 'a', { signal: 'error', error: 'rate-limit', until: 70_000, words: 'try again in 60 s' });
    f.at(70_500, 'a', { signal: 'progress' });
    f.until(80_000);
    expect(f.performed).toEqual([]);
    expect(f.closed()).toMatchObject([{ outcome: 'organic' }]);
  });

  it('never takes waiting for a person for a hang', () => {
    const f = fleet({ config: { silence: '10s' } });
    f.at(0, 'a', started(1));
    f.at(1000, 'a', doing('waiting'));
    f.at(3_600_000, 'a', time);
    expect(f.told()).toEqual([]);
  });

  it('nudges what hangs before it does anything larger', () => {
    const f = fleet({ config: { silence: '10s' } });
    f.at(0, 'a', started(1));
    f.at(1000, 'a', doing('working'));
    f.until(12_000);
    expect(f.strategies()).toEqual(['nudge']);
    f.at(13_000, 'a', { signal: 'progress' });
    f.until(16_000);
    expect(f.closed()).toMatchObject([{ outcome: 'recovered' }]);
  });

  it('leaves alone what goes well again while an act was planned', () => {
    const f = fleet({ config: { silence: '10s' } });
    f.at(0, 'a', started(1));
    f.at(1000, 'a', doing('working'));
    f.until(11_000);
    // The nudge fails; a larger step is due when it prints again.
    f.until(26_000);
    const before = f.performed.length;
    f.at(26_100, 'a', { signal: 'progress' });
    f.until(29_200);
    expect(f.performed).toHaveLength(before);
    expect(f.closed()).toHaveLength(1);
  });

  it('gives a step that needs leave its patience only from the moment it was allowed', () => {
    const f = fleet({ config: { ladder: { crash: ['restore', 'restart'] }, patience: '5s' } });
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    f.until(600_000);
    expect(f.strategies()).toEqual(['restore']);
    f.at(600_100, 'a', { signal: 'step', ok: true, words: 'allowed' });
    f.until(607_000);
    expect(f.strategies()).toEqual(['restore', 'restart']);
  });

  it('takes a refused step for the end of that rung', () => {
    const f = fleet({ config: { ladder: { crash: ['restore', 'restart'] } } });
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    f.until(61_000);
    f.at(62_000, 'a', { signal: 'step', ok: false, words: 'denied by policy' });
    f.until(64_000);
    expect(f.strategies()).toEqual(['restore', 'restart']);
  });

  it('acts on a third of the agents at most; whoever shows life leaves its turn to the next', () => {
    const agents = ['a', 'b', 'c'];
    const f = fleet({ agents });
    for (const agent of agents) f.at(0, agent, started(1));
    for (const agent of agents) f.at(60_000, agent, crashed(1));
    f.until(60_400);
    expect(f.performed.map(({ agent }) => agent)).toEqual(['a']);
    f.at(60_500, 'a', started(2));
    expect(f.performed.map(({ agent }) => agent)).toEqual(['a', 'b']);
    f.at(60_800, 'b', started(2));
    expect(f.performed.map(({ agent }) => agent)).toEqual(['a', 'b', 'c']);
  });

  it('gives back the turn of an agent that leaves the fleet', () => {
    const f = fleet({ agents: ['a', 'b'] });
    for (const agent of ['a', 'b']) f.at(0, agent, started(1));
    for (const agent of ['a', 'b']) f.at(60_000, agent, crashed(1));
    f.until(61_000);
    expect(f.performed.map(({ agent }) => agent)).toEqual(['a']);
    f.loop.remove('a', 61_000);
    expect(f.performed.map(({ agent }) => agent)).toEqual(['a', 'b']);
  });
});
