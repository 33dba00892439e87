import { describe, expect, test } from 'vitest';
import { TAIL_KEPT } from '../../src/console/state.ts';
import { update } from '../../src/console/update.ts';
import { approvalsList, modeOf, queue, shownAgent, timeline, typing } from '../../src/console/views.ts';
import type { Draft } from '../../src/model/event.ts';
import { AgentId, RequestId, SessionId } from '../../src/model/ids.ts';
import type { Mode } from '../../src/model/mode.ts';
import { Desk, NOW } from './desk.ts';
import { asks, digest, fleet, placed, settled, started, status } from './events.ts';

const FLEET = [
  ...fleet({ builder: 'claude', deployer: 'claude', docs: 'command' }),
  started('builder', 1),
  started('deployer', 2),
  started('docs', 3),
];
const ALICE = { type: 'operator', id: 'alice', via: 'console' } as const;
const SESSION = SessionId.parse('s-1');

function moded(to: Mode): Draft {
  return {
    kind: 'mode.changed',
    actor: ALICE,
    subject: 'operator:alice',
    data: { session: SESSION, from: 'watch', to },
  };
}

function lease(agent: string, session: string, fence = 1): Draft {
  return {
    kind: 'lease.taken',
    actor: ALICE,
    subject: `agent:${agent}`,
    data: { name: `keyboard:${agent}`, session: SessionId.parse(session), fence },
  };
}

function stagedMessage(item: number): Draft {
  return {
    kind: 'stage.added',
    actor: ALICE,
    subject: 'operator:alice',
    data: {
      session: SESSION,
      item,
      staged: { type: 'message', agent: AgentId.parse('builder'), text: 'go on' },
    },
  };
}

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

describe('modes', () => {
  test('m then a letter asks the engine; another key after m does nothing', () => {
    const d = new Desk(FLEET).press('m', 'c');
    expect(d.sends).toEqual([{ request: 'mode.set', with: { mode: 'collaborate' } }]);
    d.press('m', 'z', 'o');
    expect(d.sends).toHaveLength(1);
    expect(d.state.ui.chord).toBe('');
  });

  test('a viewer stays an observer, and is told', () => {
    const d = new Desk(FLEET, { role: 'viewer', mode: 'observe', operator: 'eve' }).press('m', 'w');
    expect(d.sends).toEqual([]);
    expect(d.said).toContain('viewer');
  });
});

describe('prepare mode', () => {
  test('decisions and messages are staged, not done', () => {
    const d = new Desk([...FLEET, asks({ id: 'r-aaaa', agent: 'builder', digest: digest(5) })], {
      mode: 'prepare',
    });
    d.press('tab', 'tab', 'a');
    d.press('M').type('go on').press('enter');
    expect(d.sends).toEqual([
      {
        request: 'stage.add',
        with: {
          staged: { type: 'decision', request: 'r-aaaa', decision: 'approve', note: '', digest: digest(5) },
        },
      },
      { request: 'stage.add', with: { staged: { type: 'message', agent: 'builder', text: 'go on' } } },
    ]);
  });

  test('edits, grants and overrides are refused with what to do instead', () => {
    const d = new Desk([...FLEET, asks({ id: 'r-aaaa', agent: 'builder' })], { mode: 'prepare' }).press(
      'tab',
      'tab',
    );
    for (const key of ['e', 'G', 'o']) {
      d.press(key);
      expect(d.said).toContain('m w');
    }
    expect(d.sends).toEqual([]);
  });

  test('C commits everything after a y; x drops the selected one', () => {
    const d = new Desk(FLEET, { mode: 'prepare' }).emit(stagedMessage(1), stagedMessage(2));
    d.press('C');
    expect(d.sends).toEqual([]);
    d.press('y');
    expect(d.sends).toEqual([{ request: 'stage.commit', with: { items: [1, 2] } }]);
    d.press('down', 'x');
    expect(d.sends.at(-1)).toEqual({ request: 'stage.drop', with: { items: [2] } });
  });

  test.each([
    [
      'c',
      [
        { request: 'stage.commit', with: { items: [1] } },
        { request: 'mode.set', with: { mode: 'watch' } },
      ],
    ],
    ['k', [{ request: 'mode.set', with: { mode: 'watch' } }]],
    [
      'd',
      [
        { request: 'stage.drop', with: { items: [1] } },
        { request: 'mode.set', with: { mode: 'watch' } },
      ],
    ],
    ['esc', []],
  ])('leaving with staged work asks: %s', (key, sends) => {
    const d = new Desk(FLEET, { mode: 'prepare' }).emit(stagedMessage(1)).press('m', 'w');
    expect(d.sends).toEqual([]);
    d.press(key);
    expect(d.sends).toEqual(sends);
  });

  test('quitting with staged work asks, since the tray ends with the console', () => {
    const d = new Desk(FLEET, { mode: 'prepare' }).emit(stagedMessage(1)).press('q');
    expect(d.effects).toEqual([]);
    d.press('k');
    expect(d.effects).toEqual([]);
    d.press('d');
    expect(d.effects.map(e => e.do)).toEqual(['send', 'quit']);
  });
});

