import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { AgentId, PaneId } from '../../src/model/ids.ts';
import { processAlive, readBirth } from '../../src/processes/process.ts';
import { openTmuxServer } from '../../src/tmux/server.ts';
import { withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';
import { only, shown, start, withServer } from './fixture.ts';

describe("an agent's pane", () => {
  test('runs the program itself, in its folder, at its size, marked as the agent’s', async () => {
    await withServer(async (server, { dir, tmux }) => {
      const odd = join(dir, 'a #{pid} b');
      await mkdir(odd);
      const { pane, pid } = await server.startPane(
        start({ argv: ['sh', '-c', 'pwd; stty size; exec cat', 'x y'], cwd: odd }),
      );
      const text = await shown(server, pane, '24 80');
      expect(text.split('\n')[0]).toBe(odd);
      const info = only(await server.listPanes(), 'builder');
      expect(info).toMatchObject({
        pane,
        pid,
        incarnation: 1,
        dead: false,
        status: null,
        signal: '',
        cols: 80,
        rows: 24,
        inMode: false,
        inputOff: false,
        piped: false,
      });
      expect(info.activity).toBeGreaterThan(1_600_000_000);
      expect(await tmux('display-message', '-p', '-t', pane, '#{window_name} #{window_panes}')).toBe(
        'builder 1\n',
      );
    });
  });

  test('gets its environment, and nothing of ours or of tmux', async () => {
    await withTmux(async ({ socket, session, dir }) => {
      const env = {
        ...process.env,
        HMS_HOME: '/secret/home',
        HMS_TOKEN: 'operator-secret',
        npm_config_x: '1',
        KEPT: 'yes',
      };
      const server = await openTmuxServer({ socket, session, env, cols: 80, rows: 24 });
      const out = join(dir, 'env');
      const odd = 'line 1\nline 2 "quoted" \'x\' \\ $HOME ~ #{pid} é';
      const argv = ['sh', '-c', `env -0 > ${out}.part; mv ${out}.part ${out}; exec cat`];
      await server.startPane(start({ argv, env: { ODD: odd, HMS_TOKEN: 'its own', '=': 'x' } }));
      const text = await waitFor(() => readFile(out, 'utf8'), { what: 'the agent to run' });
      const found = new Map(
        text.split('\0').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
      expect(found.get('ODD')).toBe(odd);
      expect(found.get('HMS_TOKEN')).toBe('its own');
      expect(found.get('KEPT')).toBe('yes');
      expect(found.get('COLORTERM')).toBe('truecolor');
      expect(found.get('TERM')).toMatch(/^(tmux|screen)-256color$/);
      for (const name of ['TMUX', 'TMUX_PANE', 'HMS_HOME', 'npm_config_x'])
        expect(found.has(name)).toBe(false);
      await server.detach();
    });
  });

  test('its environment is on nobody’s command line', async () => {
    await withServer(async server => {
      await server.startPane(start({ env: { HMS_TOKEN: 'tok-3f9c01ab-never-in-ps' } }));
      const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'args='], { maxBuffer: 64 << 20 });
      expect(stdout).not.toContain('tok-3f9c01ab-never-in-ps');
    });
  });

  test('arguments arrive as they are: blanks, quotes, line breaks, none', async () => {
    await withServer(async (server, { dir }) => {
      const out = join(dir, 'args');
      const args = [
        '',
        ' ',
        'a b',
        '"',
        "'",
        '$HOME',
        '~',
        ';',
        'x;',
        '#{pid}',
        '#(id)',
        'a\nb',
        '-n',
        '--',
        '\\',
        'é字',
      ];
      const script = `for a in "$@"; do printf '%s\\0' "$a"; done > ${out}.part; mv ${out}.part ${out}; exec cat`;
      await server.startPane(start({ argv: ['sh', '-c', script, 'sh', ...args] }));
      const text = await waitFor(() => readFile(out, 'utf8'), { what: 'the agent to run' });
      expect(text.split('\0').slice(0, -1)).toEqual(args);
    });
  });

  test('a program whose name has a = in it is run all the same', async () => {
    await withServer(async (server, { dir }) => {
      const program = join(dir, 'a=b');
      await writeFile(program, '#!/bin/sh\necho "ran $1"\nexec cat\n', { mode: 0o755 });
      const { pane } = await server.startPane(start({ argv: [program, 'well'] }));
      await shown(server, pane, 'ran well');
    });
  });

  test('a program that is not there leaves a dead pane', async () => {
    await withServer(async server => {
      await server.startPane(start({ argv: ['/no/such/program'] }));
      const info = await waitFor(
        async () => {
          server.nudge();
          const now = only(await server.listPanes(), 'builder');
          return now.status !== null && now;
        },
        { what: 'it to end' },
      );
      expect(info).toMatchObject({ dead: true, status: 127 });
    });
  });

  test('a folder that is not there is refused, never replaced by another one', async () => {
    await withServer(async (server, { dir }) => {
      const started = server.startPane(start({ cwd: join(dir, 'missing') }));
      await expect(started).rejects.toMatchObject({ code: 'no-cwd' });
      expect(await server.listPanes()).toHaveLength(1);
    });
  });

  test('a new incarnation takes the place of the old one', async () => {
    await withServer(async (server, { tmux }) => {
      const other = AgentId.parse('other');
      const { pane: first } = await server.startPane(start());
      await server.startPane(start({ agent: other }));
      const { pane: second } = await server.startPane(start({ incarnation: 2, replaces: first }));
      expect(second).not.toBe(first);
      expect(
        (await tmux('list-windows', '-a', '-F', '#{window_index} #{window_name} #{@hms_incarnation}')).trim(),
      ).toBe('0 engine \n1 builder 2\n2 other 1');
      // Ids begin anew with a new server: a pane of somebody else is never the one to replace.
      await server.startPane(
        start({ incarnation: 3, replaces: only(await server.listPanes(), 'other').pane }),
      );
      expect((await server.listPanes()).map(info => `${info.agent}${info.incarnation}`).sort()).toEqual([
        '0',
        'builder2',
        'builder3',
        'other1',
      ]);
      await server.startPane(start({ incarnation: 4, replaces: PaneId.parse('%999') }));
    });
  });

  test('is gone with its program when it is killed, also one that ignores the hang-up; twice is no error', async () => {
    await withServer(async server => {
      const { pane, pid } = await server.startPane(
        start({ argv: ['sh', '-c', 'trap "" HUP; echo ready; while :; do sleep 1000; done'] }),
      );
      const born = readBirth(pid);
      await shown(server, pane, 'ready');
      await server.killPane(pane);
      expect(processAlive(pid, born)).toBe(false);
      expect(await server.listPanes()).toHaveLength(1);
      await server.killPane(pane);
    });
  });

  test('follows the size it is told, and its program knows', async () => {
    await withServer(async server => {
      const { pane } = await server.startPane(
        start({ argv: ['sh', '-c', 'trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done'] }),
      );
      await shown(server, pane, 'ready');
      await server.resize(123, 45);
      await shown(server, pane, '45 123');
      const { pane: later } = await server.startPane(
        start({ agent: AgentId.parse('later'), argv: ['sh', '-c', 'stty size; cat'] }),
      );
      await shown(server, later, '45 123');
      expect(
        (await server.listPanes()).filter(info => info.agent).map(info => [info.cols, info.rows]),
      ).toEqual([
        [123, 45],
        [123, 45],
      ]);
    });
  });

  test('a title cannot forge a pane', async () => {
    await withServer(async server => {
      const { pane } = await server.startPane(
        start({ argv: ['sh', '-c', 'printf "\\033]2;a|b|%%9|evil|1\\007ready"; cat'] }),
      );
      await shown(server, pane, 'ready');
      const panes = await server.listPanes();
      expect(panes).toHaveLength(2);
      expect(only(panes, 'builder')).toMatchObject({ pane, title: 'a|b|%9|evil|1' });
    });
  });

  test('the last lines are captured as plain text', async () => {
    await withServer(async server => {
      const { pane } = await server.startPane(
        start({
          argv: [
            'sh',
            '-c',
            'i=1; while [ $i -le 100 ]; do printf "\\033[31mline %d\\033[0m\\n" $i; i=$((i+1)); done; cat',
          ],
        }),
      );
      await shown(server, pane, 'line 100');
      expect(await server.capture(pane, 3)).toBe('line 98\nline 99\nline 100');
      expect((await server.capture(pane, 100)).split('\n')).toHaveLength(100);
    });
  });
});
