import { describe, expect, test } from 'vitest';
import { TAIL_KEPT } from '../../src/console/state.ts';
import { timeline } from '../../src/console/timeline.ts';
import { update } from '../../src/console/update.ts';
import { approvalsList, modeOf, queue, shownAgent } from '../../src/console/views.ts';
import { RequestId } from '../../src/model/ids.ts';
import { Desk, NOW } from './desk.ts';
import { ALICE, asks, FLEET, placed, settled, stagedMessage, status } from './events.ts';

describe('the queue', () => {
  test('has the riskiest level first, then who has waited longest; what was put off comes last', () => {
    const d = new Desk(FLEET);
    d.emit(asks({ id: 'r-aaaa', agent: 'builder', risk: 10 })).wait(10);
    d.emit(asks({ id: 'r-bbbb', agent: 'docs', risk: 65 })).wait(10);
    d.emit(asks({ id: 'r-cccc', agent: 'docs', risk: 80 })).wait(10);
    d.emit(asks({ id: 'r-dddd', agent: 'docs', risk: 95 }));
    expect(queue(d.state).map(r => r.id)).toEqual(['r-dddd', 'r-bbbb', 'r-cccc', 'r-aaaa']);
    d.emit({
      kind: 'approval.deferred',
      actor: ALICE,
      subject: 'request:r-dddd',
      data: { request: RequestId.parse('r-dddd'), until: d.at + 60_000 },
    });
    expect(queue(d.state).map(r => r.id)).toEqual(['r-bbbb', 'r-cccc', 'r-aaaa', 'r-dddd']);
    d.wait(60_001);
    expect(queue(d.state)[0]?.id).toBe('r-dddd');
  });

  test('does not flash what a policy permits at once', () => {
    const d = new Desk(FLEET).emit(asks({ id: 'r-aaaa', agent: 'builder', verdict: 'permit', needs: 0 }));
    expect(queue(d.state)).toEqual([]);
    expect(d.state.ui.request).toBe('');
  });

  test('a filter narrows it; Esc clears the filter', () => {
    const d = new Desk([
      ...FLEET,
      asks({ id: 'r-aaaa', agent: 'builder' }),
      asks({ id: 'r-bbbb', agent: 'docs' }),
    ]);
    d.press('/').type('docs').key('enter');
    expect(queue(d.state).map(r => r.agent)).toEqual(['docs']);
    expect(d.state.ui.request).toBe('r-bbbb');
    d.key('esc');
    expect(queue(d.state)).toHaveLength(2);
  });

  test('keeps forbidden requests in reach below what waits, for ten minutes', () => {
    const d = new Desk([...FLEET, asks({ id: 'r-aaaa', agent: 'builder', verdict: 'forbid', needs: 0 })]);
    d.emit(settled('r-aaaa', 'forbidden'), asks({ id: 'r-bbbb', agent: 'docs' }));
    expect(approvalsList(d.state).map(r => r.id)).toEqual(['r-bbbb', 'r-aaaa']);
    d.wait(600_001);
    expect(approvalsList(d.state).map(r => r.id)).toEqual(['r-bbbb']);
  });
});

test('in watch mode the screen follows the selected request; elsewhere it follows the cursor', () => {
  const d = new Desk([...FLEET, asks({ id: 'r-aaaa', agent: 'deployer' })]);
  expect(shownAgent(d.state)?.id).toBe('deployer');
  d.press('3');
  expect(shownAgent(d.state)?.id).toBe('docs');
  expect(d.state.ui.focus).toBe('agents');
});

test('the tail is bounded and keeps the newest', () => {
  const d = new Desk(FLEET);
  for (let i = 0; i < 5; i++)
    d.emit(...Array.from({ length: 500 }, (_, n) => status('docs', n % 2 ? 'idle' : 'working', `${i}/${n}`)));
  expect(d.state.tail).toHaveLength(TAIL_KEPT);
  expect(d.state.tail.at(-1)?.seq).toBe(d.state.fleet.seq);
});

test('events that were in the welcome already are not folded again', () => {
  const d = new Desk(FLEET);
  const { seq } = d.state.fleet;
  const before = d.state;
  d.act({ type: 'events', events: placed([status('docs', 'idle', 'old')], seq - 1, NOW), at: NOW });
  expect(d.state.fleet).toBe(before.fleet);
});

