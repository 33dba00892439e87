/** The whole console in a real terminal (a private tmux), on a real socket. */

import { execFile } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TmuxScratch, withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';
import { asks, fleet, settled, started, status } from './events.ts';
import { type StandIn, standIn } from './stand-in.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FLEET = [
  ...fleet({ builder: 'claude', deployer: 'claude' }),
  started('builder', 1),
  started('deployer', 2),
  status('builder', 'working', 'tests'),
];

let bundle = '';

beforeAll(async () => {
  bundle = await realpath(await mkdtemp(join(tmpdir(), 'hms-b-')));
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join(import.meta.dirname, 'play.ts')],
    outdir: bundle,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    jsx: 'automatic',
    logLevel: 'warning',
    alias: { 'react-devtools-core': join(ROOT, 'bin', 'no-devtools.mjs') },
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
    banner: { js: "const require=process.getBuiltinModule('module').createRequire(import.meta.url);" },
  });
}, 60_000);

afterAll(() => rm(bundle, { recursive: true, force: true }));

interface Played {
  readonly engine: StandIn;
  readonly path: string;
  press(...keys: string[]): Promise<void>;
  paste(text: string): Promise<void>;
  shows(...parts: (string | RegExp)[]): Promise<string>;
  resize(cols: number, rows: number): Promise<void>;
  /** A tmux format of the console's pane. */
  ask(format: string): Promise<string>;
}

/** A shell in a terminal that runs a console on a stand-in engine; the shell shows what is left behind. */
async function played(
  body: (p: Played, scratch: TmuxScratch) => Promise<void>,
  { cols = 160, rows = 44, env = 'HMS_ARM_MS=0' } = {},
): Promise<void> {
  await withTmux(async scratch => {
    const path = join(scratch.dir, 'o.sock');
    const engine = await standIn(path, FLEET);
    const { tmux } = scratch;
    const command = `echo before; ${env} ${process.execPath} ${join(bundle, 'play.mjs')} ${path}; echo "after $?"; cat`;
    try {
      await tmux('new-session', '-d', '-s', 'c', '-x', String(cols), '-y', String(rows), 'sh', '-c', command);
      await tmux('set', '-g', 'status', 'off', ';', 'set', '-s', 'escape-time', '0');
      const screen = (): Promise<string> => tmux('capture-pane', '-p', '-t', 'c:');
      const shows = async (...parts: (string | RegExp)[]): Promise<string> => {
        let last = '';
        try {
          return await waitFor(
            async () => {
              last = await screen();
              return parts.every(p => (typeof p === 'string' ? last.includes(p) : p.test(last))) && last;
            },
            { what: parts.join(' and '), deadlineMs: 15_000 },
          );
        } catch (cause) {
          throw new Error(`the screen did not show ${parts.join(' and ')}:\n${last}`, { cause });
        }
      };
      await body(
        {
          engine,
          path,
          shows,
          press: async (...keys) => {
            for (const key of keys) await tmux('send-keys', '-t', 'c:', key);
          },
          paste: async text => {
            await tmux('set-buffer', '-b', 'p', '--', text);
            await tmux('paste-buffer', '-p', '-d', '-b', 'p', '-t', 'c:');
          },
          resize: async (x, y) =>
            void (await tmux('resize-window', '-t', 'c', '-x', String(x), '-y', String(y))),
          ask: async format => (await tmux('display-message', '-p', '-t', 'c:', format)).trim(),
        },
        scratch,
      );
    } finally {
      await engine.close();
    }
  });
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  const pairs = stdout.split('\n').map(line => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []));
}

const HIGH = asks({
  id: 'r-high',
  agent: 'deployer',
  risk: 70,
  input: { command: 'kubectl delete ns staging' },
});
const LOW = asks({ id: 'r-low1', agent: 'builder', input: { command: 'touch made' } });
const decided = (engine: StandIn) => engine.asked.filter(r => r.do === 'approval.decide');

