/** A Loop with a clock by hand: what it performed and told, and every look it asked for. */
import { DriverMemory } from '../../../src/healing/adapt/memory.ts';
import { createSelfHealing, type HealingSetup } from '../../../src/healing/factory.ts';
import { HealingLoop, type Told } from '../../../src/healing/loop.ts';
import { seeded } from '../../../src/healing/random.ts';
import type { Abilities } from '../../../src/healing/strategy.ts';
import { TUNING } from '../../../src/healing/tuning.ts';
import type { History, Signal } from '../../../src/healing/types.ts';
import { RestartPolicy } from '../../../src/model/fleet.ts';
import { HealingConfig, type StrategyName } from '../../../src/model/healing.ts';

export const ALL: Abilities = {
  save: true,
  nudge: true,
  interrupt: true,
  resume: true,
  restore: true,
  swap: true,
  shed: true,
  dependencies: new Set(),
};

export interface FleetOptions {
  readonly agents?: readonly string[];
  readonly config?: object;
  readonly restart?: object;
  readonly abilities?: Partial<Abilities>;
  readonly seed?: number;
}

export function fleet({
  agents = ['a'],
  config = {},
  restart = {},
  abilities = {},
  seed = 1,
}: FleetOptions = {}) {
  const performed: { at: number; agent: string; strategy: StrategyName }[] = [];
  const told: Told[] = [];
  let ids = 0;
  let now = 0;
  const loop = new HealingLoop({
    actuators: { perform: (agent, strategy) => performed.push({ at: now, agent, strategy }) },
    maxConcurrentPercent: 34,
    newId: () => {
      ids += 1;
      return `i-${ids}`;
    },
    tell: one => told.push(one),
  });
  const setup = (more: object = {}): HealingSetup => ({
    config: HealingConfig.parse({ ...config, ...more }),
    policy: RestartPolicy.parse(restart),
    abilities: { ...ALL, ...abilities },
    memory: new DriverMemory(TUNING.discount),
    random: seeded(seed),
    lag: () => 1,
  });
  const shared = setup();
  for (const agent of agents) loop.add(agent, createSelfHealing(shared));

  /** When each agent was last told the time. */
  const looked = new Map<string, number>();

  function lookUntil(ms: number): void {
    for (;;) {
      const due = agents
        .map(agent => ({ agent, at: loop.nextLook(agent, now) }))
        .sort((a, b) => a.at - b.at)[0];
      if (!due || due.at > ms) break;
      now = Math.max(now, due.at);
      if (looked.get(due.agent) === now)
        throw new Error('what was looked at is to be looked at again at once');
      looked.set(due.agent, now);
      loop.signal(due.agent, { signal: 'time' }, now);
    }
    now = Math.max(now, ms);
  }

  return {
    loop,
    performed,
    strategies: () => performed.map(({ strategy }) => strategy),
    told: () => told.map(({ told: kind }) => kind),
    all: told,
    asked: () => told.flatMap(one => (one.told === 'asked' ? [one.words] : [])),
    closed: () => told.flatMap(one => (one.told === 'closed' ? [one.closed] : [])),
    /** Another level takes over an agent. */
    takeOver(agent: string, more: object, history: History | undefined = loop.healingOf(agent)?.history()) {
      loop.add(agent, createSelfHealing(setup(more), history));
    },
    /** At `ms`, after every look that was due before. */
    at(ms: number, agent: string, signal: Signal) {
      lookUntil(ms);
      loop.signal(agent, signal, ms);
    },
    until: lookUntil,
    /** Prints at these intervals, as one that works does; returns when it last did. */
    works(agent: string, from: number, to: number, everyMs = 2000) {
      let at = from;
      const random = seeded(7);
      for (; at < to; at += everyMs * (0.6 + 0.8 * random())) this.at(at, agent, { signal: 'progress' });
      return at;
    },
  };
}

export const started = (incarnation: number): Signal => ({ signal: 'started', incarnation, resumed: false });
export const crashed = (incarnation: number, words = 'exit 1'): Signal => ({
  signal: 'exited',
  incarnation,
  clean: false,
  lost: false,
  words,
});
export const doing = (what: 'working' | 'waiting' | 'idle'): Signal => ({
  signal: 'doing',
  doing: what,
  words: what,
});
export const time: Signal = { signal: 'time' };
