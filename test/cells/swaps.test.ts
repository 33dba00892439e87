import { expect, test } from 'vitest';
import { cellActor, type World } from '../../src/cells/cell.ts';
import { Swaps } from '../../src/cells/swaps.ts';
import { type Draft, EVENT_DATA, type Event } from '../../src/model/event.ts';
import { AgentId, Digest } from '../../src/model/ids.ts';
import { reduce } from '../../src/model/reduce.ts';
import { EMPTY } from '../../src/model/state.ts';
import type { AgentStatus } from '../../src/model/status.ts';
import { Alternative } from '../../src/model/swap.ts';

const coder = AgentId.parse('coder');
const actor = cellActor('healer');
const NOTHING = Digest.parse('0'.repeat(64));

/** One agent that runs, in a world whose time passes by hand. */
function bench(alternatives: readonly object[]) {
  let [state, now] = [EMPTY, 1_000_000];
  let timers: { at: number; ring: () => void }[] = [];
  const renewed: string[] = [];
  let swaps: Swaps | undefined;
  const world: World = {
    get state() {
      return state;
    },
    emit: (...drafts) => {
      const events = drafts.map(draft => {
        const event = { ...draft, seq: state.seq + 1, time: now, prev: NOTHING } as Event;
        state = reduce(state, event);
        swaps?.onEvent(event);
        return event;
      });
      return { events, durable: Promise.resolve() };
    },
    now: () => now,
    random: () => 0,
    log: () => {},
    after: (ms, ring) => {
      const timer = { at: now + ms, ring };
      timers.push(timer);
      return () => {
        timers = timers.filter(one => one !== timer);
      };
    },
  };
  const begin = () => {
    timers = [];
    swaps = new Swaps(world, {
      alternatives: () => alternatives.map(one => Alternative.parse(one)),
      resumes: () => true,
      renew: async (_, { reason }) => void renewed.push(reason),
    });
    return swaps;
  };
  const emit = (draft: Omit<Draft, 'actor' | 'subject'>) =>
    void world.emit({ ...draft, actor, subject: 'agent:coder' } as Draft);
  const config = { driver: 'claude', title: '', gate: 'ask', needs: [], capabilities: [], healing: 'basic' };
  const data = EVENT_DATA['fleet.configured'].parse({
    digest: NOTHING,
    agents: { coder: config },
    operators: {},
  });
  emit({ kind: 'fleet.configured', data });
  const run = { agent: coder, incarnation: 1, pane: '%1', pid: 7, born: '', argv: [], cwd: '/', resumed: '' };
  emit({ kind: 'agent.started', data: run } as Omit<Draft, 'actor' | 'subject'>);
  return {
    begin,
    renewed,
    swapped: () => state.agents[coder]?.healing?.swapped?.to,
    pass(ms: number): void {
      now += ms;
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers = timers.filter(one => one !== timer);
        timer.ring();
      }
    },
    is: (status: AgentStatus) =>
      emit({
        kind: 'status.changed',
        data: { agent: coder, status, evidence: { source: 'hook', detail: status, sure: 1 } },
      }),
  };
}

test('once the time a provider gave has passed its own is taken again, as soon as it rests', () => {
  const one = bench([{ model: 'opus' }, { model: 'haiku' }]);
  const swaps = one.begin();
  one.is('working');
  expect(swaps.next(coder)).toBe('opus');
  swaps.swap(coder, 'opus', { actor, detail: 'usage-limit', until: 1_060_000 });
  expect(swaps.inForce(coder)).toMatchObject({ model: 'opus' });
  expect(swaps.next(coder)).toBe('haiku');
  one.is('idle');
  one.is('working');
  one.pass(60_000);
  expect(one.swapped()).toBe('opus');
  one.is('idle');
  expect(one.swapped()).toBeUndefined();
  expect(one.renewed).toEqual(['its own model and provider again']);
});

test('the next engine waits on, and what a person has set has no end', () => {
  const one = bench([{ name: 'other', env: { URL: 'x' } }]);
  const first = one.begin();
  one.is('idle');
  // Nobody knows how long it lasts: an hour.
  first.swap(coder, 'other', { actor, detail: 'overload' });
  const second = one.begin();
  second.takeCharge();
  expect(second.inForce(coder)?.env).toEqual({ URL: 'x' });
  expect(second.next(coder)).toBeUndefined();
  one.pass(3_599_000);
  expect(one.swapped()).toBe('other');
  one.pass(1000);
  expect(one.swapped()).toBeUndefined();
  second.swap(coder, 'other', { actor, detail: 'by ada', until: 0 });
  one.pass(1e9);
  expect(one.swapped()).toBe('other');
});

test('one that the fleet file no longer has is not in force', () => {
  const alternatives: object[] = [{ model: 'opus' }];
  const one = bench(alternatives);
  const swaps = one.begin();
  swaps.swap(coder, 'opus', { actor, detail: '' });
  alternatives[0] = { model: 'haiku' };
  expect(swaps.inForce(coder)).toBeUndefined();
});
