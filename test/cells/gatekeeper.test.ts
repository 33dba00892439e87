import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { World } from '../../src/cells/cell.ts';
import { Gatekeeper } from '../../src/cells/gatekeeper/gatekeeper.ts';
import { actionDigest } from '../../src/gate/digest.ts';
import { readFacts } from '../../src/gate/facts.ts';
import { loadPolicy } from '../../src/gate/policy.ts';
import type { Asker, Policy } from '../../src/gate/types.ts';
import { RequestId } from '../../src/model/ids.ts';
import type { RequestState } from '../../src/model/state.ts';
import { bash, Fleet, TTL_MS } from '../gate/fleet.ts';

const asker = (id: string): Asker => ({ id, type: 'agent', driver: 'claude', capabilities: [] });
const request = RequestId.parse('r-aaaa');
const ask = (command: string) => ({
  request,
  action: bash(command),
  can: { edit: false, note: true },
  via: 'gate',
});

let policy: Policy;
let fleet: Fleet;
let timers: { readonly at: number; readonly ring: () => void }[];
let gatekeeper: Gatekeeper;
let ended: RequestState | undefined;
beforeAll(async () => {
  policy = (await loadPolicy([])).policy;
});
beforeEach(() => {
  fleet = new Fleet(policy);
  timers = [];
  ended = undefined;
  const world: World = {
    get state() {
      return fleet.state;
    },
    emit: (...drafts) => {
      const from = fleet.events.length;
      fleet.take(drafts);
      const events = fleet.events.slice(from);
      for (const event of events) gatekeeper.onEvent(event);
      return { events, durable: Promise.resolve() };
    },
    now: () => fleet.now,
    random: () => 0,
    log: () => {},
    after: (ms, ring) => {
      const timer = { at: fleet.now + ms, ring };
      timers.push(timer);
      return () => {
        timers = timers.filter(t => t !== timer);
      };
    },
  };
  gatekeeper = new Gatekeeper(world, {
    policy,
    readFacts,
    digestOf: actionDigest,
    gateOf: () => 'ask',
    askerOf: asker,
    driverOf: () => undefined,
    ttlMs: TTL_MS,
    findEnded: () => ended,
    onHook: () => {},
    onStatus: () => {},
    onTranscript: () => {},
  });
});

/** Rings the timers that are due, whatever the clock says then. */
function ring(): void {
  const due = timers;
  timers = [];
  for (const timer of due) timer.ring();
}

describe('a hold', () => {
  test('ends in its time also when the timer was early or the clock was set back', async () => {
    const answer = gatekeeper.ask(asker('builder'), ask('touch x'), new AbortController().signal);
    const { expires } = fleet.state.pending[request] ?? { expires: 0 };
    fleet.now = expires - 1;
    ring();
    expect(fleet.state.pending[request]).toBeDefined();
    expect(timers.map(t => t.at)).toEqual([expires]);
    fleet.now = expires;
    ring();
    expect(await answer).toMatchObject({ outcome: 'expired', run: false });
    expect(timers).toEqual([]);
  });

  test('is not made for an asker that has gone already', () => {
    const gone = new AbortController();
    gone.abort();
    expect(() => gatekeeper.ask(asker('builder'), ask('touch x'), gone.signal)).toThrow('has gone');
    expect(fleet.state.pending).toEqual({});
  });

  test('is nothing to one whose request was refused: nobody waits for it, and its leaving ends nothing', async () => {
    const mine = gatekeeper.ask(asker('builder'), ask('touch x'), new AbortController().signal);
    const gone = new AbortController();
    const unhandled: unknown[] = [];
    const note = (reason: unknown): unknown => unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      expect(() => gatekeeper.ask(asker('tester'), ask('touch y'), gone.signal)).toThrow('another request');
      gone.abort();
      await new Promise(resolve => setImmediate(resolve));
    } finally {
      process.off('unhandledRejection', note);
    }
    expect(unhandled).toEqual([]);
    expect(fleet.state.pending[request]).toBeDefined();
    fleet.now += TTL_MS;
    ring();
    expect(await mine).toMatchObject({ outcome: 'expired' });
  });
});

test('what became of an action is taken also when the state has forgotten its request', () => {
  void gatekeeper.ask(asker('builder'), ask('ls'), new AbortController().signal);
  ended = fleet.state.settled[0];
  fleet.state = { ...fleet.state, settled: [] };
  const effect = { request, exit: 0, detail: '', ms: 5 };
  expect(() => gatekeeper.effect('tester', effect)).toThrow('not a request of tester');
  gatekeeper.effect('builder', effect);
  expect(fleet.events.at(-1)).toMatchObject({ kind: 'gate.effected', data: effect });
});
