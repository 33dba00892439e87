/**
 * The built program as a person runs it: `hms …` in a home of its own, and a terminal (a private tmux) to look at
 * it in. Everything it starts ends with the test, by pid.
 */
import { type ExecFileException, execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { QUIET_MS } from '../../src/console/burst.ts';
import { ARM_MS } from '../../src/console/state.ts';
import { endNaming } from './leftovers.ts';
import { endTmux, withTmux } from './tmux.ts';
import { waitFor } from './wait.ts';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const HMS = join(ROOT, 'bin', 'hms-tui');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  /** HMS_HOME of this test: state, sockets, configuration. */
  readonly home: string;
  /** A folder for a fleet file; the working directory of `hms`. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs `hms ARGS` and returns what came of it; never throws for an exit code. */
  hms(...args: string[]): Promise<Ran>;
  /** As `hms`, for `--json` commands. Throws when it fails. */
  json<T = Record<string, unknown>>(...args: string[]): Promise<T>;
  /** Writes the fleet file of `dir`. */
  fleet(yaml: string): Promise<void>;
  /** Starts `hms ARGS` in a terminal of this size. */
  terminal(args: readonly string[], size?: { cols: number; rows: number }): Promise<Terminal>;
  /** pid of the engine that runs, 0 for none. */
  enginePid(): Promise<number>;
}

export interface Terminal {
  /** Types keys as tmux names them: `a`, `Enter`, `C-\\`, `Escape`. */
  press(...keys: string[]): Promise<void>;
  /** Presses a key that decides, once the request has been on screen for as long as that takes. */
  decide(key: string): Promise<void>;
  /** Types text as it is. */
  type(text: string): Promise<void>;
  paste(text: string): Promise<void>;
  /** Sends these bytes in one piece. */
  raw(bytes: string): Promise<void>;
  /** pid of the program. */
  pid(): Promise<number>;
  /** What the program has left switched on in its terminal, as 0 and 1: alternate screen, application keys, mouse. */
  leftOn(): Promise<string>;
  /** The screen as lines of text. */
  screen(): Promise<string>;
  /** With SGR sequences. */
  styled(): Promise<string>;
  /** Waits until the screen holds all of these; returns it. */
  shows(...parts: (string | RegExp)[]): Promise<string>;
  /** Waits until the screen holds none of these. */
  hides(...parts: (string | RegExp)[]): Promise<string>;
  resize(cols: number, rows: number): Promise<void>;
  /** Exit code of the program, once it has ended. */
  ended(): Promise<number>;
}

/** Runs `body` with the program in a home of its own, then ends whatever it left running. */
export async function withProgram<T>(body: (program: Program) => Promise<T>): Promise<T> {
  return withTmux(async ({ tmux, dir: scratch }) => {
    const home = await mkdtemp(join(await realpath(tmpdir()), 'hms-h-'));
    const dir = await realpath(await mkdtemp(join(scratch, 'f-')));
    const env: NodeJS.ProcessEnv = {
      PATH: process.env.PATH,
      HOME: home,
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      SHELL: '/bin/sh',
      HMS_HOME: home,
      HMS_NATIVE: process.env.HMS_NATIVE,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      NODE_V8_COVERAGE: process.env.NODE_V8_COVERAGE,
    };
    let terminals = 0;
    const program: Program = {
      home,
      dir,
      env,
      hms: (...args) => run(args, dir, env),
      json: async (...args) => {
        const ran = await run([...args, '--json'], dir, env);
        if (ran.code !== 0) throw new Error(`hms ${args.join(' ')} exited ${ran.code}: ${ran.stderr}`);
        return JSON.parse(ran.stdout);
      },
      fleet: yaml => writeFile(join(dir, 'hms.yaml'), yaml),
      enginePid: () => enginePid(home),
      terminal: async (args, size = { cols: 160, rows: 44 }) => {
        terminals += 1;
        const session = `term${terminals}`;
        const variables = Object.entries(env).flatMap(([k, v]) =>
          v === undefined ? [] : ['-e', `${k}=${v}`],
        );
        await tmux(
          'new-session',
          '-d',
          '-s',
          session,
          '-x',
          `${size.cols}`,
          '-y',
          `${size.rows}`,
          '-c',
          dir,
          ...variables,
          HMS,
          ...args,
          ';',
          'set',
          '-t',
          session,
          'remain-on-exit',
          'on',
          ';',
          'set',
          '-s',
          'escape-time',
          '0',
          ';',
          'set',
          '-t',
          session,
          'status',
          'off',
        );
        return terminal(session, tmux);
      },
    };
    try {
      return await body(program);
    } finally {
      await endFleets(home);
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    }
  });
}