test('the timeline leaves chatter to the audit, and t switches between them', () => {
  const d = new Desk([...FLEET, status('docs', 'working', 'x'), asks({ id: 'r-aaaa', agent: 'docs' })]);
  expect(timeline(d.state).map(e => e.kind)).not.toContain('status.changed');
  d.press('t');
  expect(timeline(d.state).map(e => e.kind)).toContain('status.changed');
  expect(timeline(d.state)[0]?.seq).toBe(d.state.fleet.seq);
});

describe('an engine that restarts', () => {
  const lostAndBack = (d: Desk) => {
    d.act({ type: 'lost', reason: 'gone', at: d.at }).wait(2000);
    const { fleet: known } = d.state;
    d.act({
      type: 'welcomed',
      at: d.at,
      welcome: {
        protocol: 1,
        session: 's-2',
        operator: 'alice',
        role: 'lead',
        mode: modeOf(d.state),
        state: { ...known, sessions: {} },
        tail: [],
        tmux: { socket: '/run/tmux.sock', session: 'main' },
        engine: { pid: 2, version: '0.1.0' },
        recordings: '',
        now: d.at,
      },
    });
  };

  test('focus, selection and filters stay; what was being sent is forgotten', () => {
    const d = new Desk([
      ...FLEET,
      asks({ id: 'r-aaaa', agent: 'builder' }),
      asks({ id: 'r-bbbb', agent: 'docs' }),
    ]);
    d.press('down', 'a');
    expect(d.state.ui.sent).toEqual(['r-bbbb']);
    lostAndBack(d);
    expect(d.state.link).toEqual({ is: 'up' });
    expect(d.state.ui).toMatchObject({ focus: 'approvals', request: 'r-bbbb', sent: [] });
    expect(d.state.me?.session).toBe('s-2');
    d.paint().wait(400).key('a');
    expect(d.sends.at(-1)).toMatchObject({ request: 'approval.decide', with: { request: 'r-bbbb' } });
  });

  test('the wish for a mode is kept, also one made while it was away', () => {
    const d = new Desk(FLEET);
    d.act({ type: 'lost', reason: 'gone', at: d.at }).press('m', 'c');
    expect(d.sends).toEqual([]);
    expect(d.state.wanted).toBe('collaborate');
  });

  test('what was staged is staged again', () => {
    const d = new Desk(FLEET, { mode: 'prepare' }).emit(stagedMessage(1));
    lostAndBack(d);
    expect(d.sends).toEqual([
      { request: 'stage.add', with: { staged: { type: 'message', agent: 'builder', text: 'go on' } } },
    ]);
  });

  test('screens are attached to again after each welcome and each new tmux server', () => {
    const d = new Desk(FLEET);
    const first = d.state.tmux;
    lostAndBack(d);
    const second = d.state.tmux;
    expect(second).not.toBe(first);
    d.emit({ kind: 'tmux.started', actor: ALICE, subject: 'tmux', data: { pid: 7, version: '3.5' } });
    expect(d.state.tmux).not.toBe(second);
    expect(d.state.tmux).toEqual(second);
  });
});

test('what the engine refuses is said, with its hint', () => {
  const d = new Desk([...FLEET, asks({ id: 'r-aaaa', agent: 'builder' })]).press('a');
  const [send] = d.sends;
  if (!send) throw new Error('nothing was sent');
  d.act({ type: 'refused', send, code: 'stale', words: 'it has changed · look again', at: d.at });
  expect(d.said).toBe('it has changed · look again');
  expect(d.state.ui.sent).toEqual([]);
});

test('toasts go by themselves', () => {
  const d = new Desk(FLEET).press('M');
  expect(d.state.ui.toasts).toHaveLength(1);
  d.wait(20_000);
  expect(d.state.ui.toasts).toEqual([]);
});

test('nothing that happens changes a state in place', () => {
  const d = new Desk([...FLEET, asks({ id: 'r-aaaa', agent: 'builder', risk: 70 })]);
  const before = structuredClone(d.state);
  const state = d.state;
  for (const key of ['a', 'y', 'm', 'c', ':', 'x', 'esc', '?', 'tab']) {
    update(state, {
      type: 'input',
      input: { type: 'key', key, text: key.length === 1 ? key : '', burst: false },
      at: NOW + 5000,
    });
  }
  expect(state).toEqual(before);
});
