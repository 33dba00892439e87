/**
 * What every layout and every theme looks like, at three sizes, as a terminal shows it: text, and below each row the
 * look of its cells in letters, which the head of the file explains. `vitest run -u test/panes/golden.test.ts` writes
 * them anew; look at the difference before you commit it.
 */
import { join } from 'node:path';
import headless from '@xterm/headless';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { LAYOUTS } from '../../src/console/layouts.ts';
import { painter } from '../../src/console/painter.ts';
import type { ConsoleState } from '../../src/console/state.ts';
import { THEMES } from '../../src/console/themes.ts';
import { styledRow } from '../../src/screens/styled-row.ts';
import { status } from '../console/events.ts';
import { desk, EDIT, HIGH } from './desk.ts';

const SIZES = [
  [80, 24],
  [120, 40],
  [200, 50],
] as const;

beforeAll(() => {
  // Clocks and paths on the screen are the same everywhere.
  vi.stubEnv('TZ', 'UTC');
  vi.stubEnv('HOME', '/home/nobody');
});

function state(cols: number, rows: number, looks: Partial<ConsoleState['looks']>): ConsoleState {
  const made = desk([status('deployer', 'asking', 'r-high'), HIGH, EDIT], { cols, rows }).state;
  return { ...made, looks: { ...made.looks, ...looks } };
}

async function shown(of: ConsoleState, coloured: boolean): Promise<string> {
  const { cols, rows } = of.size;
  const terminal = new headless.Terminal({ cols, rows, allowProposedApi: true });
  let written = '';
  const painting = painter(
    text => {
      written += text;
    },
    coloured ? 'true' : 'none',
    (pane, surface, { x, y, w, h }) => {
      for (let i = 0; i < h; i++) {
        const row = i % 3 === 0 ? `\x1b[32m$\x1b[0m make \x1b[1mtest\x1b[0m ${pane}` : '';
        surface.lay(styledRow(row, w, surface.glyphs), x, y + i);
      }
    },
  );
  painting.paint(of);
  painting.close();
  await new Promise<void>(resolve => terminal.write(written, resolve));
  return cells(terminal);
}

/** Letters by the look they stand for, `.` for the terminal's own. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

function cells({ buffer: { active }, cols, rows }: headless.Terminal): string {
  const letters = new Map<string, string>([['', '.']]);
  const out: string[] = [];
  for (let y = 0; y < rows; y++) {
    const line = active.getLine(y);
    let looks = '';
    for (let x = 0; x < cols; x++) {
      const cell = line?.getCell(x);
      if (!cell || cell.getWidth() === 0) continue;
      const hex = (kind: string, rgb: boolean, palette: boolean, colour: number): string =>
        rgb ? `${kind} #${colour.toString(16).padStart(6, '0')}` : palette ? `${kind} ${colour}` : '';
      const look = [
        hex('fg', cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor()),
        hex('bg', cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor()),
        cell.isBold() ? 'bold' : '',
        cell.isDim() ? 'dim' : '',
        cell.isUnderline() ? 'underline' : '',
        cell.isInverse() ? 'inverse' : '',
      ]
        .filter(part => part !== '')
        .join(' ');
      if (!letters.has(look)) letters.set(look, LETTERS[letters.size - 1] ?? '?');
      looks += letters.get(look);
    }
    out.push(`|${line?.translateToString(true) ?? ''}`, ` ${looks.replace(/\.+$/, '')}`.trimEnd());
  }
  const legend = [...letters].flatMap(([look, letter]) => (look === '' ? [] : [`${letter} = ${look}`]));
  return [...legend, '', ...out, ''].join('\n');
}

const golden = (name: string): string => join(import.meta.dirname, 'golden', `${name}.txt`);

describe.each(SIZES)('at %ix%i', (cols, rows) => {
  test.each(Object.keys(LAYOUTS))('layout %s', async layout => {
    const screen = await shown(state(cols, rows, { layout }), true);
    await expect(screen).toMatchFileSnapshot(golden(`layout-${layout}-${cols}x${rows}`));
  });

  test.each(Object.keys(THEMES))('theme %s', async theme => {
    const screen = await shown(state(cols, rows, { theme }), true);
    await expect(screen).toMatchFileSnapshot(golden(`theme-${theme}-${cols}x${rows}`));
  });

  test('without colours, whatever the theme', async () => {
    const screen = await shown(state(cols, rows, { theme: 'high-contrast' }), false);
    expect(screen).not.toMatch(/ = .*(fg|bg) (#|\d)/);
  });
});