function terminal(session: string, tmux: (...args: string[]) => Promise<string>): Terminal {
  let typed = false;
  const capture = (...flags: string[]): Promise<string> =>
    tmux('capture-pane', '-p', ...flags, '-t', `${session}:`);
  const holds = (screen: string, part: string | RegExp): boolean =>
    typeof part === 'string' ? screen.includes(part) : part.test(screen);
  const until = async (parts: readonly (string | RegExp)[], wanted: boolean): Promise<string> => {
    let last = '';
    try {
      return await waitFor(
        async () => {
          last = await capture();
          return parts.every(part => holds(last, part) === wanted) && last;
        },
        { what: `the screen to ${wanted ? 'show' : 'hide'} ${parts.join(' and ')}`, deadlineMs: 20_000 },
      );
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message.slice(0, 200) : error}\n${last}`, {
        cause: error,
      });
    }
  };
  const press = async (...keys: string[]): Promise<void> => {
    if (typed) await new Promise(resolve => setTimeout(resolve, 3 * QUIET_MS));
    typed = false;
    for (const key of keys) await tmux('send-keys', '-t', `${session}:`, key);
  };
  return {
    press,
    // The rule itself is what is waited for: before that a key decides nothing.
    decide: async key => {
      await new Promise(resolve => setTimeout(resolve, 1.5 * ARM_MS));
      await press(key);
    },
    // One by one: several keys in one read are taken for a paste, and so are keys on its heels (QUIET_MS).
    type: async text => {
      for (const char of text)
        await tmux('send-keys', '-l', '-t', `${session}:`, char === ';' ? '\\;' : char);
      typed = true;
    },
    paste: async text => {
      await tmux('set-buffer', '-b', 'paste', '--', text);
      await tmux('paste-buffer', '-p', '-d', '-b', 'paste', '-t', `${session}:`);
    },
    raw: async bytes =>
      void (await tmux(
        'send-keys',
        '-t',
        `${session}:`,
        '-H',
        ...Array.from(Buffer.from(bytes), byte => byte.toString(16)),
      )),
    pid: async () => Number(await tmux('display-message', '-p', '-t', `${session}:`, '#{pane_pid}')),
    leftOn: async () => {
      const format = '#{alternate_on}#{keypad_cursor_flag}#{mouse_any_flag}';
      return (await tmux('display-message', '-p', '-t', `${session}:`, format)).trim();
    },
    screen: () => capture(),
    styled: () => capture('-e'),
    shows: (...parts) => until(parts, true),
    hides: (...parts) => until(parts, false),
    resize: async (cols, rows) =>
      void (await tmux('resize-window', '-t', session, '-x', `${cols}`, '-y', `${rows}`)),
    ended: async () => {
      const format = 'end #{pane_dead} #{pane_dead_status} #{pid}';
      const status = await waitFor(
        async () => {
          const line = (await tmux('display-message', '-p', '-t', `${session}:`, format)).trim();
          // tmux 3.3a may miss that a child has ended, and knows its status only once it looks again.
          const server = /^end 1 {2}(\d+)$/.exec(line)?.[1];
          if (server) process.kill(Number(server), 'SIGCHLD');
          return /^end 1 (\d+) \d+$/.exec(line);
        },
        { what: 'the program to end', deadlineMs: 20_000 },
      );
      return Number(status[1]);
    },
  };
}

function run(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise(resolve => {
    const child = execFile(
      HMS,
      [...args],
      { cwd, env, timeout: 120_000, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        resolve({ code: codeOf(error), stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}

function codeOf(error: ExecFileException | null): number {
  return error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
}

async function runFolders(home: string): Promise<readonly string[]> {
  const run = join(home, 'run');
  return (await readdir(run).catch(() => [])).map(name => join(run, name));
}

/** The engine's pid from its start in the log of the newest fleet. */
export async function enginePid(home: string): Promise<number> {
  const fleets = join(home, 'state', 'fleets');
  for (const name of await readdir(fleets).catch(() => [])) {
    const log = await readFile(join(fleets, name, 'engine.log'), 'utf8').catch(() => '');
    const pids = [...log.matchAll(/ engine (\d+) has /g)];
    const pid = Number(pids.at(-1)?.[1] ?? 0);
    if (pid > 0 && isAlive(pid)) return pid;
  }
  return 0;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ends tmux servers and engines of every fleet in this home. An engine outlives its tmux server by design. */
async function endFleets(home: string): Promise<void> {
  const engines = new Set<number>();
  for (let round = 0; round < 3; round += 1) {
    const pid = await enginePid(home);
    if (pid > 0) engines.add(pid);
    for (const pid of engines) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    for (const folder of await runFolders(home)) await endTmux(join(folder, 'tmux.sock'));
  }
  await endNaming(home);
}
