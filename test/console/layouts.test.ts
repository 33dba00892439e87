import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { layoutOf, MIN_COLS, MIN_ROWS, reachable } from '../../src/console/layout.ts';
import { LayoutFile, layoutFindings } from '../../src/console/layout-file.ts';
import { layoutSource } from '../../src/console/layout-source.ts';
import { LAYOUTS } from '../../src/console/layouts.ts';
import { intersects } from '../../src/console/rect.ts';
import type { ConsoleState } from '../../src/console/state.ts';
import { withUi } from '../../src/console/state.ts';
import { ThemeFile } from '../../src/console/theme-file.ts';
import { checkConfig } from '../../src/fleet/config-file.ts';
import { issueText } from '../../src/fleet/issue.ts';
import { Desk } from './desk.ts';
import { asks, fleet, started } from './events.ts';

const root = join(import.meta.dirname, '..', '..');
const NAMES = ['mission-control', 'grid', 'focus', 'review', 'war-room', 'game-day'];
const QUIET = [...fleet({ builder: 'claude', docs: 'command' }), started('builder', 1), started('docs', 2)];
const LOUD = [...QUIET, asks({ id: 'r-aaaa', agent: 'builder', input: { command: 'touch made' } })];

const seen = (layout: string, cols: number, rows: number, drafts = LOUD): ConsoleState => {
  const { state } = new Desk(drafts, { cols, rows });
  return { ...state, looks: { ...state.looks, layout } };
};
const line = (state: ConsoleState): readonly string[] =>
  layoutOf(state).panes.map(({ pane, rect: { x, y, w, h } }) => `${pane} ${w}x${h}+${x}+${y}`);

test('layouts.ts is what layouts/*.yaml say', async () => {
  const files: Record<string, z.infer<typeof LayoutFile>> = {};
  for (const name of NAMES) {
    const text = await readFile(join(root, 'layouts', `${name}.yaml`), 'utf8');
    const { value, issues } = checkConfig(text, LayoutFile, layoutFindings);
    expect(issues, name).toEqual([]);
    if (value) files[name] = value;
  }
  await expect(layoutSource(files)).toMatchFileSnapshot(join(root, 'src', 'console', 'layouts.ts'));
});

describe('mission control', () => {
  test('has the queue beside the agent where there is room, and over it where there is not', () => {
    expect(line(seen('mission-control', 160, 44))).toEqual([
      'agents 30x30+0+1',
      'screen 82x30+30+1',
      'approvals 48x30+112+1',
      'timeline 160x12+0+31',
    ]);
    expect(line(seen('mission-control', 80, 24))).toEqual([
      'agents 30x16+0+1',
      'approvals 50x16+30+1',
      'timeline 80x6+0+17',
    ]);
    expect(line(seen('mission-control', 80, 24, QUIET))[1]).toBe('screen 50x16+30+1');
  });

  test('shows an agent of 80 columns whole on a terminal of 160 and more', () => {
    for (const [cols, rows] of [
      [160, 44],
      [200, 50],
      [400, 120],
    ] as const) {
      const { panes } = layoutOf(seen('mission-control', cols, rows));
      const inside = (panes.find(p => p.pane === 'screen')?.rect.w ?? 0) - 2;
      expect(inside, `${cols} columns`).toBeGreaterThanOrEqual(80);
    }
    expect(line(seen('mission-control', 120, 40))).toContain('screen 50x27+28+1');
  });

  test('shows one pane at a time on a narrow terminal, and none on a tiny one', () => {
    expect(line(seen('mission-control', 60, 15))).toEqual(['approvals 60x13+0+1']);
    expect(line(seen('mission-control', 30, 10))).toEqual([]);
  });
});

test('in a layout without the queue it opens over the agent as soon as something waits, and Esc shuts it', () => {
  const desk = new Desk(LOUD, { cols: 120, rows: 40 });
  desk.state = { ...desk.state, looks: { ...desk.state.looks, layout: 'focus' } };
  expect(line(desk.state)).toEqual(['agents 30x38+0+1', 'approvals 90x38+30+1']);
  desk.press('esc');
  expect(line(desk.state)).toEqual(['agents 30x38+0+1', 'screen 90x38+30+1']);
  expect(desk.state.ui.focus).toBe('agents');
  desk.emit(asks({ id: 'r-bbbb', agent: 'docs' }));
  expect(line(desk.state)).toContain('approvals 90x38+30+1');
});

test('an agent is chosen without leaving the layout, whatever shows agents in it', () => {
  for (const [layout, pane] of [
    ['grid', 'grid'],
    ['focus', 'agents'],
    ['war-room', 'agents'],
  ]) {
    const desk = new Desk(LOUD, { cols: 120, rows: 40 });
    desk.state = { ...desk.state, looks: { ...desk.state.looks, layout: layout ?? '' } };
    desk.press('2');
    expect([desk.state.ui.agent, desk.state.ui.focus]).toEqual(['docs', pane]);
  }
});

test('Esc leaves the queue over the grid for the grid', () => {
  const desk = new Desk(LOUD, { cols: 120, rows: 40 });
  desk.state = { ...desk.state, looks: { ...desk.state.looks, layout: 'grid' } };
  expect(line(desk.state)).toEqual(['approvals 120x38+0+1']);
  desk.press('esc');
  expect(line(desk.state)).toEqual(['grid 120x38+0+1']);
  expect(desk.state.ui.focus).toBe('grid');
});

