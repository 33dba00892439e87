import { describe, expect, it } from 'vitest';
import { chanceOf, WEIGHTS } from '../../../src/healing/predict/hazard.ts';
import { FEATURES } from '../../../src/healing/predict/signs.ts';
import type { Signal } from '../../../src/healing/types.ts';
import { crashed, doing, fleet, started } from '../support/fleet.ts';

const MB = 1 << 20;
const uses = (mb: number): Signal => ({
  signal: 'resources',
  use: { cpu: 10, rss: mb * MB, fds: 40, threads: 4, children: 0, output: 100 },
});
type Fleet = ReturnType<typeof fleet>;

const saved: Signal = { signal: 'saved' };
const failed: Signal = { signal: 'tool-failed', words: 'no such file' };

const ahead = { level: 'evolutionary', limits: { memory: 4000 } };

/** It prints and is looked at every two seconds. */
function works(f: Fleet, from: number, to: number, mb: (at: number) => number, agent = 'a'): void {
  for (let at = from; at < to; at += 2000) {
    f.at(at, agent, { signal: 'progress' });
    f.at(at + 1, agent, uses(mb(at)));
  }
}

/** Memory grows by 20 MB a second: at 4000 MB 190 s later. */
const leaks = (f: Fleet, to: number, from = 600_000, agent = 'a'): void =>
  works(f, from, to, at => 200 + (20 * (at - from)) / 1000, agent);

/** Ten minutes of work as ever. */
function calm(f: Fleet, from = 0): void {
  f.at(from, 'a', started(1));
  f.at(from + 10, 'a', doing('working'));
  for (let at = from; at < from + 600_000; at += 120_000) {
    works(f, at + 20, at + 120_000, () => 200);
    f.at(at + 119_900, 'a', failed);
    if (at === from + 240_000) f.at(at + 119_950, 'a', saved);
  }
}

describe('the hazard of failing', () => {
  it('sees memory at its limit coming, in words with a time, and starts the agent anew once its work is saved', () => {
    const f = fleet({ config: ahead });
    calm(f);
    leaks(f, 680_000);
    const [opened] = f.all;
    if (opened?.told !== 'opened') throw new Error('no incident');
    expect(opened.incident.anomaly.fault).toBe('leak');
    expect(opened.incident.anomaly.findings[0]?.words).toMatch(
      /^memory grows by \d+ MB a minute: at 4000 MB in \d+ s; fails within 5 min with \d\d %$/,
    );
    expect(f.performed).toEqual([]);
    f.at(680_500, 'a', saved);
    f.until(682_000);
    expect(f.strategies()).toEqual(['resume']);
  });

  it('has it save its work when nothing is saved in time, and starts it anew then', () => {
    const f = fleet({ config: ahead });
    calm(f);
    leaks(f, 760_000);
    expect(f.strategies()).toEqual(['save']);
    f.at(760_100, 'a', saved);
    f.until(762_000);
    expect(f.strategies()).toEqual(['save', 'resume']);
  });

  it('does not wait for ever for one whose work is not saved', () => {
    const f = fleet({ config: ahead, abilities: { save: false } });
    calm(f);
    leaks(f, 786_000);
    expect(f.strategies()).toEqual(['resume']);
    expect(f.performed[0]?.at).toBeGreaterThan(770_000);
  });

  it('lets what passes pass, and disturbs nobody', () => {
    const f = fleet({ config: ahead });
    calm(f);
    leaks(f, 680_000);
    expect(f.told()).toEqual(['opened', 'waiting']);
    works(f, 680_000, 900_000, () => 1800);
    expect(f.performed).toEqual([]);
    expect(f.closed()).toMatchObject([{ outcome: 'organic' }]);
  });

  it('leaves alone who waits for a person, whatever is coming', () => {
    const f = fleet({ config: ahead });
    calm(f);
    f.at(600_000, 'a', doing('waiting'));
    for (let at = 600_001; at < 780_000; at += 2000) f.at(at, 'a', uses(200 + (20 * (at - 600_000)) / 1000));
    f.at(780_100, 'a', saved);
    expect(f.performed).toEqual([]);
    expect(f.told()).toEqual([]);
  });

  it('takes failing tools that come ever more often for a sign, and starts afresh at a saved moment', () => {
    const f = fleet({ config: { level: 'evolutionary' } });
    calm(f);
    for (let at = 600_000; at < 640_000; at += 6000) {
      works(f, at, at + 6000, () => 200);
      f.at(at + 5900, 'a', failed);
    }
    expect(f.told()).toContain('opened');
    expect(f.strategies()).toEqual(['save']);
    f.at(642_000, 'a', saved);
    f.until(644_000);
    expect(f.strategies()[1]).toMatch(/^rest/);
  });

  it('learns the level at which agents of its kind give out', () => {
    const f = fleet({ config: { level: 'evolutionary' }, agents: ['a', 'b'] });
    f.at(0, 'b', started(1));
    leaks(f, 190_000, 100, 'b');
    f.at(190_000, 'b', crashed(1));
    f.at(200_000, 'b', started(2));
    f.at(200_001, 'b', { signal: 'exited', incarnation: 2, clean: true, lost: false, words: '' });
    calm(f, 201_000);
    leaks(f, 900_000, 801_000);
    const last = f.all.flatMap(one => (one.told === 'opened' ? [one.incident] : [])).at(-1);
    expect(last?.agent).toBe('a');
    expect(last?.anomaly.findings[0]?.words).toMatch(/: at (39|40)\d\d MB in/);
  });

  it('is seen by no other level', () => {
    for (const level of ['basic', 'hybrid']) {
      const f = fleet({ config: { ...ahead, level } });
      calm(f);
      // Below four times the usual.
      leaks(f, 625_000);
      f.at(626_000, 'a', saved);
      expect(f.told()).toEqual([]);
    }
  });

  it('takes a crash in spite of it for its failure, and another strategy next', () => {
    const f = fleet({ config: ahead });
    calm(f);
    leaks(f, 680_000);
    f.at(680_500, 'a', saved);
    f.at(681_500, 'a', started(2));
    f.until(690_000);
    expect(f.closed()).toMatchObject([{ outcome: 'recovered' }]);
    f.at(700_000, 'a', crashed(2));
    f.until(702_000);
    expect(f.strategies().at(-1)).not.toBe('resume');
  });

  it('is a chance: more of any sign that says something is never less of it', () => {
    expect(WEIGHTS).toHaveLength(FEATURES.length + 1);
    const none = FEATURES.map(() => 0);
    expect(chanceOf(none)).toBeLessThan(0.1);
    for (const [at, name] of FEATURES.entries()) {
      if (name === 'near' || name === 'relapse') continue;
      expect(chanceOf(none.with(at, 2))).toBeGreaterThan(chanceOf(none.with(at, 1)));
    }
  });
});
