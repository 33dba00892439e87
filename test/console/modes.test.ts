import { describe, expect, test } from 'vitest';
import { Desk } from './desk.ts';
import { asks, digest, FLEET, stagedMessage } from './events.ts';

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
      expect(d.said).toContain('switch to watch mode');
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