test('a question above the footer does not hide what it asks about', () => {
  const desk = new Desk([...QUIET, asks({ id: 'r-high', agent: 'builder', risk: 70 })], {
    cols: 120,
    rows: 40,
  });
  desk.state = { ...desk.state, looks: { ...desk.state.looks, layout: 'review' } };
  const before = layoutOf(desk.state).panes.find(p => p.pane === 'approvals')?.rect.h ?? 0;
  desk.press('a');
  const { overlay, panes } = layoutOf(desk.state);
  expect(panes.find(p => p.pane === 'approvals')?.rect.h).toBe(before - (overlay?.h ?? 0));
});

test('a layout that is gone is the first one', () => {
  expect(line(seen('nobody made it', 160, 44))).toEqual(line(seen('mission-control', 160, 44)));
  expect(line(seen('constructor', 160, 44))).toEqual(line(seen('mission-control', 160, 44)));
});

test('at any size, in any layout, wherever the focus is: panes cover the body, do not overlap, and the focus is seen', () => {
  const size = {
    cols: fc.integer({ min: MIN_COLS, max: 400 }),
    rows: fc.integer({ min: MIN_ROWS, max: 120 }),
  };
  const anywhere = fc.record({
    ...size,
    layout: fc.constantFrom(...Object.keys(LAYOUTS)),
    focus: fc.nat(),
    mode: fc.constantFrom('watch' as const, 'prepare' as const),
    loud: fc.boolean(),
    overlay: fc.constantFrom(null, 'why' as const, 'tokens' as const),
  });
  fc.assert(
    fc.property(anywhere, ({ cols, rows, layout, focus: nth, mode, loud, overlay }) => {
      const { state } = new Desk(loud ? LOUD : QUIET, { cols, rows, mode });
      const panes = reachable(state);
      const focus = panes[nth % panes.length] ?? 'agents';
      const shown = withUi(
        { ...state, looks: { ...state.looks, layout } },
        {
          focus,
          overlay: overlay && { kind: overlay, scroll: 0 },
        },
      );
      const { panes: placed, overlay: over } = layoutOf(shown);
      const rects = placed.map(p => p.rect);
      expect(rects.reduce((sum, r) => sum + r.w * r.h, 0)).toBe(cols * (rows - 2));
      for (const [i, a] of rects.entries()) {
        expect(a.x >= 0 && a.y >= 1 && a.x + a.w <= cols && a.y + a.h <= rows - 1).toBe(true);
        for (const b of rects.slice(i + 1)) expect(intersects(a, b)).toBe(false);
      }
      expect(new Set(placed.map(p => p.pane)).size).toBe(placed.length);
      if (focus !== 'approvals' || loud) expect(placed.map(p => p.pane)).toContain(focus);
      if (overlay) expect(over && over.w >= 40 && over.h >= 10).toBe(true);
    }),
  );
});

test('the layouts and themes of the guide are good ones', async () => {
  const guide = await readFile(join(root, 'docs', 'guide', 'looks.md'), 'utf8');
  const blocks = [...guide.matchAll(/```yaml\n(.*?)```/gs)].map(match => match[1] ?? '');
  const issues = blocks.map(text =>
    text.includes('extends:')
      ? checkConfig(text, ThemeFile).issues
      : checkConfig(text, LayoutFile, layoutFindings).issues,
  );
  expect(issues).toEqual([[], []]);
});

describe('a layout of your own', () => {
  const problems = (text: string): readonly string[] =>
    checkConfig(text, LayoutFile, layoutFindings).issues.map(i => issueText('my.yaml', i));

  test.each([
    [
      'columns:\n  - pane: agent\n',
      'my.yaml:2:11 columns[0].pane: "agent" is not possible here (did you mean "agents"?)',
    ],
    ['column:\n  - pane: agents\n', 'my.yaml:1:1 column: there is no such key (did you mean "columns"?)'],
    [
      'columns:\n  - { pane: agents, rows: [{ pane: grid }] }\n',
      'my.yaml:2:5 columns[0]: it is pane and rows at the same time (give it one of pane, rows, columns)',
    ],
    [
      'columns:\n  - pane: agents\n  - pane: agents\n',
      'my.yaml:3:11 columns[1].pane: agents stands here a second time',
    ],
    [
      'columns:\n  - { pane: agents, size: 31 % }\n',
      'my.yaml:2:27 columns[0].size: a size is a number, or a part such as "31%"',
    ],
    [
      'columns:\n  - { pane: agents, min: 9, max: 3 }\n',
      'my.yaml:2:26 columns[0].min: 9 is more than max, 3',
    ],
    ['main: grid\npane: agents\n', 'my.yaml:1:7 main: grid is not in this layout'],
    ['about: nothing\n', 'my.yaml:1:1 nothing stands here (give it one of pane, rows, columns)'],
    ['tmux: tilde\npane: agents\n', 'my.yaml:1:7 tmux: "tilde" is not possible here (did you mean "tiled"?)'],
  ])('%j', (text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });
});
