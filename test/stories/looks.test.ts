/** Layouts and themes in the built program, on a real terminal. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const FLEET = `fleet: looks
agents:
  talker: { command: [sh, -c, "echo hello-from-talker; exec sleep 1000000"] }
  sleeper: { command: [sh, -c, "echo hello-from-sleeper; exec sleep 1000000"] }
`;

const SIZES = [
  { cols: 80, rows: 24 },
  { cols: 120, rows: 40 },
  { cols: 200, rows: 50 },
];

/** What each layout shows of a quiet fleet, at every size. */
const SHOWS: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  'mission-control': ['Agents', 'Timeline', 'hello-from-talker'],
  grid: ['hello-from-talker', 'hello-from-sleeper'],
  focus: ['hello-from-talker'],
  review: ['Approvals', 'hello-from-talker'],
  'war-room': ['hello-from-talker', 'hello-from-sleeper'],
};

/** SGR of the text colour of each theme. */
const TEXT: Readonly<Record<string, string>> = {
  light: '38;2;11;15;20',
  'high-contrast': '48;2;0;0;0',
  'red-green-safe': '48;2;20;23;28',
  'blue-yellow-safe': '48;2;20;23;28',
  dark: '38;2;236;239;244',
};

describe.each(SIZES)('at $cols x $rows', size => {
  test('every layout and every theme is chosen from the palette and shown at once', async () => {
    await withProgram(async program => {
      await program.fleet(FLEET);
      program.env.COLORTERM = 'truecolor';
      const terminal = await program.terminal([], size);
      await terminal.shows('looks', 'WATCH', 'hello-from-talker');
      for (const [layout, parts] of Object.entries(SHOWS)) {
        await terminal.press(':');
        await terminal.shows('Command');
        await terminal.type(`layout ${layout}`);
        await terminal.shows(`▸ layout ${layout}`);
        await terminal.press('Enter');
        await terminal.hides('Command');
        await terminal.shows(...parts);
      }
      for (const [theme, sgr] of Object.entries(TEXT)) {
        await terminal.press(':');
        await terminal.shows('Command');
        await terminal.type(`theme ${theme}`);
        await terminal.shows(`▸ theme ${theme}`);
        await terminal.press('Enter');
        await terminal.hides('Command');
        await waitFor(async () => (await terminal.styled()).includes(sgr), { what: `${theme} to be seen` });
      }
    });
  });
});

test('a choice is kept for the next console; one of your own that breaks is told, and changes nothing', async () => {
  await withProgram(async program => {
    await program.fleet(FLEET);
    await mkdir(join(program.home, 'config', 'layouts'), { recursive: true });
    await writeFile(join(program.home, 'config', 'layouts', 'mine.yaml'), 'columns: [{ pane: timeline }]\n');
    const first = await program.terminal([], { cols: 100, rows: 30 });
    await first.shows('Agents');
    await first.press('L');
    await first.shows('▸ mission-control', 'more');
    await first.press('End');
    await first.shows('▸ mine');
    await first.press('Enter');
    await first.hides('Agents', 'keeps it for you');
    await first.press('q');
    expect(await first.ended()).toBe(0);
    const second = await program.terminal(['attach'], { cols: 100, rows: 30 });
    await second.shows('Timeline');
    expect(await second.screen()).not.toContain('Agents');
    await second.press('q');
    expect(await second.ended()).toBe(0);
    await writeFile(join(program.home, 'config', 'layouts', 'mine.yaml'), 'columns: [{ pane: timelin }]\n');
    const third = await program.terminal(['attach'], { cols: 100, rows: 30 });
    await third.shows('Agents', 'Timeline', '"timelin" is not possible here');
    expect((await program.hms('layouts', 'check')).stdout).toContain('mine.yaml:1:19');
  });
});

test('NO_COLOR leaves no colour, whatever the theme', async () => {
  await withProgram(async program => {
    await program.fleet(FLEET);
    program.env.NO_COLOR = '1';
    const terminal = await program.terminal(['--theme', 'high-contrast'], { cols: 100, rows: 30 });
    await terminal.shows('WATCH', 'Agents');
    expect(await terminal.styled()).not.toMatch(/\x1b\[[\d;]*[34]8;/);
  });
});

test('agents stand side by side in plain tmux, to look at', async () => {
  await withProgram(async program => {
    await program.fleet(FLEET);
    expect((await program.hms('up')).code).toBe(0);
    const terminal = await program.terminal(['attach', '--tmux', 'even-horizontal'], { cols: 120, rows: 30 });
    await terminal.shows('hello-from-talker', 'hello-from-sleeper', 'looking only', ' talker ', ' sleeper ');
    await terminal.press('C-b', 'd');
    expect(await terminal.ended()).toBe(0);
    const { agents } = await program.json<{ agents: { pid: number | null; incarnation: number }[] }>(
      'status',
    );
    expect(agents.map(a => [a.pid !== null, a.incarnation])).toEqual([
      [true, 1],
      [true, 1],
    ]);
  });
});
