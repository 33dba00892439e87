import { describe, expect, test } from 'vitest';
import { Desk } from './desk.ts';
import { asks, digest, FLEET } from './events.ts';

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
