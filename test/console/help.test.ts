/** The `?` page: what works here and now first, then why the rest does not; found by typing. */
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/console/commands/index.ts';
import { helpSections } from '../../src/console/help.ts';
import { readKeymap } from '../../src/console/keymap.ts';
import { desk, HIGH } from '../panes/desk.ts';
import { textOf } from '../panes/look.tsx';

const idsOf = (sections: ReturnType<typeof helpSections>, title: string): string[] =>
  sections
    .filter(s => s.title.startsWith(title))
    .flatMap(s => s.groups.flatMap(g => g.entries.map(e => e.id)));

describe('what it lists', () => {
  test('every command once: those that work here and now, then the others with a reason', () => {
    const { state } = desk([HIGH]);
    const sections = helpSections(state, '');
    const works = idsOf(sections, 'Works');
    const rest = idsOf(sections, 'Does not');
    expect([...works, ...rest].sort()).toEqual(
      COMMANDS.map(c => c.id)
        .filter(id => !/^agent\.[2-9]$/.test(id))
        .sort(),
    );
    for (const id of works) {
      const command = COMMANDS.find(c => c.id === id);
      expect(command?.when.holds(state) && command.disabledReason(state) === undefined, id).toBe(true);
    }
    const entries = sections[1]?.groups.flatMap(g => g.entries) ?? [];
    expect(entries.every(e => e.why)).toBe(true);
    expect(entries.find(e => e.id === 'tray.commit')?.why).toBe('nothing is staged');
    expect(entries.find(e => e.id === 'look.event')?.why).toBe('works in: timeline');
  });

  test('a person’s own keys, marked, beside the built-in ones', () => {
    const d = desk();
    d.state = {
      ...d.state,
      keymap: readKeymap({ 'look.why': 'f5', 'look.audit': [], 'agent.3': 'f9' }).keymap,
    };
    d.press('?').resize(160, 120);
    const text = textOf(d.state);
    expect(text).toMatch(/\*F5 +why .*Yours; built in: w\./);
    expect(text).toMatch(/\*:look\.audit/);
    expect(text).toMatch(/\*F9 +agent 3/);
    expect(text).toMatch(/ 2 +agent 2/);
  });
});

describe('finding', () => {
  test('/ keeps what contains all words; Enter keeps the filter, Esc clears it, then closes', () => {
    const d = desk([HIGH]).press('?', '/').type('tray commit');
    expect(idsOf(helpSections(d.state, 'tray commit'), '')).toEqual(['tray.commit']);
    expect(textOf(d.state)).toContain('/tray commit▏');
    expect(textOf(d.state)).not.toContain('Switch to observe');
    d.press('enter');
    expect(textOf(d.state)).toContain('/tray commit ');
    d.press('esc');
    expect(textOf(d.state)).toContain('Works here and now');
    d.press('esc');
    expect(d.state.ui.overlay).toBeNull();
    expect(d.sends).toEqual([]);
  });

  test('what is typed or pasted into it is no command, and finding nothing says so', () => {
    const d = desk([HIGH]).press('?', '/').type('aq').paste('zz');
    expect(d.state.ui.overlay).toMatchObject({ kind: 'help', find: { text: 'aqzz' } });
    expect(textOf(d.state)).toContain('no command fits');
    expect(d.sends).toEqual([]);
  });

  test('goes no further than its last line: the first key upwards is seen', () => {
    const d = desk().press('?', 'end');
    d.act({ type: 'painted', view: '', most: { overlay: 30, action: 2 }, at: d.at }).key('up');
    expect(d.state.ui.overlay).toMatchObject({ scroll: 29 });
    d.act({ type: 'painted', view: '', most: { action: 2 }, at: d.at });
    expect(d.state.ui.overlay).toMatchObject({ scroll: 29 });
  });

  test('without / keys scroll and close as on every page', () => {
    const d = desk().press('?', 'j', 'j');
    expect(d.state.ui.overlay).toMatchObject({ scroll: 2 });
    expect(d.press('?').state.ui.overlay).toBeNull();
  });
});
