import { describe, expect, test } from 'vitest';
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
