/** Choosing a theme or a layout: seen at once, kept by Enter, undone by Esc. */
import { describe, expect, test } from 'vitest';
import { themeIn } from '../../src/console/looks.ts';
import { dark, light, THEMES } from '../../src/console/themes.ts';
import { textOf } from '../panes/look.tsx';
import { Desk } from './desk.ts';
import { fleet, started } from './events.ts';

const QUIET = [...fleet({ builder: 'claude' }), started('builder', 1)];
const desk = (): Desk => new Desk(QUIET, { cols: 120, rows: 40 });
const kept = (d: Desk) => d.effects.filter(e => e.do === 'remember');

describe('a theme', () => {
  test('goes by the terminal until one is chosen', () => {
    const d = desk();
    expect(themeIn(d.state.looks)).toBe(dark);
    d.act({ type: 'looked', looks: { ground: 'light' }, at: d.at });
    expect(themeIn(d.state.looks)).toBe(light);
  });

  test('is shown as soon as it is under the cursor, and kept by Enter', () => {
    const d = desk().press('T', 'down', 'down', 'j');
    expect(textOf(d.state)).toContain('▸ high-contrast');
    expect(themeIn(d.state.looks)).toBe(THEMES['high-contrast']);
    expect(kept(d)).toEqual([]);
    d.press('enter');
    expect(d.state.ui.overlay).toBeNull();
    expect(kept(d)).toEqual([{ do: 'remember', choice: { theme: 'high-contrast' } }]);
  });

  test('is what it was after Esc', () => {
    const d = desk().press('T', 'end');
    expect(d.state.looks.theme).toBe('mono');
    d.press('esc');
    expect(d.state.looks.theme).toBe('auto');
    expect(kept(d)).toEqual([]);
  });

  test('that is gone when its file is gone leaves the one that goes with the terminal', () => {
    const d = desk();
    d.act({ type: 'looked', looks: { theme: 'mine', themes: { ...THEMES, mine: light } }, at: d.at });
    expect(themeIn(d.state.looks)).toBe(light);
    d.act({ type: 'looked', looks: { themes: THEMES }, at: d.at });
    expect(themeIn(d.state.looks)).toBe(dark);
  });
});

describe('a layout', () => {
  test('is switched live, and the palette knows each by name', () => {
    const d = desk().press('L', 'down', 'down');
    expect(d.state.looks.layout).toBe('focus');
    expect(textOf(d.state)).not.toContain('Timeline');
    d.press('enter').press(':').type('layout rev');
    expect(textOf(d.state)).toContain('▸ layout review');
    d.press('enter');
    expect(d.state.looks.layout).toBe('review');
    expect(kept(d).map(e => e.choice)).toEqual([{ layout: 'focus' }, { layout: 'review' }]);
  });

  test('nobody knows cannot be run', () => {
    const d = desk();
    d.act({ type: 'run', command: 'layout constructor', at: d.at });
    expect(d.said).toBe('there is no layout constructor');
    expect(d.state.looks.layout).toBe('mission-control');
  });
});

test('every token can be seen, with what it means', () => {
  const d = new Desk(QUIET, { cols: 120, rows: 60 });
  d.act({ type: 'run', command: 'look.tokens', at: d.at });
  const text = textOf(d.state);
  expect(text).toMatch(/risk-critical +Ab 12 ▲ ● {2}a request of CRITICAL risk/);
  expect(text).toContain('Tokens dark, by the terminal');
});
