/** Tiles in a real tmux, of agents in a real fleet's tmux. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { THEMES } from '../../src/console/themes.ts';
import { tmuxLook } from '../../src/console/tmux-look.ts';
import { AgentId } from '../../src/model/ids.ts';
import { runTmux } from '../../src/tmux/program.ts';
import { openTmuxServer } from '../../src/tmux/server.ts';
import { openTiles } from '../../src/tmux/tiles.ts';
import { endTmux, withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

test('every agent has a tile that follows it into its next life; its own pane is not touched', async () => {
  await withTmux(async ({ socket, session, dir }) => {
    const server = await openTmuxServer({ socket, session });
    const view = join(dir, 'v.sock');
    try {
      const start = (agent: string, incarnation: number, words: string, replaces?: string) =>
        server.startPane({
          agent: AgentId.parse(agent),
          incarnation,
          argv: ['sh', '-c', `echo ${words}; exec sleep 1000`],
          cwd: dir,
          env: {},
          ...(replaces ? { replaces: replaces as never } : {}),
        });
      const first = await start('builder', 1, 'hello-builder');
      await start('docs', 1, 'hello-docs');
      const before = await server.listPanes();
      const { dark } = THEMES;
      if (!dark) throw new Error('no theme');
      const place = await openTiles({
        fleet: { socket, session },
        socket: view,
        agents: ['builder', 'docs'],
        tiling: 'even-horizontal',
        styles: tmuxLook(dark, true),
        cols: 120,
        rows: 30,
      });
      const tiles = await runTmux(place, ['list-panes', '-s', '-F', '#{@hms_tile} #{pane_width}']);
      expect(tiles).toMatch(/^builder (59|60)\ndocs (59|60)\n$/);
      const shows = (agent: number, words: string) =>
        waitFor(
          async () =>
            (await runTmux(place, ['capture-pane', '-p', '-t', `agents:0.${agent}`])).includes(words),
          {
            what: `${words} in tile ${agent}`,
          },
        );
      await shows(0, 'hello-builder');
      await shows(1, 'hello-docs');
      expect(await runTmux(place, ['show-options', '-gv', 'pane-active-border-style'])).toContain(
        'fg=#61afef',
      );
      // What is typed into a tile goes nowhere.
      await runTmux(place, ['send-keys', '-t', 'agents:0.0', 'typed', 'Enter']);
      await start('builder', 2, 'second-life', first.pane);
      await shows(0, 'second-life');
      expect(await runTmux(place, ['capture-pane', '-p', '-t', 'agents:0.0'])).not.toContain('typed');
      const after = await server.listPanes();
      const sizes = (panes: typeof before) =>
        panes
          .filter(p => p.agent)
          .map(p => `${p.agent} ${p.cols}x${p.rows}`)
          .sort();
      expect(sizes(after)).toEqual(sizes(before));
    } finally {
      await endTmux(view);
      await server.killServer();
    }
  });
});

test('what finds no room in one window goes to the next', async () => {
  await withTmux(async ({ socket, session, dir }) => {
    const server = await openTmuxServer({ socket, session });
    const view = join(dir, 'v.sock');
    try {
      const agents = Array.from({ length: 12 }, (_, i) => `a${i}`);
      const place = await openTiles({
        fleet: { socket, session },
        socket: view,
        agents,
        tiling: 'even-vertical',
        styles: {},
        cols: 40,
        rows: 12,
      });
      const tiles = await runTmux(place, ['list-panes', '-s', '-F', '#{@hms_tile}']);
      expect(tiles.trim().split('\n').sort()).toEqual([...agents].sort());
      expect((await runTmux(place, ['list-windows'])).trim().split('\n').length).toBeGreaterThan(1);
    } finally {
      await endTmux(view);
      await server.killServer();
    }
  });
});
