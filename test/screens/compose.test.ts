/** What is composed and written, read back by a terminal, is what the sources show: every cell, every look. */
import type { IBufferCell, Terminal } from '@xterm/headless';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coloursAt } from '../../src/console/depth.ts';
import { changes } from '../../src/screens/changes.ts';
import { Glyphs } from '../../src/screens/glyphs.ts';
import { drawScreen } from '../../src/screens/picture.ts';
import { styledRow } from '../../src/screens/styled-row.ts';
import { type Area, Surface } from '../../src/screens/surface.ts';
import { screenTerminal } from '../../src/screens/terminal.ts';

const read = (terminal: Terminal, data: string | Uint8Array): Promise<void> =>
  new Promise(resolve => terminal.write(data, resolve));

/** A layer of a scene: a part of a source's screen, or rows of text, at a place. */
type Layer =
  | {
      readonly source: number;
      readonly area: Area;
      readonly corner: { readonly x: number; readonly y: number };
    }
  | { readonly rows: readonly string[]; readonly area: Area };

interface Scene {
  readonly cols: number;
  readonly rows: number;
  readonly layers: readonly Layer[];
  /** What the sources print before this scene is shown. */
  readonly prints: readonly string[];
}

interface Look {
  readonly chars: string;
  readonly wide?: boolean;
  readonly look: string;
}

function lookOf(cell: IBufferCell | undefined): string {
  if (!cell) return '0 0 0';
  const on = [
    cell.isBold(),
    cell.isDim(),
    cell.isItalic(),
    cell.isUnderline(),
    cell.isInverse(),
    cell.isStrikethrough(),
    cell.isOverline(),
  ].map(flag => (flag ? 1 : 0));
  const colour = (rgb: boolean, palette: boolean, value: number) =>
    rgb ? `#${value}` : palette ? `${value}` : '-';
  return `${on.join('')} ${colour(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor())} ${colour(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor())}`;
}

/** One line of a terminal, cell by cell: what stands there, and its look. The right half of a wide one is null. */
function cellsOf(terminal: Terminal, y: number): (Look | null)[] {
  const line =
    y < terminal.rows ? terminal.buffer.active.getLine(terminal.buffer.active.baseY + y) : undefined;
  return Array.from({ length: terminal.cols }, (_, x) => {
    const cell = line?.getCell(x);
    if (cell?.getWidth() === 0) {
      const left = line?.getCell(x - 1);
      // A half without a left half, and that of a hidden one, are blank.
      return left?.getWidth() === 2 && !left.isInvisible() ? null : { chars: ' ', look: lookOf(cell) };
    }
    const chars = cell?.isInvisible() ? '' : (cell?.getChars() ?? '');
    const wide = cell?.getWidth() === 2 && chars !== '';
    return { chars: chars === '' ? ' ' : chars, look: lookOf(cell), wide };
  });
}

const BLANK: Look = { chars: ' ', look: lookOf(undefined).replace('0 0 0', '0000000 - -') };

