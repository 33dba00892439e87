import { Box } from 'ink';
import { render } from 'ink-testing-library';
import { describe, expect, test } from 'vitest';
import { Header, PANES } from '../../panes/index.ts';
import { app } from '../../src/console/app.tsx';
import { compile } from '../../src/console/theme.ts';
import { dark } from '../../src/console/themes.ts';
import { styledRow } from '../../src/screens/styled-row.ts';
import type { Desk } from '../console/desk.ts';
import { desk, HIGH } from './desk.ts';
import { plain, rowsOf, writesOf } from './look.tsx';

describe('what is written to the terminal', () => {
  test('is nothing when nothing differs, and little when little does', () => {
    const d = desk([HIGH]);
    const first = d.state;
    const second = d.wait(1000).state;
    const [all = '', again, aged = ''] = writesOf(first, { ...first }, second);
    expect(again).toBe('');
    expect(aged).not.toBe('');
    expect(aged.length).toBeLessThan(all.length / 4);
  });

  test('is one synchronized update, and everything again after a resize', () => {
    const d = desk([HIGH]);
    const [first = '', second = ''] = writesOf(d.state, d.resize(100, 30).state);
    for (const writes of [first, second]) {
      expect(writes.startsWith('\x1b[?2026h')).toBe(true);
      expect(writes.endsWith('\x1b[?2026l')).toBe(true);
      expect(writes).toContain('\x1b[2J');
    }
  });

  test('an agent’s own screen shows in its pane, and below what lies over it', () => {
    const shown = (d: Desk) =>
      rowsOf(d.state, (_pane, surface, { x, y, w, h }) => {
        for (let i = 0; i < h; i++)
          surface.lay(styledRow(`screen row ${i} `.padEnd(w, '~'), w, surface.glyphs), x, y + i);
      });
    const d = desk().press('1');
    expect(shown(d).join('\n')).toMatch(/screen row 3 ~+│/);
    const under = shown(d.press('?'));
    expect(under.join('\n')).not.toContain('screen row');
  });
});

test('without a canvas the same panes are Ink’s own text: for screen readers and tests', () => {
  const { state } = desk([HIGH], { cols: 100, rows: 30 });
  const { lastFrame, unmount } = render(app({ state, theme: compile(dark) }));
  const text = plain(lastFrame() ?? '');
  unmount();
  expect(text.split('\n').map(r => r.trimEnd())).toEqual(rowsOf(state).map(r => r.trimEnd()));
});

test('a pane can be rendered on its own', () => {
  const { state } = desk([HIGH], { cols: 100 });
  const theme = compile(dark);
  const given = { state, theme };
  const header = render(
    <Box height={1}>
      <Header {...given} rect={{ x: 0, y: 0, w: 100, h: 1 }} />
    </Box>,
  );
  expect(plain(header.lastFrame() ?? '')).toContain('payments');
  header.unmount();
  const Agents = PANES.agents;
  const agents = render(
    <Box height={14}>
      <Agents {...given} rect={{ x: 0, y: 0, w: 30, h: 14 }} />
    </Box>,
  );
  expect(plain(agents.lastFrame() ?? '')).toContain('deployer');
  agents.unmount();
});
