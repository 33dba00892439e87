/**
 * What fills the screen, as files: as text, and as styled cells (`.cells`: SGR sequences with ␛ for ESC). After a change that is
 * meant: `vitest run test/panes/golden-screens.test.ts -u`, and look at the difference.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DrawScreen } from '../../src/console/compositor.ts';
import { drawScreen } from '../../src/screens/picture.ts';
import { screenTerminal } from '../../src/screens/terminal.ts';
import { Desk } from '../console/desk.ts';
import { asks, fleet, started, status } from '../console/events.ts';
import { styledRows, textRows } from '../support/rows.ts';
import { composed } from './look.tsx';

const SIZES = [
  [80, 24],
  [120, 40],
  [200, 50],
] as const;
const NAMES = ['builder', 'deployer', 'crawler', 'docs', 'tests', 'translator'];

/** An agent's screen with a bit of everything: colours, attributes, wide and joined characters, box drawing. */
const SCREEN = [
  '\x1b[1;38;2;97;175;239m✻ Working…\x1b[0m \x1b[2m(esc to interrupt)\x1b[0m',
  '\x1b[32m+ added 漢字\x1b[0m \x1b[9;31m- removed\x1b[0m \x1b[4:3;58:2::229:192:123mspelled\x1b[0m',
  '╭────────╮ 👩‍👩‍👧 👍🏽 é',
  '│\x1b[48;5;24m 한글   \x1b[0m│ \x1b[7m inverse \x1b[27m \x1b[3;53mitalic\x1b[0m',
  '╰────────╯ \x1b[5mno blink\x1b[0m \x1b]8;;https://example.org\x07link\x1b]8;;\x07',
  '$ ',
].join('\r\n');

let screen: DrawScreen = () => {};

beforeAll(async () => {
  const { terminal } = screenTerminal(80, 24);
  await new Promise<void>(resolve => terminal.write(SCREEN, resolve));
  screen = (_pane, surface, area) => drawScreen(surface, area, terminal.buffer.active, { x: 0, y: 0 });
});

function desk(cols: number, rows: number): Desk {
  return new Desk(
    [
      ...fleet(Object.fromEntries(NAMES.map(name => [name, 'command']))),
      ...NAMES.slice(0, 5).map((name, n) => started(name, n + 1)),
      status('builder', 'working', 'tests'),
      status('deployer', 'waiting', 'Continue? [y/N]'),
      status('crawler', 'failed', 'exit 137, five times'),
      asks({ id: 'r-aaaa', agent: 'docs', risk: 70, input: { command: 'rm -r build' } }),
      status('docs', 'asking', 'a request waits for a decision'),
    ],
    { cols, rows },
  );
}

const LINES = Array.from({ length: 200 }, (_, n) =>
  n % 20 === 7 ? `\x1b[31mfail ${n}\x1b[m 漢字` : `line ${n}`,
);
const SCENES: Readonly<Record<string, (d: Desk) => Desk>> = {
  grid: d => d.press('1', 'g', 'l'),
  zoom: d => d.press('1', 'z'),
  'look-back': d =>
    d
      .press('1', 'z', '/')
      .act({ type: 'recalled', pane: '%1', lines: LINES, at: d.at })
      .type('fail')
      .press('enter', 'n'),
  'popup-over-screen': d => d.press('1', 'z', ':'),
};

describe.each(SIZES)('at %dx%d', (cols, rows) => {
  test.each(Object.keys(SCENES))('%s', async name => {
    const state = SCENES[name]?.(desk(cols, rows)).state;
    if (!state) throw new Error('no scene');
    const surface = composed(state, screen);
    // Header and footer have tests of their own.
    const body = <T>(all: readonly T[]): readonly T[] => all.slice(1, -1);
    const file = join(import.meta.dirname, 'golden', `${name}-${cols}x${rows}`);
    await expect(`${body(textRows(surface)).join('\n')}\n`).toMatchFileSnapshot(`${file}.txt`);
    const cells = body(styledRows(surface)).join('\n').replaceAll('\x1b', '␛');
    await expect(`${cells}\n`).toMatchFileSnapshot(`${file}.cells`);
  });
});
