import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { processAlive } from '../../src/processes/process.ts';
import { openTmuxServer } from '../../src/tmux/server.ts';
import { withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';
import { start, withServer } from './fixture.ts';

describe('the keeper window', () => {
  test('runs the given command first in the session, with our settings, without TMUX', async () => {
    await withTmux(async ({ dir, socket, session, tmux }) => {
      const out = join(dir, 'env');
      const keeper = ['sh', '-c', `env > ${out}.part; mv ${out}.part ${out}; exec cat`];
      const env = { ...process.env, HMS_HOME: '/some/home', HMS_TOKEN: 'an agent’s', TMUX: 'x,1,0' };
      const server = await openTmuxServer({ socket, session, keeper, env, cwd: dir });
      const text = await waitFor(() => readFile(out, 'utf8'), { what: 'the keeper to run' });
      expect(text).toMatch(/^HMS_HOME=\/some\/home$/m);
      expect(text).not.toMatch(/^(TMUX|TMUX_PANE|HMS_TOKEN)=/m);
      expect(text).toContain(`\nPWD=${dir}\n`);
      await server.startPane(start());
      expect((await tmux('list-windows', '-a', '-F', '#{window_index} #{window_name}')).trim()).toBe(
        '0 engine\n1 builder',
      );
      await server.detach();
    });
  });

  test('stays when it is joined again, comes back when it has ended, and is replaced when another one is wanted', async () => {
    await withTmux(async ({ socket, session, tmux }) => {
      const open = async (keeper?: readonly string[]) => {
        const server = await openTmuxServer({ socket, session, ...(keeper ? { keeper } : {}) });
        await server.detach();
        const windows = (await tmux('list-panes', '-a', '-F', '#{window_name} #{pane_pid}'))
          .trim()
          .split('\n');
        expect(windows).toHaveLength(1);
        return Number(windows[0]?.replace('engine ', ''));
      };
      const first = await open(['sleep', '1000']);
      expect(await open(['sleep', '1000'])).toBe(first);
      expect(await open()).toBe(first);
      process.kill(first, 'SIGKILL');
      await waitFor(async () => (await tmux('list-panes', '-a', '-F', '#{pane_dead}')).trim() === '1', {
        what: 'it to be dead',
      });
      const second = await open(['sleep', '1000']);
      expect(second).not.toBe(first);
      expect(processAlive(second, '')).toBe(true);
      expect(await open(['sleep', '2000'])).not.toBe(second);
      await waitFor(() => !processAlive(second, ''), { what: 'the one before to end' });
    });
  });

  test('keeps the session when every agent is gone', async () => {
    await withServer(async server => {
      const { pane } = await server.startPane(start({ argv: ['true'] }));
      await server.killPane(pane);
      expect((await server.listPanes()).map(info => info.agent)).toEqual(['']);
    });
  });
});
