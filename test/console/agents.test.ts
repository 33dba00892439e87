import { describe, expect, test } from 'vitest';
import type { Send } from '../../src/console/effects.ts';
import { isLateSize, viewSize } from '../../src/console/view-size.ts';
import { typing } from '../../src/console/views.ts';
import type { Draft } from '../../src/model/event.ts';
import { AgentId, SessionId } from '../../src/model/ids.ts';
import type { Mode } from '../../src/model/mode.ts';
import { Desk } from './desk.ts';
import { ALICE, FLEET, SESSION } from './events.ts';

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

  test.each([
    ['ours before is asked for again', 's-1', ['lease.take']],
    ['another person’s before is left to them', 's-other', []],
  ])('after a lost connection a keyboard that was %s', (_, holder, sends) => {
    const d = new Desk(FLEET, { mode: 'collaborate' }).press('1', 'enter').emit(lease('builder', holder));
    d.act({ type: 'lost', reason: 'gone', at: d.at });
    const before = d.sends.length;
    const state = { ...d.state.fleet, leases: {} };
    const { tmux, me } = d.state;
    if (!tmux || !me) throw new Error('it was connected');
    const welcome = {
      ...me,
      protocol: 1,
      session: SessionId.parse('s-2'),
      state,
      tail: [],
      tmux,
      engine: { pid: 2, version: '' },
      recordings: '',
      now: d.at,
    };
    d.act({ type: 'welcomed', welcome, at: d.at });
    expect(d.sends.slice(before).map(s => s.request)).toEqual(sends);
  });

  test('what was said before does not stand on its line', () => {
    const d = new Desk(FLEET).press('1');
    d.act({ type: 'noted', tone: 'warn', words: 'nothing that old', at: d.at }).press('enter');
    expect(d.state.ui.toasts).toEqual([]);
  });

  test('a size that tmux did not take is told again, and nobody is bothered with it', () => {
    const d = new Desk(FLEET).press('1', 'enter');
    const told: Send[] = [];
    const fitting = viewSize(
      (_, run) => {
        run();
        return () => {};
      },
      send => told.push(send),
    );
    fitting.follow(d.state);
    fitting.follow(d.state);
    expect(told).toHaveLength(1);
    const [send] = told;
    if (!send) throw new Error('nothing was told');
    expect(isLateSize(send, 'tmux-timeout')).toBe(true);
    d.act({ type: 'refused', send, code: 'tmux-timeout', words: 'tmux did not answer', at: d.at });
    expect(d.state.ui.toasts).toEqual([]);
    fitting.again();
    fitting.follow(d.state);
    expect(told).toHaveLength(2);
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