/** What a person should see, worked out the slow way: for every cell the topmost layer that has it. */
async function expected({ cols, rows, layers }: Scene, sources: readonly Terminal[]): Promise<Look[][]> {
  interface Part {
    readonly layer: number;
    readonly cell: Look;
    /** Which half of a wide character: 0 none, 1 left, 2 right. */
    readonly half: 0 | 1 | 2;
  }
  const top: (Part | undefined)[][] = Array.from({ length: rows }, () => Array<Part | undefined>(cols));
  for (const [layer, what] of layers.entries()) {
    const { area } = what;
    for (let dy = 0; dy < area.h; dy++) {
      let row: (Look | null)[];
      let from = 0;
      if ('source' in what) {
        const terminal = sources[what.source];
        if (!terminal) throw new Error('no source');
        row = what.corner.y + dy < terminal.rows ? cellsOf(terminal, what.corner.y + dy) : [];
        from = what.corner.x;
      } else {
        const { terminal } = screenTerminal(80, 1);
        await read(terminal, what.rows[dy] ?? '');
        row = cellsOf(terminal, 0);
        terminal.dispose();
      }
      for (let dx = 0; dx < area.w; dx++) {
        const [x, y] = [area.x + dx, area.y + dy];
        if (x < 0 || y < 0 || x >= cols || y >= rows) continue;
        const at = from + dx;
        const cell = row[at];
        const part: Part =
          cell === null
            ? { layer, cell: { chars: ' ', look: row[at - 1]?.look ?? BLANK.look }, half: 2 }
            : { layer, cell: cell ?? BLANK, half: cell?.wide ? 1 : 0 };
        const target = top[y];
        if (target) target[x] = part;
      }
    }
  }
  return top.map(row =>
    Array.from({ length: cols }, (_, x): Look => {
      const part = row[x];
      if (!part) return BLANK;
      const whole =
        part.half === 0 ||
        (part.half === 1 && row[x + 1]?.layer === part.layer && row[x + 1]?.half === 2) ||
        (part.half === 2 && row[x - 1]?.layer === part.layer && row[x - 1]?.half === 1);
      if (!whole) return { chars: ' ', look: part.cell.look };
      return part.half === 2 ? { chars: '', look: part.cell.look } : part.cell;
    }),
  );
}

const PLAIN =
  /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u0391-\u03c9\u2500-\u259f\u3041-\u3096\u4e00-\u9fff\uac00-\ud7a3]?$/;

class Show {
  readonly glyphs = new Glyphs();
  readonly #colours = coloursAt('true');
  before: Surface | undefined;
  terminal = screenTerminal(1, 1).terminal;
  written = '';

  async frame(scene: Scene, sources: readonly Terminal[]): Promise<void> {
    const { cols, rows, layers } = scene;
    const after = new Surface(cols, rows, this.glyphs);
    for (const layer of layers) {
      const { area } = layer;
      const source = 'source' in layer ? sources[layer.source] : undefined;
      if ('source' in layer && source) drawScreen(after, area, source.buffer.active, layer.corner);
      else if ('rows' in layer) {
        for (let y = 0; y < area.h; y++)
          after.lay(styledRow(layer.rows[y] ?? '', area.w, this.glyphs), area.x, area.y + y);
      }
    }
    const fresh = this.before?.cols !== cols || this.before.rows !== rows;
    if (fresh) {
      await read(this.terminal, '\x1b[?1049h');
      this.terminal.resize(cols, rows);
    }
    const before = fresh || !this.before ? new Surface(cols, rows, this.glyphs) : this.before;
    const written = changes(before, after, this.#colours);
    this.written = written;
    await read(this.terminal, fresh ? `\x1b[0m\x1b[2J${written}` : written);
    this.before = after;
  }
}

async function play(scenes: readonly Scene[], sizes: readonly (readonly [number, number])[]): Promise<void> {
  const sources = sizes.map(([cols, rows]) => screenTerminal(cols, rows).terminal);
  const show = new Show();
  for (const scene of scenes) {
    for (const [i, text] of scene.prints.entries()) {
      const source = sources[i % sources.length];
      if (source) await read(source, text);
    }
    await show.frame(scene, sources);
    const wanted = await expected(scene, sources);
    for (let y = 0; y < scene.rows; y++) {
      const got = cellsOf(show.terminal, y);
      for (const [x, want] of (wanted[y] ?? []).entries()) {
        const cell = got[x] ?? { chars: '', look: want.look };
        const where = `row ${y} column ${x} of ${JSON.stringify(show.written)}`;
        expect(cell.look, where).toBe(want.look);
        // What is not for printing, or would join its neighbour, is a blank or a dot; everything else is itself.
        // (The right half of an odd one goes with its left half.)
        const character = want.chars === '' ? (wanted[y]?.[x - 1]?.chars ?? '') : want.chars;
        if (cell.chars !== want.chars) {
          expect(PLAIN.test(character) ? 'plain' : 'odd', `${where}: ${cell.chars} for ${want.chars}`).toBe(
            'odd',
          );
          expect([' ', '·', '']).toContain(cell.chars);
        }
      }
    }
  }
  for (const source of sources) source.dispose();
  show.terminal.dispose();
}

const sgr = fc
  .array(
    fc.oneof(
      fc.constantFrom('0', '1', '2', '3', '4', '4:3', '21', '5', '7', '8', '9', '22', '24', '27', '53'),
      fc.constantFrom('31', '42', '97', '104', '39', '49', '38;5;200', '48;5;17', '58:2::9:8:7'),
      fc.constantFrom('38;2;1;2;3', '48;2;250;128;7'),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map(codes => codes.map(code => `\x1b[${code}m`).join(''));
const letters = fc.oneof(
  fc.constantFrom(
    '字',
    '漢字',
    '한글',
    'é',
    'e\u0301',
    '👩‍👩‍👧',
    '👍🏽',
    '⚠️',
    '🇩🇪',
    '🇩',
    '🇪',
    'क्',
    'ष',
    '─│',
    'a',
    'ab ',
    '  ',
  ),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
const steering = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 24 }))
    .map(([y, x]) => `\x1b[${y};${x}H`),
  fc.constantFrom(
    '\r\n',
    '\r',
    '\b',
    '\t',
    '\x1b[K',
    '\x1b[2J',
    '\x1b[H',
    '\x1b[P',
    '\x1b[@',
    '\x1b[X',
    '\x1b[?1049h',
    '\x1b[?1049l',
  ),
  fc.constantFrom(
    '\x1b]8;;http://x\x07link\x1b]8;;\x07',
    '\x1b]0;t\x07',
    '\x1b(0lqk\x1b(B',
    '\x1b[?7l',
    '\x1b[?7h',
  ),
);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 8 }).map(raw => Buffer.from(raw).toString('latin1')),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const print = fc
  .array(fc.oneof({ weight: 4, arbitrary: letters }, { weight: 2, arbitrary: sgr }, steering, bytes), {
    maxLength: 14,
  })
  .map(parts => parts.join(''));
