import { describe, expect, test } from 'vitest';
import type { Draft } from '../../src/model/event.ts';
import { AgentId, RequestId, SessionId } from '../../src/model/ids.ts';
import { digest, settled } from '../console/events.ts';
import { desk, HIGH, SYSTEM } from './desk.ts';
import { textOf, writesOf } from './look.tsx';

describe('modes are visible', () => {
  test.each([
    ['observe', '╭'],
    ['prepare', '┄'],
    ['watch', '╭'],
    ['collaborate', '╭'],
  ] as const)('%s: its name and its frame', (mode, stroke) => {
    const text = textOf(desk([], { mode }).state);
    expect(text).toContain(mode.toUpperCase());
    expect(text).toContain(stroke);
  });

  test('collaborate wears the operator’s colour, and the agent says who holds its keyboard', () => {
    const held: Draft = {
      kind: 'lease.taken',
      actor: SYSTEM,
      subject: 'agent:builder',
      data: { name: 'keyboard:builder', session: SessionId.parse('s-1'), fence: 1 },
    };
    const d = desk([], { mode: 'collaborate' }).emit(held).press('1');
    expect(textOf(d.state)).toContain('⌨ alice');
    d.press('enter');
    expect(textOf(d.state)).toMatch(/keys go to builder · Ctrl-\\ back/);
    const [alice] = writesOf(desk([], { mode: 'collaborate' }).state);
    const [bob] = writesOf(desk([], { mode: 'collaborate', operator: 'zoe' }).state);
    expect(alice).not.toBe(bob);
  });

  test('in other modes the stage says how to type', () => {
    expect(textOf(desk().press('1', 'enter').state)).toMatch(
      /watch mode · Ctrl-\\ m c collaborates · Ctrl-\\ back/,
    );
  });

  test('prepare shows the tray: what would happen', () => {
    const d = desk([HIGH], { mode: 'prepare' }).emit(
      {
        kind: 'stage.added',
        actor: SYSTEM,
        subject: 'x',
        data: {
          session: SessionId.parse('s-1'),
          item: 1,
          staged: { type: 'message', agent: AgentId.parse('builder'), text: 'go\x1bon' },
        },
      },
      {
        kind: 'stage.added',
        actor: SYSTEM,
        subject: 'x',
        data: {
          session: SessionId.parse('s-1'),
          item: 2,
          staged: {
            type: 'decision',
            request: RequestId.parse('r-high'),
            decision: 'approve',
            note: '',
            digest: digest(7),
          },
        },
      },
    );
    expect(textOf(d.state)).toMatch(/Tray 2 staged/);
    expect(textOf(d.state)).toMatch(/types into builder, then Enter: “go␛on”/);
    expect(textOf(d.state)).toMatch(/approve HIGH deployer kubectl[^\n]*\n[^\n]*it runs/);
    d.emit(settled('r-high', 'denied'));
    expect(textOf(d.state)).toMatch(/nothing would happen: it is denied/);
  });
});
