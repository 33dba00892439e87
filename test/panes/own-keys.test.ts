import { expect, test } from 'vitest';
import type { Keymap } from '../../src/console/keymap.ts';
import { speech } from '../../src/console/speech.ts';
import { Desk } from '../console/desk.ts';
import { asks, fleet, started } from '../console/events.ts';
import { rowsOf } from './look.tsx';

const NAMES = Array.from({ length: 30 }, (_, i) => `a${i}`);

/** A console of somebody who has other keys for these commands. */
function desk(keymap: Keymap): Desk {
  const d = new Desk(
    [
      ...fleet(Object.fromEntries(NAMES.map(name => [name, 'command']))),
      ...NAMES.map((name, i) => started(name, i + 1)),
    ],
    { cols: 120, rows: 30 },
  );
  d.state = { ...d.state, keymap };
  return d;
}

const textOf = (d: Desk): string => rowsOf(d.state).join('\n');

test('what the screen says of keys is what this person has', () => {
  const d = desk({
    'grid.page-up': ['f7'],
    'grid.page-down': ['f8'],
    'back.next': ['f5'],
    'back.previous': ['f6'],
    'back.find': ['ctrl-f'],
    'move.next': ['f2'],
    'look.find-older': ['f3'],
    'look.find-newer': ['f4'],
    'look.help': ['f9'],
    'move.page-down': ['pagedown', 'f10'],
    'move.page-up': ['ctrl-u'],
    'console.quit': ['Q', 'ctrl-c'],
  });
  expect(speech(null, d.state).join('\n')).toContain('F9 lists the keys, F2 goes to the next pane, Q quits');
  expect(textOf(d.press('1', 'g'))).toMatch(/page 1 of \d+ F7 F8/);
  expect(textOf(d.press('g', 'v', 'ctrl-f'))).toContain('F5 before, F6 after');
  expect(textOf(d.press('esc', 'esc', 't', 'f'))).toContain('F3 older, F4 newer');
  const command = Array.from({ length: 50 }, (_, n) => `echo ${n}`).join('\n');
  d.press('esc').emit(asks({ id: 'r-aaaa', agent: 'a1', risk: 20, input: { command } }));
  expect(textOf(d.press('1'))).toMatch(/1 waits:\s+F2 to the queue/);
  expect(textOf(d)).toMatch(/▼ \d+ more F10 Ctrl-u/);
});

test('lists to choose from are moved in with the keys of all lists', () => {
  const d = desk({ 'move.down': ['x'], 'move.up': ['X'] }).press('T');
  const index = (): number => (d.state.ui.overlay?.kind === 'choose' ? d.state.ui.overlay.index : -1);
  const first = index();
  d.press('x', 'x', 'X');
  expect(index()).toBe(first + 1);
  expect(d.press('j').state.ui.overlay).toMatchObject({ index: first + 1 });
});

test('a narrow list keeps what an agent does and since when apart', () => {
  const d = new Desk([...fleet({ builder: 'command' }), started('builder', 1)], { cols: 72, rows: 18 });
  const row = rowsOf(d.state).find(line => line.includes('builder'));
  expect(row).toMatch(/starting +\d+:\d\d/);
});
