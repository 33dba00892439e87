import { describe, expect, test } from 'vitest';
import { hitsOf } from '../../src/console/look-back.ts';
import { Desk } from './desk.ts';
import { fleet, started, status } from './events.ts';

const LINES = Array.from({ length: 100 }, (_, i) =>
  i % 10 === 3 ? `\x1b[31mError\x1b[m number ${i}` : `line ${i}`,
);

/** A person in the screen pane of an agent that has printed a hundred lines. */
function desk(): Desk {
  return new Desk([
    ...fleet({ builder: 'command', docs: 'command' }),
    started('builder', 1),
    started('docs', 2),
  ]).press('1', 'v');
}
const recalled = (d: Desk, lines: readonly string[] = LINES): Desk =>
  d.act({ type: 'recalled', pane: '%1', lines, at: d.at });
const back = (d: Desk) => {
  const { back: now } = d.state.ui;
  if (!now) throw new Error('not looking back');
  return now;
};
const recalls = (d: Desk): number => d.effects.filter(e => e.do === 'recall').length;

describe('looking back', () => {
  test('asks tmux once, shows a page further up, and stays there whatever comes', () => {
    const d = desk().press('pageup');
    expect(recalls(d)).toBe(1);
    recalled(d);
    const { top, at } = back(d);
    expect(at).toBe(89);
    d.emit(status('builder', 'working', 'prints on'));
    expect(back(d)).toMatchObject({ top, at });
    d.press('pageup');
    expect(back(d).top).toBe(top - 10);
    expect(recalls(d)).toBe(1);
  });

  test('keys pressed before the answer are not lost', () => {
    const d = recalled(desk().press('pageup', 'pageup'));
    expect(back(d).at).toBe(79);
  });

  test('goes to both ends, and from the end down back to what is live', () => {
    const d = recalled(desk().press('pageup')).press('home');
    expect(back(d)).toMatchObject({ top: 0, at: 0 });
    d.press('end');
    expect(back(d).at).toBe(99);
    d.press('pagedown');
    expect(d.state.ui.back).toBeNull();
  });

  test('ends when another agent, another pane or the stage is looked at', () => {
    for (const key of ['2', 'tab', 'enter']) {
      const d = recalled(desk().press('pageup')).press(key);
      expect(d.state.ui.back, key).toBeNull();
    }
  });

  test('finds while one types, upwards first, and counts', () => {
    const d = recalled(desk().press('/')).type('err');
    expect(back(d)).toMatchObject({ query: 'err', hit: 9, at: 93 });
    expect(hitsOf(back(d))).toHaveLength(10);
    d.type('or number 4');
    expect(back(d)).toMatchObject({ hit: 0, at: 43 });
    d.press('enter', 'n');
    expect(back(d).at).toBe(43);
    d.press('esc');
    expect(back(d).query).toBe('');
  });

  test('n goes to older finds and round, N the other way; capitals count once there are some', () => {
    const d = recalled(desk().press('/')).type('Error').press('enter', 'n');
    expect(back(d).at).toBe(83);
    d.press('N', 'N');
    expect(back(d).at).toBe(3);
    expect(hitsOf({ ...back(d), query: 'ERROR' })).toEqual([]);
  });

  test('what was typed before the lines came is looked for when they come', () => {
    const d = desk().press('/').type('number 2');
    recalled(d);
    expect(back(d).at).toBe(23);
  });

  test('copies the lines between mark and cursor, without colours; alone, the line under the cursor', () => {
    const d = recalled(desk().press('pageup')).press('home', 'j', 'j', 'v', 'j', 'y');
    expect(d.effects.at(-1)).toEqual({ do: 'copy', text: 'line 2\nError number 3', lines: 2 });
    expect(back(d).mark).toBeNull();
    d.press('y');
    expect(d.effects.at(-1)).toEqual({ do: 'copy', text: 'Error number 3', lines: 1 });
  });

  test('Esc steps out: selection, search, then live', () => {
    const d = recalled(desk().press('/')).type('line').press('enter', 'v', 'esc');
    expect(back(d)).toMatchObject({ mark: null, query: 'line' });
    d.press('esc');
    expect(back(d).query).toBe('');
    d.press('esc');
    expect(d.state.ui.back).toBeNull();
    expect(d.state.ui.focus).toBe('screen');
  });

  test('a pane that is gone is not looked back in', () => {
    const d = recalled(desk().press('pageup'), []);
    expect(d.state.ui.back).toBeNull();
  });
});
