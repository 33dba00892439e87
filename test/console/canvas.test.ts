import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Block, compose, difference, type Frame } from '../../src/console/canvas.ts';

const block = (x: number, y: number, w: number, h: number, fill: string): Block => ({
  rect: { x, y, w, h },
  rows: Array.from({ length: h }, () => fill.repeat(w)),
});

/** What a terminal shows after these writes. */
function show(screen: string[][], writes: string): void {
  for (const [, y = '1', x = '1', text = ''] of writes.matchAll(/\x1b\[(\d+);(\d+)H([^\x1b]*)/g)) {
    for (const [i, char] of [...text].entries()) {
      const row = screen[Number(y) - 1];
      if (row) row[Number(x) - 1 + i] = char;
    }
  }
}

const blank = (cols: number, rows: number): string[][] =>
  Array.from({ length: rows }, () => Array<string>(cols).fill('?'));
const text = (frame: Frame): string[] =>
  frame.map(line =>
    [...line.entries()]
      .sort(([a], [b]) => a - b)
      .map(([, t]) => t)
      .join(''),
  );

test('blocks stand side by side; gaps are blank', () => {
  expect(text(compose([block(0, 0, 2, 2, 'a'), block(4, 1, 2, 1, 'b')], 7, 3))).toEqual([
    'aa     ',
    'aa  bb ',
    '       ',
  ]);
});

test('a later block covers what it fully covers', () => {
  expect(
    text(compose([block(0, 0, 2, 2, 'a'), block(2, 0, 2, 2, 'b'), block(0, 1, 4, 1, 'c')], 4, 2)),
  ).toEqual(['aabb', 'cccc']);
});

test('nothing is written when nothing differs', () => {
  const frame = compose([block(0, 0, 4, 2, 'a')], 6, 2);
  expect(difference(frame, compose([block(0, 0, 4, 2, 'a')], 6, 2))).toBe('');
});

test('only the rows of the block that changed are written', () => {
  const before = compose([block(0, 0, 4, 2, 'a'), block(4, 0, 2, 2, 'b')], 6, 2);
  const after = compose([block(0, 0, 4, 2, 'a'), { ...block(4, 0, 2, 2, 'b'), rows: ['bb', 'cc'] }], 6, 2);
  expect(difference(before, after)).toBe('\x1b[2;5Hcc');
});

test('applying the differences always gives what a full draw gives', () => {
  const cols = 12;
  const rows = 5;
  const rects = fc.constantFrom(
    [[0, 0, 12, 5]],
    [
      [0, 0, 4, 5],
      [4, 0, 8, 5],
    ],
    [
      [0, 0, 4, 3],
      [4, 0, 4, 3],
      [8, 0, 4, 3],
      [0, 3, 12, 2],
    ],
    [
      [0, 0, 4, 3],
      [4, 0, 8, 3],
      [0, 2, 12, 3],
    ],
  );
  const scene = fc.tuple(rects, fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 4, maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(scene, { minLength: 1, maxLength: 6 }), scenes => {
      const screen = blank(cols, rows);
      let before: Frame | null = null;
      for (const [places, fills] of scenes) {
        const blocks = places.map(([x = 0, y = 0, w = 0, h = 0], i) => block(x, y, w, h, fills[i] ?? '-'));
        const frame = compose(blocks, cols, rows);
        show(screen, difference(before, frame));
        expect(screen.map(r => r.join(''))).toEqual(text(frame));
        before = frame;
      }
    }),
  );
});
