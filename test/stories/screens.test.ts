/** Agents' screens as a person has them: all at once, one alone, what has scrolled away, and in words. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Program, withProgram } from '../support/program.ts';

const FLEET = `fleet: screens
agents:
  counter:
    command: [sh, -c, 'i=0; while [ $i -lt 300 ]; do echo "row $i"; i=$((i+1)); done; printf "\\\\033[31mneedle\\\\033[0m 漢字\\\\n"; exec cat']
  clock:
    command: [sh, -c, 'while :; do printf "\\\\rbeat %s" "$(date +%s%N)"; sleep 0.1; done']
  wide:
    command: [sh, -c, 'printf "字字字字 👩‍👩‍👧 end\\\\n"; exec cat']
`;

/** What was last copied into the fleet's own tmux. */
async function copied({ home }: Program): Promise<string> {
  const run = join(home, 'run');
  for (const name of await readdir(run)) {
    const socket = join(run, name, 'tmux.sock');
    const shown = await promisify(execFile)('tmux', ['-S', socket, 'show-buffer']).catch(() => undefined);
    if (shown) return shown.stdout;
  }
  return '';
}

describe.each([
  [80, 24],
  [120, 40],
  [200, 50],
] as const)('at %dx%d', (cols, rows) => {
  test('all agents live, one alone, back in what it printed, found and copied', async () => {
    await withProgram(async program => {
      await program.fleet(FLEET);
      const terminal = await program.terminal([], { cols, rows });
      await terminal.shows('counter', 'quit');
      await terminal.press('1', 'g');
      const first = await terminal.shows('needle 漢字', /beat \d+/, '字字字字');
      const beat = /beat \d+/.exec(first)?.[0] ?? '';
      await terminal.hides(beat);
      for (const row of first.split('\n').slice(1, -2)) expect(row.trimEnd()).toMatch(/[│┃║╮┓╗╯┛╝]$/);

      await terminal.press('z');
      await terminal.shows('row 299', 'needle');
      await terminal.hides('beat ');
      await terminal.press('PPage');
      await terminal.shows(/line \d+ of 301/);
      await terminal.press('Home');
      await terminal.shows('row 0', 'line 1 of 301');
      await terminal.press('/');
      await terminal.shows('Find in the screen');
      await terminal.type('row 12');
      await terminal.shows('/ row 12', /of 11 found/);
      await terminal.press('Enter');
      await terminal.hides('Find in the screen');
      await terminal.press('n');
      await terminal.shows(/of 11 found/);
      await terminal.press('End');
      await terminal.shows('line 301 of 301');
      await terminal.press('v');
      await terminal.shows('1 line selected');
      await terminal.press('k');
      await terminal.shows('2 lines selected');
      await terminal.press('y');
      await terminal.shows('2 lines copied');
      expect(await copied(program)).toBe('row 299\nneedle 漢字');

      await terminal.press('Escape');
      await terminal.hides('found');
      await terminal.press('Escape');
      await terminal.hides(/line \d+ of/);
      await terminal.press('Escape');
      await terminal.shows(/beat \d+/, 'needle');
      await terminal.resize(cols - 7, rows - 3);
      await terminal.shows(/beat \d+/, 'needle');
      await terminal.press('q');
      expect(await terminal.ended()).toBe(0);
    });
  });
});

test('for a screen reader the same fleet is lines, and the terminal keeps its own screen', async () => {
  await withProgram(async program => {
    await program.fleet(FLEET);
    const terminal = await program.terminal(['--screen-reader'], { cols: 100, rows: 40 });
    await terminal.shows('fleet screens, watch mode, 3 agents');
    await terminal.press('1');
    await terminal.shows(/agents, 1 of 3: counter/);
    await terminal.press('v', 'PPage', 'Home');
    await terminal.shows('line 1: row 0');
    await terminal.press('j');
    await terminal.shows('line 2: row 1');
    expect(await terminal.screen()).not.toMatch(/[\u2500-\u257f]/);
    await terminal.press('q');
    await terminal.shows('screens goes on with 3 agents');
  });
});
