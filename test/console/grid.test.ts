import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gridOf, gridShape } from '../../src/console/grid.ts';
import { layoutOf } from '../../src/console/layout.ts';
import { Desk, type DeskOptions } from './desk.ts';
import { asks, fleet, started, status } from './events.ts';

const named = (count: number): string[] => Array.from({ length: count }, (_, i) => `agent-${i + 1}`);
const desk = (count: number, options: DeskOptions = {}): Desk =>
  new Desk(
    [
      ...fleet(Object.fromEntries(named(count).map(name => [name, 'command']))),
      ...named(count).map((name, i) => started(name, i + 1)),
    ],
    options,
  );
const grid = (d: Desk) => {
  const rect = layoutOf(d.state).panes.find(p => p.pane === 'grid')?.rect;
  if (!rect) throw new Error('no grid');
  return gridOf(d.state, rect);
};

describe('the grid', () => {
  test('covers its room without gaps or overlaps, and never shows a tile too small to read', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 40, max: 400 }),
        fc.integer({ min: 12, max: 120 }),
        (count, cols, rows) => {
          const d = desk(count, { cols, rows }).press('g');
          const { tiles, pages, shape } = grid(d);
          const body = { w: cols, h: rows - 2 };
          expect(tiles.reduce((sum, t) => sum + t.rect.w * t.rect.h, 0)).toBe(body.w * body.h);
          const seen = new Set<string>();
          for (const { rect } of tiles) {
            expect(rect.w).toBeGreaterThanOrEqual(32);
            expect(rect.h).toBeGreaterThanOrEqual(7);
            for (let y = rect.y; y < rect.y + rect.h; y++) seen.add(`${y} ${rect.x}`);
          }
          expect(pages).toBe(Math.ceil(count / (shape.cols * shape.rows)));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('shows as much of the screens as it can', () => {
    expect(gridShape(2, 160, 42)).toEqual({ cols: 2, rows: 1 });
    expect(gridShape(16, 200, 48)).toEqual({ cols: 4, rows: 4 });
    expect(gridShape(4, 80, 22)).toEqual({ cols: 2, rows: 2 });
  });

  test('opens with g on the selected agent, moves in two directions, and goes back with Esc', () => {
    const d = desk(9, { cols: 200, rows: 50 }).press('1', 'g');
    expect(layoutOf(d.state).panes.map(p => p.pane)).toEqual(['grid']);
    const { shape } = grid(d);
    d.press('l');
    expect(d.state.ui.agent).toBe('agent-2');
    d.press('down');
    expect(d.state.ui.agent).toBe(`agent-${2 + shape.cols}`);
    d.press('k', 'left', 'up');
    expect(d.state.ui.agent).toBe('agent-1');
    d.press('7');
    expect([d.state.ui.agent, d.state.ui.focus]).toEqual(['agent-7', 'grid']);
    d.press('esc');
    expect(d.state.ui.focus).toBe('agents');
  });

  test('has pages where not all fit, and keeps the selection on the page that is shown', () => {
    const d = desk(64, { cols: 80, rows: 24 }).press('1', 'g');
    const first = grid(d);
    expect(first.pages).toBeGreaterThan(1);
    d.press('pagedown');
    expect(grid(d).page).toBe(1);
    expect(grid(d).tiles[0]?.agent.id).toBe(d.state.ui.agent);
    d.press('end');
    expect(grid(d).page).toBe(first.pages - 1);
    expect(d.state.ui.agent).toBe('agent-64');
    d.press('pagedown');
    expect(d.state.ui.agent).toBe('agent-64');
  });

  test('a request in the grid is not decided on: it is not in view', () => {
    const d = desk(3)
      .press('g')
      .emit(asks({ id: 'r-aaaa', agent: 'agent-2' }));
    d.press('a', 'y');
    expect(d.sends).toEqual([]);
  });

  test('Enter opens the selected agent, z only looks at it', () => {
    const d = desk(4).press('2', 'g', 'z');
    expect(d.state.ui).toMatchObject({ agent: 'agent-2', focus: 'screen', zoom: 'grid', stage: '' });
    expect(layoutOf(d.state).panes).toEqual([{ pane: 'screen', rect: { x: 0, y: 1, w: 160, h: 42 } }]);
    d.press('3');
    expect(d.state.ui).toMatchObject({ agent: 'agent-3', zoom: 'grid' });
    d.press('esc');
    expect(d.state.ui).toMatchObject({ focus: 'grid', zoom: null });
    d.press('enter');
    expect(d.state.ui.stage).toBe('agent-3');
    expect(d.sends).toEqual([]);
  });

  test('whoever tabs away from a zoomed screen sees the panes again', () => {
    const d = desk(2).press('1', 'z', 'tab');
    expect(d.state.ui.zoom).toBeNull();
    expect(layoutOf(d.state).panes.length).toBeGreaterThan(2);
  });

  test('an agent that waits stays where it is', () => {
    const d = desk(4)
      .press('1', 'g')
      .emit(status('agent-3', 'waiting', 'Continue? [y/N]'));
    expect(grid(d).tiles.map(t => t.agent.id)).toEqual(named(4));
    expect(d.state.ui.agent).toBe('agent-1');
  });
});