const popupRow = fc
  .array(
    fc.oneof(
      sgr.map(codes => codes.replace(/\x1b\[[58]m|\x1b\[4:3m|\x1b\[58[^m]*m/g, '')),
      fc.constantFrom('字', 'ab', '─', ' ', '🙂', 'x', '👩‍👩‍👧'),
    ),
    { maxLength: 8 },
  )
  .map(parts => `${parts.join('')}\x1b[0m`);
const area = fc.record({
  x: fc.integer({ min: -3, max: 26 }),
  y: fc.integer({ min: -2, max: 9 }),
  w: fc.integer({ min: 1, max: 24 }),
  h: fc.integer({ min: 1, max: 7 }),
});
const layer: fc.Arbitrary<Layer> = fc.oneof(
  fc.record({
    source: fc.nat({ max: 2 }),
    area,
    corner: fc.record({ x: fc.nat({ max: 6 }), y: fc.nat({ max: 3 }) }),
  }),
  fc.record({ area, rows: fc.array(popupRow, { minLength: 1, maxLength: 7 }) }),
);
const size = fc.constantFrom<readonly [number, number]>([24, 8], [24, 8], [24, 8], [13, 5], [30, 10], [2, 1]);
const scene: fc.Arbitrary<Scene> = fc
  .tuple(size, fc.array(layer, { maxLength: 5 }), fc.array(print, { maxLength: 3 }))
  .map(([[cols, rows], layers, prints]) => ({ cols, rows, layers, prints }));

describe('a composed frame', () => {
  test('is what the sources show, whatever they print, wherever popups lie, however the size changes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(scene, { minLength: 1, maxLength: 6 }), async scenes =>
        play(scenes, [
          [20, 6],
          [9, 8],
          [24, 3],
        ]),
      ),
      { numRuns: Number(process.env['HMS_FUZZ_RUNS'] ?? 300) },
    );
  }, 600_000);
});
