/** F12: freezes without a question whatever is open, never thaws without one. */
import { describe, expect, test } from 'vitest';
import type { Draft } from '../../src/model/event.ts';
import { AgentId } from '../../src/model/ids.ts';
import { textOf } from '../panes/look.tsx';
import { Desk } from './desk.ts';
import { ALICE, asks, FLEET } from './events.ts';

const builder = AgentId.parse('builder');
const AGENTS = ['builder', 'deployer', 'docs'].map(id => AgentId.parse(id));

const ordered: Draft = {
  kind: 'freeze.ordered',
  actor: ALICE,
  subject: 'fleet',
  data: { agents: AGENTS, fleet: true, before: {}, detail: '' },
};
function frozen(agent: AgentId, running = 0, why = 'it runs'): Draft {
  const one = { pid: 7, born: '1', name: '\u001b[31mclaude' };
  const resisting = running > 0 ? [{ ...one, why }] : [];
  const data = { agent, stopped: 3, running, processes: [one], resisting, detail: '' };
  return { kind: 'agent.frozen', actor: ALICE, subject: `agent:${agent}`, data };
}
const ALL = [ordered, ...AGENTS.map(id => frozen(id))];
const FREEZE = { request: 'fleet.freeze', with: {} };

describe('F12', () => {
  test('freezes at once, also twice in one read and while something is being typed', () => {
    const desk = new Desk(FLEET);
    desk.key('f12', true).key('f12', true);
    desk.press(':').type('half a wor').key('f12');
    expect(desk.sends).toEqual([FREEZE, FREEZE, FREEZE]);
    expect(desk.state.ui.overlay).toMatchObject({ kind: 'palette', line: { text: 'half a wor' } });
  });

  test('asks before it thaws; only a yes thaws, hitting it again does not', () => {
    const desk = new Desk([...FLEET, ...ALL]);
    desk.press('f12', 'f12', 'f12');
    expect(desk.sends).toEqual([]);
    expect(desk.state.ui.overlay?.kind).toBe('confirm');
    desk.press('y');
    expect(desk.sends).toEqual([{ request: 'fleet.thaw', with: {} }]);
  });

  test('freezes again while something still runs, and asks to thaw when that is another user’s', () => {
    const desk = new Desk([...FLEET, ...ALL, frozen(builder, 1)]);
    desk.press('f12');
    expect(desk.sends).toEqual([FREEZE]);
    desk.emit(frozen(builder, 1, 'it runs as another user')).press('f12');
    expect(desk.sends).toEqual([FREEZE]);
    expect(desk.state.ui.overlay?.kind).toBe('confirm');
  });

  test('without an engine it is done without it, and also when the engine does not answer', () => {
    const desk = new Desk(FLEET);
    desk.key('f12');
    const send = { request: 'fleet.freeze', with: {} } as const;
    desk.act({ type: 'refused', send, code: 'no-answer', words: 'hangs', at: desk.at });
    desk.act({ type: 'lost', reason: 'gone', at: desk.at }).key('f12');
    expect(desk.effects.map(e => e.do)).toEqual(['send', 'brake', 'brake']);
  });

  test('is refused with a reason to who may only look', () => {
    const desk = new Desk(FLEET, { mode: 'observe' });
    desk.press('f12');
    expect(desk.sends).toEqual([]);
    expect(desk.said).toContain('not in observe mode');
  });
});

describe('what is frozen is shown', () => {
  test.each([
    [80, 24],
    [120, 40],
    [200, 50],
  ])('at %i columns: in the header and at each agent', (cols, rows) => {
    const desk = new Desk([...FLEET, ...ALL], { cols, rows });
    const text = textOf(desk.state);
    expect(text.split('\n')[0]).toContain('❄ FROZEN');
    expect(text).toContain('❄ frozen');
  });

  test('never as frozen before it is confirmed, and what resists is named, harmless', () => {
    const desk = new Desk([...FLEET, ordered, frozen(AGENTS[1] ?? builder), frozen(builder, 2)]);
    const text = textOf(desk.state);
    expect(text.split('\n')[0]).toContain('❄ PARTLY FROZEN 1 of 3');
    expect(text).toContain('partly frozen (3 of 5)');
    expect(text).toContain('❄ freezing');
    desk.press('1', 'w');
    const why = textOf(desk.state);
    expect(why).toContain('3 of 5 processes stand still');
    expect(why).toContain('␛[31mclaude 7: it runs');
  });

  test('an agent alone is frozen by F, and thawed after a question', () => {
    const desk = new Desk([...FLEET, asks({ id: 'r-0001', agent: 'docs' })]);
    desk.press('1', 'F');
    expect(desk.sends).toEqual([{ request: 'fleet.freeze', with: { agents: ['builder'] } }]);
    desk.emit(
      { ...ordered, data: { ...ordered.data, agents: [builder], fleet: false } } as Draft,
      frozen(builder),
    );
    expect(textOf(desk.state).split('\n')[0]).toContain('❄ 1 AGENT FROZEN');
    desk.press('F', 'y');
    expect(desk.sends.at(-1)).toEqual({ request: 'fleet.thaw', with: { agents: ['builder'] } });
  });
});
