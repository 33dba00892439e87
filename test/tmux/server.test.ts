import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { processAlive, readBirth } from '../../src/processes/process.ts';
import { openTmuxServer } from '../../src/tmux/server.ts';
import { end, tmuxProcesses, withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';
import { only, shown, start, withServer } from './fixture.ts';

describe('a private tmux server', () => {
  test('is started where nothing answers, and joined where something does', async () => {
    await withServer(async (first, { socket, session }) => {
      const second = await openTmuxServer({ socket, session });
      expect(second.serverPid).toBe(first.serverPid);
      expect(second.version).toMatch(/^\d/);
      expect((await stat(dirname(socket))).mode & 0o777).toBe(0o700);
      const { pane } = await first.startPane(start());
      expect(only(await second.listPanes(), 'builder').pane).toBe(pane);
      await second.detach();
      expect(only(await first.listPanes(), 'builder').dead).toBe(false);
    });
  });

  test('two who start it at the same time get the same one', async () => {
    await withTmux(async ({ socket, session, tmux }) => {
      const servers = await Promise.all(Array.from({ length: 4 }, () => openTmuxServer({ socket, session })));
      expect(new Set(servers.map(server => server.serverPid)).size).toBe(1);
      expect((await tmux('list-sessions', '-F', '#{session_name}')).trim()).toBe(session);
      await Promise.all(servers.map(server => server.detach()));
    });
  });

  test('a stale socket file is no obstacle', async () => {
    await withTmux(async ({ socket, session }) => {
      const listener = createServer().listen(socket);
      await new Promise(resolve => listener.once('listening', resolve));
      // A file with nobody behind it: as after a crash.
      const { dir, name } = { dir: dirname(socket), name: `${socket}.kept` };
      await promisify(execFile)('ln', [socket, name]);
      await new Promise(resolve => listener.close(resolve));
      await promisify(execFile)('mv', [name, socket]);
      expect((await stat(socket)).isSocket() && dir).toBeTruthy();
      const server = await openTmuxServer({ socket, session });
      expect(await server.listPanes()).toHaveLength(1);
      await server.detach();
    });
  });

  test('is set up for agents: dead panes stay, nothing is in the way, nothing leaks to a clipboard', async () => {
    await withServer(async (_, { tmux }) => {
      const options = ['exit-empty', 'escape-time', 'focus-events', 'set-clipboard'];
      const server = await Promise.all(options.map(name => tmux('show-options', '-sv', name)));
      expect(server.map(value => value.trim())).toEqual(['off', '0', 'on', 'off']);
      const session = [
        'prefix',
        'status',
        'mouse',
        'history-limit',
        'destroy-unattached',
        'update-environment',
      ];
      const values = await Promise.all(session.map(name => tmux('show-options', '-gv', name)));
      expect(values.map(value => value.trim())).toEqual(['None', 'off', 'off', '10000', 'off', '']);
      const window = ['remain-on-exit', 'allow-passthrough', 'allow-rename', 'automatic-rename'];
      const others = await Promise.all(window.map(name => tmux('show-options', '-gwv', name)));
      expect(others.map(value => value.trim())).toEqual(['on', 'off', 'off', 'off']);
    });
  });

  test("does not touch the tmux we ourselves run in, nor read the person's configuration", async () => {
    await withTmux(async outer => {
      await outer.tmux('new-session', '-d', '-s', 'mine', 'cat');
      await withTmux(async ({ dir, socket, session, tmux }) => {
        await writeFile(join(dir, '.tmux.conf'), 'set -g status-left HACKED\n');
        const pid = (await outer.tmux('display-message', '-p', '#{pid}')).trim();
        const env = { ...process.env, HOME: dir, TMUX: `${outer.socket},${pid},0`, TMUX_PANE: '%0' };
        const server = await openTmuxServer({ socket, session, env });
        await server.startPane(start());
        expect(await tmux('show-options', '-gv', 'status-left')).not.toContain('HACKED');
        await server.killServer();
      });
      expect((await outer.tmux('list-sessions', '-F', '#{session_name}')).trim()).toBe('mine');
      expect((await outer.tmux('list-panes', '-a', '-F', '#{pane_id}')).trim()).toBe('%0');
    });
  });

  test('lets a person attach to an agent and leave by Ctrl-\\, without changing its size', async () => {
    await withServer(async (server, { socket, session }) => {
      const { pane } = await server.startPane(
        start({ argv: ['sh', '-c', 'echo at your service; exec cat'] }),
      );
      await withTmux(async ({ tmux }) => {
        const attach = `TERM=screen tmux -u -S ${socket} attach -t ${session}:builder; echo left; cat`;
        await tmux(
          'new-session',
          '-d',
          '-s',
          'person',
          '-x',
          '120',
          '-y',
          '40',
          'env',
          '-u',
          'TMUX',
          'sh',
          '-c',
          attach,
        );
        const screen = () => tmux('capture-pane', '-p');
        await waitFor(async () => (await screen()).includes('at your service'), {
          what: 'the agent on their screen',
        });
        await tmux('send-keys', 'hello', 'Enter');
        await shown(server, pane, 'hello\nhello');
        await tmux('send-keys', 'C-\\');
        await waitFor(async () => (await screen()).includes('left'), { what: 'them to be out again' });
      });
      expect(only(await server.listPanes(), 'builder')).toMatchObject({ cols: 80, rows: 24, dead: false });
    });
  });

  test('one that was killed under us is noticed once', async () => {
    await withServer(async server => {
      const told: string[] = [];
      server.onGone(detail => told.push(detail));
      process.kill(server.serverPid, 'SIGKILL');
      await waitFor(() => told.length > 0, { what: 'the end of the server to be told' });
      await expect(server.listPanes()).rejects.toMatchObject({ code: 'tmux-gone' });
      expect(told).toHaveLength(1);
      server.nudge();
    });
  });

  test('a connection that somebody detached comes back; nobody is told the server is gone', async () => {
    await withServer(async (server, { tmux }) => {
      const told: string[] = [];
      server.onGone(detail => told.push(detail));
      const { pane } = await server.startPane(start());
      await tmux('detach-client', '-a', '-s', 'test').catch(() => '');
      for (const client of (await tmux('list-clients', '-F', '#{client_name}')).trim().split('\n')) {
        await tmux('detach-client', '-t', client).catch(() => '');
      }
      const panes = await waitFor(() => server.listPanes(), { what: 'the connection to be back' });
      expect(only(panes, 'builder').pane).toBe(pane);
      const clients = async () => (await tmux('list-clients', '-F', '#{client_flags}')).trim().split('\n');
      await waitFor(async () => (await clients()).length === 2, { what: 'both clients to be back' });
      expect(await clients()).toEqual(
        Array(2).fill(expect.stringMatching(/control-mode.*ignore-size.*no-output/)),
      );
      expect(told).toEqual([]);
    });
  });

  test('hints get through again after the connections were killed, however often', async () => {
    await withServer(async (server, { socket, tmux }) => {
      for (let i = 0; i < 5; i++) {
        for (const pid of await tmuxProcesses(socket)) if (pid !== server.serverPid) end(pid);
        await waitFor(
          async () => (await tmux('list-clients', '-F', '#{client_pid}')).trim().split('\n').length === 2,
          { what: 'both connections to be back' },
        );
      }
      await waitFor(() => server.listPanes(), { what: 'the connection to answer' });
      let hints = 0;
      server.onHint(() => {
        hints += 1;
      });
      await tmux('wait-for', '-S', 'hms-hint');
      await waitFor(() => hints > 0, { what: 'a hint' });
    });
  });

  test('whoever had it may be killed: its agents live, its connections go', async () => {
    await withTmux(async ({ socket, session, dir, tmux }) => {
      const script = join(dir, 'owner.mjs');
      const source = new URL('../../src/tmux/server.ts', import.meta.url).href;
      await writeFile(
        script,
        `import { openTmuxServer } from ${JSON.stringify(source)};
         const server = await openTmuxServer(${JSON.stringify({ socket, session })});
         const { pid } = await server.startPane({ agent: 'builder', incarnation: 7, argv: ['cat'], cwd: '/', env: {} });
         console.log(pid);`,
      );
      const owner = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = await once(owner.stdout, 'data');
      // While tmux has something to say to it: last words that nobody reads.
      const talk = Array.from({ length: 20 }, (_, i) => [
        'rename-window',
        '-t',
        ':builder',
        `n${i}`,
        ';',
      ]).flat();
      const talking = tmux(...talk, 'rename-window', '-t', ':n19', 'builder').catch(() => '');
      owner.kill('SIGKILL');
      await talking;
      const next = await openTmuxServer({ socket, session });
      expect(only(await next.listPanes(), 'builder')).toMatchObject({
        incarnation: 7,
        pid: Number(String(line)),
        dead: false,
      });
      await waitFor(
        async () => (await tmux('list-clients', '-F', '#{client_pid}')).trim().split('\n').length === 2,
        { what: 'only the new connections to be there' },
      );
      await next.detach();
    });
  });

  test('ends with everything in it, also with a program that ignores the hang-up', async () => {
    await withServer(async (server, { socket }) => {
      const { pane, pid } = await server.startPane(
        start({ argv: ['sh', '-c', 'trap "" HUP; echo ready; while :; do sleep 1000; done'] }),
      );
      const born = readBirth(pid);
      await shown(server, pane, 'ready');
      const told: string[] = [];
      server.onGone(detail => told.push(detail));
      await server.killServer();
      expect(processAlive(pid, born)).toBe(false);
      expect(await tmuxProcesses(socket)).toEqual([]);
      expect(told).toEqual([]);
      await expect(server.listPanes()).rejects.toMatchObject({ code: 'tmux-closed' });
    });
  });

  test('is waited for longer when it starts a pane: a late pane would run with nobody in charge of it', async () => {
    await withServer(async server => {
      process.kill(server.serverPid, 'SIGSTOP');
      const starting = server.startPane(start());
      await expect(server.listPanes()).rejects.toMatchObject({ code: 'tmux-timeout' });
      process.kill(server.serverPid, 'SIGCONT');
      const { pane } = await starting;
      expect(only(await server.listPanes(), 'builder').pane).toBe(pane);
    });
  });

  test('ends by force when it hangs', async () => {
    await withServer(async (server, { socket }) => {
      process.kill(server.serverPid, 'SIGSTOP');
      await server.killServer();
      expect(await tmuxProcesses(socket)).toEqual([]);
    });
  }, 30_000);
});
