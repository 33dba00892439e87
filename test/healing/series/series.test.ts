/**
 * Healthy series that look odd, and the faults they look like. `build.csv` is a type check, tests and a linter, `think.csv` a
 * client that waits for its model with a spinner; both were recorded from real processes once a second.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Witness } from '../../../src/healing/adapt/witness.ts';
import { createSelfHealing } from '../../../src/healing/factory.ts';
import { seeded } from '../../../src/healing/random.ts';
import type { Anomaly, Doing, ResourceUse } from '../../../src/healing/types.ts';
import { RestartPolicy } from '../../../src/model/fleet.ts';
import { HealingConfig } from '../../../src/model/healing.ts';
import { ALL, doing, started } from '../support/fleet.ts';

const MB = 1 << 20;
const DAY_S = 86_400;

function recorded(name: string): readonly ResourceUse[] {
  const rows = readFileSync(join(import.meta.dirname, `${name}.csv`), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  return rows.map(row => {
    const [cpu = 0, rss = 0, fds = 0, threads = 0, children = 0, output = 0] = row.split(',').map(Number);
    return { cpu, rss: rss * MB, fds, threads, children, output };
  });
}

const [build, think] = [recorded('build'), recorded('think')];
const sum = (a: ResourceUse, b: ResourceUse): ResourceUse => ({
  cpu: a.cpu + b.cpu,
  rss: a.rss + b.rss,
  fds: a.fds + b.fds,
  threads: a.threads + b.threads,
  children: a.children + b.children + 1,
  output: a.output + b.output,
});

/** A second of it, over and over. */
const at = (series: readonly ResourceUse[], second: number): ResourceUse =>
  series[second % series.length] ?? NOTHING;
const NOTHING: ResourceUse = { cpu: 0, rss: 0, fds: 0, threads: 0, children: 0, output: 0 };

function agent(seed = 1) {
  const random = seeded(seed);
  const healing = createSelfHealing({
    config: HealingConfig.parse({ level: 'hybrid' }),
    policy: RestartPolicy.parse({}),
    abilities: ALL,
    random,
    lag: () => 1,
    witness: new Witness(seeded(seed)),
  });
  let now = 0;
  const alarms: Anomaly[] = [];
  let standing = false;
  const note = (found: Anomaly | undefined): void => {
    if (found && !standing) alarms.push(found);
    standing = found !== undefined;
  };
  healing.detectAnomaly(started(1), now);
  healing.detectAnomaly(doing('working'), now);
  return {
    alarms,
    random,
    be: (what: Doing & ('working' | 'waiting' | 'idle')) => note(healing.detectAnomaly(doing(what), now)),
    /** One second: what it used, and whether it printed. */
    second(use: ResourceUse, prints = use.output > 0): void {
      now += 1000;
      if (prints) note(healing.detectAnomaly({ signal: 'progress' }, now));
      note(healing.detectAnomaly({ signal: 'resources', use }, now));
    },
  };
}

type Agent = ReturnType<typeof agent>;

/** Thinks, and prints now and then, as such clients do that redraw nothing while they wait. */
function thinks(one: Agent, seconds: number): void {
  for (let n = 0; n < seconds; n += 1) one.second(at(think, n), one.random() < 0.3);
}

/** What it started works beside it, so many times as long as it was recorded; it prints as rarely. */
function builds(one: Agent, times: number): void {
  for (let n = 0; n < build.length * times; n += 1) {
    const use = at(build, n);
    one.second(sum(at(think, n), use), n % times === 0 && use.output > 0);
  }
}

describe('what is well', () => {
  it('is a long build, though it is silent for minutes and takes many times the memory', () => {
    const one = agent();
    thinks(one, 3600);
    for (const times of [1, 5, 20]) {
      builds(one, times);
      thinks(one, 600);
    }
    expect(one.alarms).toEqual([]);
  });

  it('is a long think with a spinner, at a tenth of the words', () => {
    const one = agent();
    thinks(one, 1800);
    for (let n = 0; n < 3600; n += 1) one.second(at(think, n));
    expect(one.alarms).toEqual([]);
  });

  it('is a wait for a person, for a night and in any state of the machine', () => {
    const one = agent();
    thinks(one, 1800);
    one.be('waiting');
    for (let n = 0; n < 36_000; n += 1) one.second({ ...at(think, 0), cpu: n % 2 ? 0 : 99, output: 0 });
    one.be('working');
    thinks(one, 600);
    expect(one.alarms).toEqual([]);
  });
});

describe('what looks like it and is not', () => {
  it('is a hang after an hour of work: found within a minute', () => {
    const one = agent();
    thinks(one, 3600);
    for (let n = 0; n < 60; n += 1) one.second({ ...at(think, 0), cpu: 0, output: 0 });
    expect(one.alarms).toMatchObject([{ fault: 'hang' }]);
  });

  it('is a leak of its own, and not of what it has started', () => {
    const one = agent();
    thinks(one, 3600);
    for (let n = 0; n < 300; n += 1) {
      const use = at(think, n);
      one.second({ ...use, rss: use.rss + n * 40 * MB });
    }
    expect(one.alarms).toMatchObject([{ fault: 'leak' }]);
  });
});

it('alarms in healthy days no oftener than its budget allows', () => {
  let alarms = 0;
  const days = 4;
  for (let seed = 1; seed <= days; seed += 1) {
    const one = agent(seed);
    for (let spent = 0; spent < DAY_S; ) {
      const times = 1 + Math.floor(6 * one.random());
      const pause = Math.floor(1200 * one.random());
      thinks(one, pause);
      builds(one, times);
      spent += pause + times * build.length;
    }
    alarms += one.alarms.length;
  }
  // One a day is the budget.
  expect(alarms).toBeLessThanOrEqual(days);
});
