import { expect, test } from 'vitest';
import { Glyphs } from '../../src/screens/glyphs.ts';
import { styledRow } from '../../src/screens/styled-row.ts';
import { Surface } from '../../src/screens/surface.ts';
import { boxLines, CELL } from './boxes.ts';
import { svgOf, type Terminal } from './svg.ts';

const TERMINAL: Terminal = {
  text: '#cccccc',
  ground: '#000000',
  bar: '#111111',
  edge: '#222222',
  title: '#333333',
  palette: ['#0a0000', '#0b0000'],
};

function picture(rows: readonly string[], cols = 20): string {
  const surface = new Surface(cols, rows.length, new Glyphs());
  for (const [y, row] of rows.entries()) surface.lay(styledRow(row, cols, surface.glyphs), 0, y);
  return svgOf(surface, TERMINAL, { title: 'a <b>', about: 'what & why' });
}

/** [text, column, columns, css] of every run on the screen. */
function runs(svg: string): readonly (readonly [string, number, number, string])[] {
  const css = new Map(Array.from(svg.matchAll(/\.(c\d+)\{([^}]*)\}/g), m => [m[1], m[2] ?? '']));
  return Array.from(
    svg.matchAll(/<text x="(\d+)" y="\d+" textLength="(\d+)" [^>]*class="(c\d+)">([^<]*)</g),
    ([, x, w, name, text]) =>
      [text ?? '', (Number(x) - 10) / CELL.w, Number(w) / CELL.w, css.get(name ?? '') ?? ''] as const,
  );
}

test('each word stands in its columns, each wide character in its two, whatever the font', () => {
  expect(runs(picture(['ab cd  字✓x'])).map(([text, x, w]) => [text, x, w])).toEqual([
    ['ab', 0, 2],
    ['cd', 3, 2],
    ['字', 7, 2],
    ['✓', 9, 1],
    ['x', 10, 1],
  ]);
});

test('colours are the cell’s: true ones, those of the palette, the terminal’s own, and turned round', () => {
  const row = '\x1b[38;2;1;2;3mtrue\x1b[m \x1b[31mred\x1b[m \x1b[38;5;196mcube\x1b[m own \x1b[7mback';
  const svg = picture([row], 30);
  expect(runs(svg).map(([text, , , css]) => [text, css])).toEqual([
    ['true', 'fill:#010203'],
    ['red', 'fill:#0b0000'],
    ['cube', 'fill:#ff0000'],
    ['own', 'fill:#cccccc'],
    ['back', 'fill:#000000'],
  ]);
  expect(svg).toContain(`width="${4 * CELL.w}" height="${CELL.h}" fill="#cccccc"/>`);
});

test('grounds beside each other are one rectangle', () => {
  const svg = picture(['\x1b[48;2;9;9;9mab\x1b[1mcd\x1b[m']);
  expect(svg.match(/fill="#090909"/g)).toHaveLength(1);
  expect(svg).toContain(`width="${4 * CELL.w}" height="${CELL.h}" fill="#090909"/>`);
});

test('frames are lines that meet, not letters', () => {
  const svg = picture(['╭────╮', '│ ok │', '╰────╯']);
  expect(runs(svg).map(([text]) => text)).toEqual(['ok']);
  const path = /<path stroke="#cccccc" class="light" d="([^"]*)"/.exec(svg)?.[1] ?? '';
  // The top edge in one line, from the end of one corner to the beginning of the other.
  expect(path).toContain(`M${10 + CELL.w} 46.5H${10 + 5 * CELL.w}`);
});

test('where a double line turns its lines end on each other', () => {
  // Right and down: the outer lines begin left of and above the middle, the inner ones right of and below it.
  expect(boxLines('╔', 0, 0)?.d).toBe('M2.5 7V17M5.5 10V17M2.5 7H8M5.5 10H8');
  expect(boxLines('╝', 0, 0)?.d).toBe('M2.5 7V0M5.5 10V0M2.5 7H0M5.5 10H0');
  expect(boxLines('╗', 0, 0)?.d).toBe('M2.5 10V17M5.5 7V17M5.5 7H0M2.5 10H0');
  expect(boxLines('x', 0, 0)).toBeUndefined();
});

test('what means something in XML is only text, and the picture says what it shows', () => {
  const svg = picture(['</svg><script>&']);
  expect(svg).not.toContain('<script>');
  expect(runs(svg)[0]?.[0]).toBe('&lt;/svg&gt;&lt;script&gt;&amp;');
  expect(svg).toContain('<title id="title">what &amp; why</title>');
  expect(picture(['a'])).toBe(picture(['a']));
});
