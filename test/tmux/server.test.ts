import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { AgentId, PaneId } from '../../src/model/ids.ts';
import { processAlive, readBirth } from '../../src/tmux/process.ts';
import { openTmuxServer } from '../../src/tmux/server.ts';
import type { PaneInfo, StartPane, TmuxServer } from '../../src/tmux/types.ts';
import { endTmux, type TmuxScratch, tmuxProcesses, withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

const BUILDER = AgentId.parse('builder');

function start(overrides: Partial<StartPane> = {}): StartPane {
  return { agent: BUILDER, incarnation: 1, argv: ['cat'], cwd: tmpdir(), env: {}, ...overrides };
}

async function withServer(body: (server: TmuxServer, scratch: TmuxScratch) => Promise<void>): Promise<void> {
  await withTmux(async scratch => {
    const server = await openTmuxServer({
      socket: scratch.socket,
      session: scratch.session,
      cols: 80,
      rows: 24,
    });
    try {
      await body(server, scratch);
    } finally {
      await server.detach();
    }
  });
}

function only(panes: readonly PaneInfo[], agent: string): PaneInfo {
  const found = panes.filter(pane => pane.agent === agent);
  expect(found).toHaveLength(1);
  const [pane] = found;
  if (!pane) throw new Error(`no pane of ${agent}`);
  return pane;
}

/** The pane's text once it contains `part`. */
function shown(server: TmuxServer, pane: PaneId, part: string): Promise<string> {
  return waitFor(
    async () => {
      const text = await server.capture(pane, 200);
      return text.includes(part) && text;
    },
    { what: `"${part}" on the screen` },
  );
}

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
        for (const pid of await tmuxProcesses(socket))
          if (pid !== server.serverPid) process.kill(pid, 'SIGKILL');
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
      owner.kill('SIGKILL');
      await waitFor(async () => (await tmux('list-clients')) === '', { what: 'its connections to go' });
      const next = await openTmuxServer({ socket, session });
      expect(only(await next.listPanes(), 'builder')).toMatchObject({
        incarnation: 7,
        pid: Number(String(line)),
        dead: false,
      });
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

  test('ends by force when it hangs', async () => {
    await withServer(async (server, { socket }) => {
      process.kill(server.serverPid, 'SIGSTOP');
      await server.killServer();
      expect(await tmuxProcesses(socket)).toEqual([]);
    });
  }, 30_000);
});

describe('what stands in the way is said in a sentence', () => {
  test('no tmux', async () => {
    await withTmux(async ({ socket, session }) => {
      const opened = openTmuxServer({ socket, session, env: { PATH: '/nowhere' } });
      await expect(opened).rejects.toMatchObject({ code: 'no-tmux', hint: expect.stringMatching(/install/) });
    });
  });

  test('a socket path that is too long', async () => {
    const socket = join('/tmp', 'x'.repeat(120), 't.sock');
    await expect(openTmuxServer({ socket, session: 's' })).rejects.toMatchObject({
      code: 'socket-path-too-long',
    });
  });

  test('a socket folder that is a file', async () => {
    await withTmux(async ({ dir }) => {
      await writeFile(join(dir, 'f'), '');
      const opened = openTmuxServer({ socket: join(dir, 'f', 't.sock'), session: 's' });
      await expect(opened).rejects.toThrow();
    });
  });

  test('a socket folder that is open to others is closed first', async () => {
    await withTmux(async ({ dir }) => {
      const open = join(dir, 'open');
      await mkdir(open);
      await chmod(open, 0o755);
      const server = await openTmuxServer({ socket: join(open, 't.sock'), session: 's' });
      expect((await stat(open)).mode & 0o777).toBe(0o700);
      await server.killServer();
    });
  });

  test('a session name that tmux would read as something else', async () => {
    await withTmux(async ({ socket }) => {
      for (const session of ['a.b', 'a:b', '', '=x', 'a b']) {
        await expect(openTmuxServer({ socket, session })).rejects.toMatchObject({ code: 'session-name' });
      }
    });
  });

  test('a tmux that lacks what we need', async () => {
    await withTmux(async ({ dir, socket, session }) => {
      await writeFile(
        join(dir, 'tmux'),
        '#!/bin/sh\nfor a in "$@"; do [ "$a" = list-commands ] && echo "new-window (neww) [-adk]"; done\nexit 0\n',
        { mode: 0o755 },
      );
      const opened = openTmuxServer({ socket, session, env: { PATH: `${dir}:${process.env.PATH}` } });
      await expect(opened).rejects.toMatchObject({
        code: 'tmux-too-old',
        message: expect.stringContaining('new-window -e'),
      });
    });
  });
});

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
      expect(processAlive(second, '')).toBe(false);
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

  test('a program that is not there leaves a dead pane with the reason on it', async () => {
    await withServer(async server => {
      const { pane } = await server.startPane(start({ argv: ['/no/such/program'] }));
      const info = await waitFor(
        async () => {
          server.nudge();
          const now = only(await server.listPanes(), 'builder');
          return now.status !== null && now;
        },
        { what: 'it to end' },
      );
      expect(info).toMatchObject({ dead: true, status: 127 });
      expect(await server.capture(pane, 10)).toContain('/no/such/program');
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

describe('the help for tests', () => {
  test('ends what a test left behind', async () => {
    let socket = '';
    await expect(
      withTmux(async scratch => {
        socket = scratch.socket;
        await scratch.tmux('new-session', '-d', '-s', 'x', 'sleep', '1000');
        const [pid] = await tmuxProcesses(socket);
        process.kill(pid ?? 0, 'SIGSTOP');
        throw new Error('the test failed');
      }),
    ).rejects.toThrow('the test failed');
    expect(await tmuxProcesses(socket)).toEqual([]);
    await expect(stat(dirname(socket))).rejects.toMatchObject({ code: 'ENOENT' });
    await endTmux(socket);
  }, 20_000);

  test('makes a folder that is gone afterwards', async () => {
    const before = await mkdtemp(join(tmpdir(), 'hms-t-'));
    await rm(before, { recursive: true });
    const dir = await withTmux(async scratch => scratch.dir);
    await expect(stat(dir)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
