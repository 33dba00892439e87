import { expect, test } from 'vitest';
import { Desk } from '../console/desk.ts';
import { fleet, started } from '../console/events.ts';
import { rowsOf, writesOf } from './look.tsx';

const LINES = Array.from({ length: 300 }, (_, i) =>
  i === 120 ? 'a \x1b[32mneedle\x1b[m, 字needle' : `line ${i}`,
);
const desk = (): Desk => {
  const d = new Desk([...fleet({ builder: 'command' }), started('builder', 1)], {
    cols: 120,
    rows: 30,
  }).press('1', 'v', '/');
  return d.act({ type: 'recalled', pane: '%1', lines: LINES, at: d.at }).type('needle');
};

test('what was found is in view, marked, counted, and the frame says where one is', () => {
  const d = desk().press('enter');
  const text = rowsOf(d.state).join('\n');
  expect(text).toContain('a needle, 字needle');
  expect(text).toMatch(/2 of 2 found · line 121 of 300 · ▼ \d+/);
  const [writes = ''] = writesOf(d.state);
  // The current one is bold, underlined and reversed, the other one reversed; neither depends on colour.
  expect(writes).toMatch(/\x1b\[[\d;:]*7[\d;:]*mneedle/);
});

test('the agent’s live screen is not drawn meanwhile, and is again afterwards', () => {
  const panes: string[] = [];
  const d = desk().press('enter');
  rowsOf(d.state, pane => panes.push(pane));
  expect(panes).toEqual([]);
  rowsOf(d.press('esc', 'esc').state, pane => panes.push(pane));
  expect(panes).toEqual(['%1']);
});

test('without a find the frame says so', () => {
  expect(rowsOf(desk().type('x').press('enter').state).join('\n')).toContain('not found');
});

test('a row wider than the pane says that it goes on, and a find beyond the edge comes into view', () => {
  const wide = `${'字'.repeat(100)}\x1b[31m needle\x1b[m ${'x'.repeat(100)}`;
  const d = new Desk([...fleet({ builder: 'command' }), started('builder', 1)], { cols: 80, rows: 24 })
    .press('1', 'v', 'pageup')
    .act({ type: 'recalled', pane: '%1', lines: ['short', wide, 'İ needle'], at: 0 });
  const row = (sign: string): string => rowsOf(d.state).find(line => line.includes(sign)) ?? '';
  expect(row('字')).toMatch(/字 ?…┃$/);
  d.press('/').type('needle').press('enter');
  expect(rowsOf(d.state).join('\n')).toContain('2 of 2 found');
  expect(row('short')).not.toBe('');
  d.press('n');
  const found = row('x');
  expect(found).toMatch(/…[ 字]*字 needle x+…┃$/);
  const [writes = ''] = writesOf(d.state);
  expect(writes).toMatch(/\x1b\[[\d;:]*7[\d;:]*mneedle/);
  d.press('n');
  expect(row('short')).not.toBe('');
  expect(row('İ')).toContain('İ needle');
});