describe('a console in a terminal', { timeout: 60_000 }, () => {
  test('a page ends at its last line, and goes up again from there at once', async () => {
    await played(
      async ({ press, shows }) => {
        await shows('payments', 'WATCH');
        await press('?');
        await shows('Keys in watch mode', / more /);
        await press('End', 'PageDown', 'PageDown');
        await shows('▼ end');
        await press('Up');
        await shows('▼ 1 more');
      },
      { cols: 80, rows: 24 },
    );
  });

  test('shows what asks, decides by keystroke, and leaves the terminal as it was', async () => {
    await played(async ({ engine, press, shows, ask }) => {
      await shows('payments', 'WATCH', 'Nothing waits for you.', '? help');
      engine.emit(HIGH, LOW);
      await shows('▸ HIGH deployer kubectl delete ns stag', '$ kubectl delete ns staging');
      await press('a');
      await shows('HIGH: approve deployer?');
      expect(decided(engine)).toEqual([]);
      await press('y');
      await shows('▸ LOW builder touch made');
      expect(decided(engine)).toMatchObject([
        { with: { request: 'r-high', decision: 'approve', evidence: { keys: ['a', 'y'] } } },
      ]);
      await press('a');
      await shows('Nothing waits for you.', 'r-low1 approved');
      expect(await ask('#{alternate_on} #{cursor_flag}')).toBe('1 0');
      await press('q');
      const left = await shows('payments goes on with 2 agents', 'after 0');
      expect(left).toContain('before');
      expect(await ask('#{alternate_on} #{cursor_flag}')).toBe('0 1');
    });
  });

  test('with the real 400 ms a key that was already on its way decides nothing', async () => {
    await played(
      async ({ engine, press, shows }) => {
        await shows('Nothing waits for you.');
        // The key is in the terminal's buffer before the request can have been seen.
        engine.emit(LOW);
        await press('a');
        await shows(/approve: .*(just appeared|not on your screen|nothing is selected)/);
        expect(decided(engine)).toEqual([]);
      },
      { env: 'HMS_ARM_MS=5000' },
    );
  });

  test('a paste decides nothing, whatever is in it', async () => {
    await played(async ({ engine, paste, press, shows }) => {
      engine.emit(LOW);
      await shows('▸ LOW builder touch made');
      await paste('a');
      await shows('a paste does nothing here');
      await press('j');
      expect(decided(engine)).toEqual([]);
    });
  });

  test('fits every size and survives resizing, down to 20x5 and back', async () => {
    await played(
      async ({ engine, press, resize, shows }) => {
        engine.emit(LOW);
        await shows('Agents', '▸ LOW builder touch made', 'Timeline');
        await resize(160, 44);
        await shows('its screen is on the way', '▸ LOW builder touch made');
        await resize(20, 5);
        await shows('too small: 20x5,');
        await press('a');
        await resize(40, 12);
        const narrow = await shows('▸ LOW builder touch');
        expect(decided(engine)).toEqual([]);
        expect(
          narrow
            .split('\n')
            .filter(row => row.startsWith('┃'))
            .every(row => row.trimEnd().endsWith('┃')),
        ).toBe(true);
        await resize(120, 30);
        await shows('Agents', 'Timeline', '▸ LOW builder touch made');
      },
      { cols: 80, rows: 24 },
    );
  });

  test('keeps its place while the engine restarts', async () => {
    await played(async ({ engine, path, press, shows }) => {
      engine.emit(HIGH, LOW);
      await shows('▸ HIGH deployer');
      await press('j');
      await shows('▸ LOW builder');
      await engine.close();
      await shows('engine restarting…');
      await press('a');
      const next = await standIn(path, [...FLEET, HIGH, LOW]);
      try {
        await shows('connected again', '▸ LOW builder');
        expect(decided(next)).toEqual([]);
        await press('a');
        await waitFor(() => decided(next)[0], { what: 'the decision' });
        expect(decided(next)).toMatchObject([{ with: { request: 'r-low1' } }]);
      } finally {
        await next.close();
      }
    });
  });

  test('a request that another person settles leaves the screen', async () => {
    await played(async ({ engine, shows }) => {
      engine.emit(LOW);
      await shows('▸ LOW builder');
      engine.emit(settled('r-low1', 'denied', 'by bob'));
      await shows('Nothing waits for you.', 'r-low1 denied');
    });
  });

  test.each(['TERM', 'HUP', 'INT'])('SIG%s puts the terminal back', async signal => {
    await played(async ({ shows, ask }) => {
      await shows('Nothing waits for you.');
      const shell = Number(await ask('#{pane_pid}'));
      const pid = await childOf(shell);
      process.kill(pid, `SIG${signal}`);
      await shows(/after \d+/);
      expect(await ask('#{alternate_on} #{cursor_flag}')).toBe('0 1');
    });
  });

  test('typing into an agent sends bytes, and Ctrl-\\ comes back', async () => {
    await played(async ({ engine, press, shows }) => {
      await shows('Nothing waits for you.');
      await press('m', 'c');
      await shows('COLLABORATE');
      await press('1', 'Enter');
      await shows('keys go to builder', 'Ctrl-\\ back');
      await press('q', 'Escape', 'Enter');
      const typed = () =>
        engine.asked
          .flatMap(r => (r.do === 'agent.type' ? [Buffer.from(r.with.bytes, 'base64').toString()] : []))
          .join('');
      await waitFor(() => typed() === 'q\x1b\r', { what: 'the bytes' });
      await press('C-\\');
      await shows('Agents', 'Approvals');
      await waitFor(() => engine.asked.some(r => r.do === 'lease.release'), {
        what: 'the keyboard to be given back',
      });
    });
  });

  test('after a console that was killed the next one starts clean, and leaves the terminal clean', async () => {
    await played(async ({ shows, ask, press, path }, { tmux }) => {
      const modes = () => ask('#{alternate_on}#{cursor_flag}#{mouse_standard_flag}#{mouse_sgr_flag}');
      const console = (env: string) => `${env} ${process.execPath} ${join(bundle, 'play.mjs')} ${path}`;
      const again = (env: string) => tmux('send-keys', '-t', 'c:', '-l', `${console(env)}\n`);
      await shows('payments', 'WATCH');
      await press('q');
      await shows('after 0');
      // A shell, which leaves the terminal's modes as they are.
      await tmux('respawn-pane', '-k', '-t', 'c:', 'env', '-i', `PATH=${process.env.PATH}`, 'PS1=$ ', 'sh');
      await tmux('send-keys', '-t', 'c:', '-l', `echo before; ${console('TERM=tmux-256color')}\n`);
      await shows('payments', 'WATCH');
      expect(await modes()).toBe('1011');
      const shell = await ask('#{pane_pid}');
      const [pid] = (await childrenOf(Number(shell))).slice(-1);
      process.kill(pid ?? 0, 'SIGKILL');
      await waitFor(async () => (await ask('#{pane_current_command}')) === 'sh', { what: 'the shell' });
      expect(await modes()).toBe('1011');
      await again('TERM=tmux-256color HMS_MOUSE=0');
      await waitFor(async () => (await modes()) === '1000', { what: 'a console without the mouse' });
      await shows('payments', 'WATCH');
      await press('q');
      const screen = await shows('before', 'goes on with');
      expect(screen).not.toContain('Agents');
      expect(await modes()).toBe('0100');
    });
  });

  test('NO_COLOR writes no colour, and shows the same', async () => {
    await played(
      async ({ engine, shows }, { tmux }) => {
        engine.emit(LOW);
        await shows('▸ LOW builder');
        expect(await tmux('capture-pane', '-p', '-e', '-t', 'c:')).not.toMatch(
          /\x1b\[[\d;]*(3[0-8]|4[0-8]|9\d)[;m]/,
        );
      },
      { env: 'HMS_ARM_MS=0 NO_COLOR=1' },
    );
  });
});

async function childOf(parent: number): Promise<number> {
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  return waitFor(
    async () => {
      const { stdout } = await promisify(execFile)('ps', ['-axo', 'pid=,ppid=']);
      const line = stdout.split('\n').find(l => Number(l.trim().split(/\s+/)[1]) === parent);
      return Number(line?.trim().split(/\s+/)[0] ?? 0);
    },
    { what: 'the console’s process' },
  );
}