describe('the stage', () => {
  test('outside collaborate it only looks, and takes no keyboard', () => {
    const d = new Desk(FLEET).press('1', 'enter');
    expect(d.state.ui.stage).toBe('builder');
    expect(d.sends).toEqual([]);
    d.press('x', 'esc');
    expect(d.state.ui.stage).toBe('');
  });

  test('in collaborate it asks for the keyboard, and keys go to the agent once it is ours', () => {
    const d = new Desk(FLEET, { mode: 'collaborate' }).press('1', 'enter');
    expect(d.sends).toEqual([{ request: 'lease.take', with: { agent: 'builder' } }]);
    expect(typing(d.state)).toBeUndefined();
    d.emit(lease('builder', 's-1', 4));
    expect(typing(d.state)).toEqual({ agent: 'builder', fence: 4 });
    d.act({ type: 'typed', bytes: Buffer.from('ls\r'), paste: false, at: d.at });
    expect(d.sends.at(-1)).toEqual({
      request: 'agent.type',
      with: { agent: 'builder', bytes: Buffer.from('ls\r').toString('base64'), fence: 4, paste: false },
    });
    d.press('ctrl-\\');
    expect(d.state.ui.stage).toBe('');
    expect(d.sends.at(-1)).toEqual({ request: 'lease.release', with: { agent: 'builder' } });
  });

  test('a keyboard that is taken away, or a mode that is left, stops the typing at once', () => {
    const d = new Desk(FLEET, { mode: 'collaborate' }).press('1', 'enter').emit(lease('builder', 's-1'));
    d.emit(lease('builder', 's-other', 2));
    expect(typing(d.state)).toBeUndefined();
    d.emit(lease('builder', 's-1', 3), moded('watch'));
    expect(typing(d.state)).toBeUndefined();
    const before = d.sends.length;
    d.act({ type: 'typed', bytes: Buffer.from('rm'), paste: false, at: d.at });
    expect(d.sends).toHaveLength(before);
  });

  test('a lead is asked before taking a keyboard somebody holds', () => {
    const d = new Desk(FLEET, { mode: 'collaborate' }).press('1', 'enter');
    const [send] = d.sends;
    if (!send) throw new Error('nothing was sent');
    d.act({ type: 'refused', send, code: 'lease-held', words: 'bob holds it', at: d.at });
    expect(d.sends).toHaveLength(1);
    d.press('y');
    expect(d.sends.at(-1)).toEqual({ request: 'lease.take', with: { agent: 'builder', force: true } });
  });
});

describe('agents', () => {
  test('restart and stop ask first; start does not', () => {
    const d = new Desk(FLEET).press('1', 'r', 'esc', 's', 'n');
    expect(d.sends).toEqual([]);
    d.press('r', 'y');
    expect(d.sends).toEqual([{ request: 'agent.restart', with: { agent: 'builder' } }]);
    d.emit({
      kind: 'agent.exited',
      actor: ALICE,
      subject: 'agent:builder',
      data: {
        agent: AgentId.parse('builder'),
        incarnation: 1,
        status: 0,
        signal: '',
        wanted: true,
        detail: '',
      },
    });
    d.press('s');
    expect(d.sends.at(-1)).toEqual({ request: 'agent.start', with: { agent: 'builder' } });
  });

  test('a message needs collaborate, or prepare', () => {
    const d = new Desk(FLEET).press('1', 'M');
    expect(d.said).toContain('collaborate');
    const c = new Desk(FLEET, { mode: 'collaborate' }).press('1', 'M').type('hello').press('enter');
    expect(c.sends).toEqual([{ request: 'agent.send', with: { agent: 'builder', text: 'hello' } }]);
  });
});

