/** The Loop with the basic level: what it tries, in which order, and when it stops trying. */
import { describe, expect, it } from 'vitest';
import { createSelfHealing } from '../../src/healing/factory.ts';
import { HealingLoop, type Told } from '../../src/healing/loop.ts';
import type { Abilities } from '../../src/healing/strategy.ts';
import type { Signal } from '../../src/healing/types.ts';
import { RestartPolicy } from '../../src/model/fleet.ts';
import { HealingConfig, type StrategyName } from '../../src/model/healing.ts';

const ALL: Abilities = {
  nudge: true,
  interrupt: true,
  resume: true,
  restore: true,
  swap: true,
  shed: true,
  dependencies: new Set(),
};

function fleet(agents: readonly string[], config: object = {}) {
  const performed: { agent: string; strategy: StrategyName }[] = [];
  const told: Told[] = [];
  let ids = 0;
  let now = 0;
  const loop = new HealingLoop({
    actuators: { perform: (agent, strategy) => performed.push({ agent, strategy }) },
    maxConcurrentPercent: 34,
    newId: () => {
      ids += 1;
      return `i-${ids}`;
    },
    tell: one => told.push(one),
  });
  for (const agent of agents) {
    loop.add(
      agent,
      createSelfHealing({
        config: HealingConfig.parse(config),
        policy: RestartPolicy.parse({}),
        abilities: ALL,
        random: () => 0.5,
        lag: () => 1,
      }),
    );
  }
  return {
    performed,
    told: () => told.map(({ told: kind }) => kind),
    closed: () => told.flatMap(one => (one.told === 'closed' ? [one.closed] : [])),
    at(ms: number, agent: string, signal: Signal) {
      // Looks are due in between: the clock stops at each.
      for (const each of agents) {
        let due = loop.nextLook(each, now);
        while (due <= ms) {
          now = Math.max(now, due);
          const next = loop.signal(each, { signal: 'time' }, now);
          if (next <= due) break;
          due = next;
        }
      }
      now = ms;
      loop.signal(agent, signal, now);
    },
  };
}

const started = (incarnation: number): Signal => ({ signal: 'started', incarnation, resumed: false });
const crashed = (incarnation: number): Signal => ({
  signal: 'exited',
  incarnation,
  clean: false,
  lost: false,
  words: 'exit 1',
});
const time: Signal = { signal: 'time' };

describe('the Loop', () => {
  it('brings back what crashed, and closes only after the window of verification', () => {
    const f = fleet(['a']);
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    expect(f.performed).toEqual([{ agent: 'a', strategy: 'resume' }]);
    f.at(60_100, 'a', started(2));
    f.at(63_000, 'a', time);
    expect(f.closed()).toEqual([]);
    f.at(63_100, 'a', time);
    expect(f.closed()).toMatchObject([{ outcome: 'recovered', cost: { downMs: 3100, wasted: 0 } }]);
  });

  it('climbs to the next rung when what was started died again', () => {
    const f = fleet(['a']);
    f.at(0, 'a', started(1));
    f.at(60_000, 'a', crashed(1));
    f.at(60_100, 'a', started(2));
    f.at(61_000, 'a', crashed(2));
    f.at(70_000, 'a', time);
    expect(f.performed.map(({ strategy }) => strategy)).toEqual(['resume', 'restart']);
  });

  it('asks a person when the ladder is at its end, and goes on watching', () => {
    const f = fleet(['a']);
    f.at(0, 'a', started(1));
    for (let round = 1; round < 8; round += 1) {
      f.at(round * 60_000, 'a', crashed(round));
      f.at(round * 60_000 + 30_000, 'a', started(round + 1));
      f.at(round * 60_000 + 30_100, 'a', crashed(round + 1));
    }
    expect(f.told().filter(kind => kind === 'asked')).toHaveLength(1);
    f.at(600_000, 'a', started(20));
    f.at(610_000, 'a', time);
    expect(f.closed()).toMatchObject([{ outcome: 'person' }]);
  });

  it('starts nothing in vain while what it depends on is down', () => {
    const f = fleet(['a']);
    f.at(0, 'a', started(1));
    f.at(50_000, 'a', { signal: 'dependency', name: 'db', up: false });
    f.at(50_100, 'a', crashed(1));
    f.at(90_000, 'a', time);
    expect(f.performed).toEqual([]);
    f.at(90_250, 'a', { signal: 'dependency', name: 'db', up: true });
    expect(f.performed).toEqual([{ agent: 'a', strategy: 'resume' }]);
  });

  it('never takes waiting for a person for a hang', () => {
    const f = fleet(['a'], { silence: '10s' });
    f.at(0, 'a', started(1));
    f.at(1000, 'a', { signal: 'doing', doing: 'waiting', words: 'asks a question' });
    f.at(3_600_000, 'a', time);
    expect(f.told()).toEqual([]);
  });

  it('nudges what hangs before it does anything larger', () => {
    const f = fleet(['a'], { silence: '10s' });
    f.at(0, 'a', started(1));
    f.at(1000, 'a', { signal: 'doing', doing: 'working', words: '' });
    f.at(12_000, 'a', time);
    expect(f.performed).toEqual([{ agent: 'a', strategy: 'nudge' }]);
    f.at(13_000, 'a', { signal: 'progress' });
    f.at(16_000, 'a', time);
    expect(f.closed()).toMatchObject([{ outcome: 'recovered' }]);
  });

  it('acts on a third of the agents at most, the others in turn', () => {
    const agents = ['a', 'b', 'c'];
    const f = fleet(agents);
    for (const agent of agents) f.at(0, agent, started(1));
    for (const agent of agents) f.at(60_000, agent, crashed(1));
    expect(f.performed).toHaveLength(1);
    f.at(60_100, 'a', started(2));
    f.at(63_100, 'a', time);
    expect(f.performed.map(({ agent }) => agent)).toEqual(['a', 'b']);
  });
});
