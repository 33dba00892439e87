import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { intersects, type Rect } from '../../src/console/rect.ts';
import { share } from '../../src/console/share.ts';
import { leavesOf, type Tree, tile } from '../../src/console/tile.ts';

const body: Rect = { x: 0, y: 1, w: 120, h: 38 };
const all = () => true;
const leaf = (pane: string, more: Partial<Tree<string>> = {}): Tree<string> => ({
  pane,
  yields: 5,
  least: { w: 10, h: 4 },
  ...more,
});
const line = (placed: readonly { pane: string; rect: Rect }[]): readonly string[] =>
  placed.map(({ pane, rect: { x, y, w, h } }) => `${pane} ${w}x${h}+${x}+${y}`);

describe('sizes along one side', () => {
  const open = { size: undefined, min: 0, max: 999, weight: 1 };

  test('what is asked for is given, and the rest is shared by weight', () => {
    expect(share(100, [{ ...open, size: 30 }, open, { ...open, weight: 2 }])).toEqual([30, 23, 47]);
  });

  test('nobody gets more than their most while somebody else can take it', () => {
    expect(share(100, [{ ...open, max: 20 }, open])).toEqual([20, 80]);
    expect(
      share(100, [
        { ...open, max: 20 },
        { ...open, max: 30 },
      ]),
    ).toEqual([20, 80]);
  });

  test('what asked for much gives first, down to its least', () => {
    expect(
      share(60, [
        { ...open, size: 50, min: 20 },
        { ...open, min: 30 },
      ]),
    ).toEqual([30, 30]);
    expect(
      share(50, [
        { ...open, size: 50, min: 20 },
        { ...open, min: 30 },
      ]),
    ).toEqual([20, 30]);
  });

  const wish = fc.record({
    size: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
    min: fc.integer({ min: 0, max: 60 }),
    more: fc.integer({ min: 0, max: 100 }),
    weight: fc.integer({ min: 1, max: 9 }),
  });
  test('whole numbers that fill the side exactly, and leave everybody their least where that is possible', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 }),
        fc.array(wish, { minLength: 1, maxLength: 6 }),
        (room, made) => {
          const wishes = made.map(({ more, ...w }) => ({ ...w, max: w.min + more }));
          const sizes = share(room, wishes);
          expect(sizes.every(n => Number.isInteger(n) && n >= 0)).toBe(true);
          expect(sizes.reduce((a, b) => a + b, 0)).toBe(room);
          if (wishes.reduce((a, w) => a + w.min, 0) <= room)
            for (const [i, w] of wishes.entries()) expect(sizes[i]).toBeGreaterThanOrEqual(w.min);
        },
      ),
    );
  });
});

describe('what gives way', () => {
  test('the least important part of the split that is too narrow', () => {
    const tree: Tree<string> = {
      along: 'columns',
      parts: [leaf('a', { size: { cells: 30 } }), leaf('b', { min: 60 }), leaf('c', { min: 40, yields: 1 })],
    };
    expect(line(tile(tree, body, all))).toEqual(['a 20x38+0+1', 'b 60x38+20+1', 'c 40x38+80+1']);
    expect(line(tile(tree, { ...body, w: 100 }, all))).toEqual(['a 30x38+0+1', 'b 70x38+30+1']);
  });

  test('a stack of panes goes as one when the whole column is the weakest', () => {
    const stack: Tree<string> = {
      along: 'rows',
      parts: [leaf('b', { yields: 1 }), leaf('c', { yields: 2 })],
    };
    const tree: Tree<string> = { along: 'columns', parts: [leaf('a', { min: 60 }), { ...stack, min: 50 }] };
    expect(line(tile(tree, { ...body, w: 110 }, all)).length).toBe(3);
    expect(line(tile(tree, { ...body, w: 65 }, all))).toEqual(['a 65x38+0+1']);
  });

  test('what is not wanted leaves its place to the others', () => {
    const tree: Tree<string> = { along: 'rows', parts: [leaf('a'), leaf('b')] };
    expect(line(tile(tree, body, pane => pane === 'b'))).toEqual(['b 120x38+0+1']);
    expect(tile(tree, body, () => false)).toEqual([]);
  });
});

const { tree: anyTree } = fc.letrec<{ tree: Tree<string> }>(tie => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.record({
      pane: fc.uuid(),
      yields: fc.integer({ min: 0, max: 9 }),
      least: fc.record({ w: fc.integer({ min: 1, max: 60 }), h: fc.integer({ min: 1, max: 20 }) }),
      weight: fc.integer({ min: 1, max: 5 }),
      size: fc.oneof(
        fc.record({ cells: fc.integer({ min: 1, max: 100 }) }),
        fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
      ),
    }),
    fc.record({
      along: fc.constantFrom('rows' as const, 'columns' as const),
      parts: fc.array(tie('tree'), { minLength: 1, maxLength: 4 }),
      min: fc.integer({ min: 1, max: 80 }),
      weight: fc.integer({ min: 1, max: 5 }),
    }),
  ),
}));

test('whatever the tree and the size: panes cover it, do not overlap, and none is there twice', () => {
  fc.assert(
    fc.property(
      anyTree,
      fc.integer({ min: 40, max: 400 }),
      fc.integer({ min: 10, max: 118 }),
      (tree, w, h) => {
        const placed = tile(tree, { x: 3, y: 1, w, h }, all);
        expect(placed.length).toBeGreaterThan(0);
        expect(placed.reduce((area, { rect }) => area + rect.w * rect.h, 0)).toBe(w * h);
        for (const [i, a] of placed.entries()) {
          expect(
            a.rect.x >= 3 && a.rect.y >= 1 && a.rect.x + a.rect.w <= 3 + w && a.rect.y + a.rect.h <= 1 + h,
          ).toBe(true);
          for (const b of placed.slice(i + 1)) expect(intersects(a.rect, b.rect)).toBe(false);
          if (placed.length > 1) {
            const { least } = leavesOf(tree).find(l => l.pane === a.pane) ?? { least: { w: 0, h: 0 } };
            expect(a.rect.w >= least.w && a.rect.h >= least.h).toBe(true);
          }
        }
      },
    ),
  );
});