describe('edit, then approve', () => {
  const request = {
    id: 'r-aaaa',
    agent: 'builder',
    input: { command: 'rm -rf build', description: 'clean' },
    digest: digest(9),
  } as const;

  test('sends the edited input after the review was seen, with the keys', () => {
    const d = new Desk([...FLEET, asks(request)]).press('e');
    for (let i = 0; i < 5; i++) d.key('backspace');
    d.paste('dist').key('enter');
    expect(d.state.ui.overlay).toMatchObject({
      kind: 'review',
      input: { command: 'rm -rf dist', description: 'clean' },
    });
    d.key('y');
    expect(d.sends).toEqual([]);
    d.press('y');
    expect(d.sends).toMatchObject([
      {
        request: 'approval.decide',
        with: {
          decision: 'approve',
          digest: digest(9),
          edit: { command: 'rm -rf dist', description: 'clean' },
          evidence: { keys: ['e', 'enter', 'y'] },
        },
      },
    ]);
  });

  test('e goes back to what was written; Esc and Esc leaves it undecided', () => {
    const d = new Desk([...FLEET, asks(request)]).press('e').paste('2').press('enter', 'e');
    expect(d.state.ui.overlay).toMatchObject({ kind: 'edit', line: { text: 'rm -rf build2' } });
    d.press('esc');
    expect(d.state.ui.overlay).toBeNull();
    expect(d.sends).toEqual([]);
  });

  test('CRITICAL asks for the name after the review too', () => {
    const d = new Desk([...FLEET, asks({ ...request, risk: 95 })]).press('e', 'enter', 'y');
    expect(d.sends).toEqual([]);
    expect(d.state.ui.overlay?.kind).toBe('name');
    d.type('builder').press('enter');
    expect(d.sends).toHaveLength(1);
  });

  test('an empty edit, or an open quote, is refused with a reason', () => {
    const d = new Desk([...FLEET, asks({ ...request, tool: 'exec', input: { argv: ['ls', '-l'] } })])
      .press('e')
      .type("'")
      .press('enter');
    expect(d.state.ui.overlay).toMatchObject({
      kind: 'edit',
      problem: expect.stringContaining('not closed'),
    });
    d.press('ctrl-u', 'enter');
    expect(d.state.ui.overlay).toMatchObject({
      kind: 'edit',
      problem: expect.stringContaining('nothing would run'),
    });
  });

  test('an asker that cannot take an edit: the key says so', () => {
    const d = new Desk([...FLEET, asks({ ...request, edit: false })]).press('e');
    expect(d.state.ui.overlay).toBeNull();
    expect(d.said).toContain('cannot take an edited action');
  });
});

describe('the palette', () => {
  test('finds by letters, completes, runs, and obeys the same rules', () => {
    const d = new Desk([...FLEET, asks({ id: 'r-aaaa', agent: 'builder' })])
      .press(':')
      .type('appr')
      .press('enter');
    expect(d.sends).toMatchObject([
      { request: 'approval.decide', with: { evidence: { keys: [':approval.approve'] } } },
    ]);
    const o = new Desk([...FLEET, asks({ id: 'r-aaaa', agent: 'builder' })], { mode: 'observe' })
      .press(':')
      .type('appr')
      .press('enter');
    expect(o.sends).toEqual([]);
  });

  test('goes to an agent by name', () => {
    const d = new Desk(FLEET).press(':').type('go docs').press('enter');
    expect(d.state.ui.agent).toBe('docs');
  });

  test('Tab completes; a pasted Enter runs nothing', () => {
    const d = new Desk(FLEET).press(':').type('colla').press('tab');
    expect(d.state.ui.overlay).toMatchObject({ kind: 'palette', line: { text: 'collaborate' } });
    d.key('enter', true);
    expect(d.sends).toEqual([]);
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
