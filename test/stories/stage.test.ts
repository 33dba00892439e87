import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFleet } from '../../src/fleet/registry.ts';
import { runTmux } from '../../src/tmux/program.ts';
import { type Program, type Terminal, withProgram } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const TYPIST = 'fleet: story\nagents:\n  typist: { command: "cat > typed" }\n';
/** Says who it is, so that a new life of it can be told from the old one. */
const ECHO = 'fleet: story\nagents:\n  echo: { command: ["sh", "-c", "echo life $$; exec cat >> typed"] }\n';

/** Opens the first agent, in this mode. */
async function onStage(
  program: Program,
  mode: 'o' | 'w' | 'c',
  args: readonly string[] = [],
  size?: { cols: number; rows: number },
): Promise<Terminal> {
  const terminal = await program.terminal(args, size);
  await terminal.shows('Agents');
  await terminal.press('m', mode);
  await terminal.shows({ o: 'OBSERVE', w: 'WATCH', c: 'COLLABORATE' }[mode]);
  const before = (await sessions(program)).length;
  await terminal.press('1');
  await terminal.press('Enter');
  // Until the pane is there the console draws the same line.
  await waitFor(async () => (await sessions(program)).length > before, { what: 'the stage' });
  return terminal;
}

/** The line below an agent on stage. */
const REAL = /story ▸ \S+ +(OBSERVE|WATCH|COLLABORATE|PREPARE)/;

const typed = (program: Program): string => {
  const file = join(program.dir, 'typed');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

/** Asks the fleet's own tmux server. */
async function asked(program: Program, ...args: string[]): Promise<string> {
  process.env.HMS_HOME = program.home;
  const { tmuxSocket } = await findFleet(program.dir, program.dir);
  const place = { program: 'tmux', socket: tmuxSocket, env: { PATH: process.env.PATH ?? '' } };
  return (await runTmux(place, ['-N', ...args])).trim();
}

const sessions = async (program: Program): Promise<readonly string[]> =>
  (await asked(program, 'list-sessions', '-F', '#{session_name}')).split('\n');

const serverPid = async (program: Program): Promise<number> =>
  Number(await asked(program, 'display-message', '-p', '#{pid}'));

const noStage = (program: Program) =>
  waitFor(async () => (await sessions(program)).join() === 'story', { what: 'the stage’s session to go' });

const audit = (program: Program, kind: string, part: string) =>
  waitFor(
    async () => {
      const { stdout } = await program.hms('audit', 'search', '--kind', kind, '--json');
      return stdout.includes(part) && stdout;
    },
    { what: `${kind} with ${part}` },
  );

describe('an agent on stage', () => {
  test('is its own pane: keys go to it, one key comes back, and the console is as it was', async () => {
    await withProgram(async program => {
      await program.fleet(TYPIST);
      const terminal = await onStage(program, 'c');
      await terminal.shows(REAL, '⌨ you', 'Ctrl-\\ back');
      expect(await sessions(program)).toHaveLength(2);
      await terminal.type('hello q');
      await terminal.press('Enter');
      await waitFor(() => typed(program) === 'hello q\n', { what: 'the line' });
      // The amount is on the record, under the fence; what was typed is not.
      const record = await audit(program, 'keyboard.typed', '"bytes"');
      expect(record).not.toContain('hello');
      await terminal.press('C-\\');
      await terminal.shows('Agents', 'Timeline', 'COLLABORATE');
      await terminal.hides('Ctrl-\\ back');
      await audit(program, 'lease.released', 'keyboard:typist');
      await noStage(program);
      await terminal.press('q');
      expect(await terminal.ended()).toBe(0);
      expect(await terminal.leftOn()).toBe('000');
    });
  });

  test('takes nothing in watch mode and says what would let you; the mode changes behind the reserved key', async () => {
    await withProgram(async program => {
      await program.fleet(TYPIST);
      const terminal = await onStage(program, 'w');
      await terminal.shows(REAL, 'WATCH');
      await terminal.type('mcq');
      await terminal.shows(/nothing was typed: watch mode · Ctrl-\\ m c/);
      await terminal.raw('\u001cm');
      await terminal.shows('collaborate', 'observe');
      await terminal.press('c');
      await terminal.shows('COLLABORATE', '⌨ you');
      await terminal.type('in');
      await terminal.press('Enter');
      await waitFor(() => typed(program) === 'in\n', { what: 'what was typed in collaborate mode' });
    });
  });

  test('gets a paste of several lines only once it was shown and said yes to', async () => {
    await withProgram(async program => {
      await program.fleet(TYPIST);
      const terminal = await onStage(program, 'c');
      await terminal.shows(REAL, '⌨ you');
      await terminal.paste('one line');
      await terminal.press('Enter');
      await waitFor(() => typed(program) === 'one line\n', { what: 'the one line' });
      await terminal.paste('first\nrm -rf \u001b[31m/\nlast\n');
      await terminal.shows('Paste 3 lines into typist?', 'first', 'last');
      await terminal.press('Escape');
      await terminal.shows(REAL, 'nothing was pasted');
      await terminal.paste('two\nlines\n');
      await terminal.shows('Paste 2 lines into typist?');
      expect(typed(program)).toBe('one line\n');
      await terminal.press('Enter');
      await waitFor(() => typed(program) === 'one line\ntwo\nlines\n', { what: 'both lines' });
      await terminal.shows(REAL);
    });
  });

  test('the reserved key is sent by pressing it twice, and comes back while a paste is shown', async () => {
    await withProgram(async program => {
      await program.fleet('fleet: story\nagents:\n  typist: { command: "stty -isig; cat > typed" }\n');
      const terminal = await onStage(program, 'c');
      await terminal.shows(REAL, '⌨ you');
      await terminal.raw('\u001c\u001c');
      await terminal.press('Enter');
      await waitFor(() => typed(program) === '\u001c\n', { what: 'the key itself' });
      await terminal.paste('a\nb\n');
      await terminal.shows('Paste 2 lines');
      await terminal.press('C-\\');
      await terminal.shows('Agents', 'Timeline');
      expect(typed(program)).toBe('\u001c\n');
    });
  });

  test('a lead takes the keyboard over: the other’s input stops at once, and both see who has it', async () => {
    await withProgram(async program => {
      await program.fleet(`${TYPIST}operators: { bob: operator }\n`);
      const alice = await program.terminal([]);
      await alice.shows('Agents');
      const bob = await onStage(program, 'c', ['attach', '--as', 'bob']);
      await bob.shows(REAL, '⌨ you');
      await bob.type('bob');
      await waitFor(async () => (await bob.screen()).includes('bob'), { what: 'the echo' });
      await alice.press('m', 'c');
      await alice.shows('COLLABORATE', /⌨ bob/);
      await alice.press('1');
      await alice.press('Enter');
      await alice.shows('Take typist’s keyboard over?', 'bob holds');
      await alice.press('y');
      await alice.shows(REAL, '⌨ you');
      await bob.shows(/⌨ (?!you|free)\S+/);
      await bob.type('x');
      await bob.shows(/nothing was typed: .* holds the keyboard/);
      await alice.press('Enter');
      await waitFor(() => typed(program) === 'bob\n', { what: 'the line of both' });
      // Bob asks for it back, Alice hands it over.
      await bob.raw('\u001ck');
      await alice.shows(/bob asks/);
      await alice.raw('\u001cg');
      await bob.shows('⌨ you');
      await bob.type('back');
      await bob.press('Enter');
      await waitFor(() => typed(program) === 'bob\nback\n', { what: 'Bob’s line' });
    });
  });

  test('an agent that is started again is followed into its next life', async () => {
    await withProgram(async program => {
      await program.fleet(ECHO);
      const terminal = await onStage(program, 'c');
      const [, life] = /life (\d+)/.exec(await terminal.shows(REAL, /life \d+/)) ?? [];
      await program.hms('agent', 'restart', 'echo');
      await waitFor(
        async () => {
          const [, next] = /life (\d+)/.exec(await terminal.screen()) ?? [];
          return next !== undefined && next !== life;
        },
        { what: 'the next life', deadlineMs: 20_000 },
      );
      await terminal.shows(REAL, '⌨ you');
      await terminal.type('still here');
      await terminal.press('Enter');
      await waitFor(() => typed(program).includes('still here\n'), { what: 'the line' });
    });
  });

  test('an agent that is stopped is left, with a word', async () => {
    await withProgram(async program => {
      await program.fleet(ECHO);
      const terminal = await onStage(program, 'c');
      await terminal.shows(REAL, /life \d+/);
      await program.hms('agent', 'stop', 'echo');
      await terminal.shows(/left echo: it is stopped/, 'Agents');
      await noStage(program);
    });
  });

  test('without an engine nothing is typed; the stage stays, and goes on with the next engine', async () => {
    await withProgram(async program => {
      await program.fleet(TYPIST);
      const terminal = await onStage(program, 'c');
      await terminal.shows(REAL, '⌨ you');
      const pid = await program.enginePid();
      process.kill(pid, 'SIGKILL');
      await terminal.shows(REAL, /engine gone|connected again/);
      await terminal.shows(REAL, 'connected again', '⌨ you');
      await terminal.type('after');
      await terminal.press('Enter');
      await waitFor(() => typed(program) === 'after\n', {
        what: 'what was typed to the next engine’s fleet',
      });
    });
  });

  test('a console that is killed leaves no session behind', async () => {
    await withProgram(async program => {
      await program.fleet(TYPIST);
      const terminal = await onStage(program, 'c');
      await terminal.shows(REAL, '⌨ you');
      process.kill(await terminal.pid(), 'SIGKILL');
      await noStage(program);
      await audit(program, 'lease.released', 'keyboard:typist');
    });
  });

  test('the reserved key comes back while tmux hangs', async () => {
    await withProgram(async program => {
      await program.fleet(TYPIST);
      const terminal = await onStage(program, 'c');
      await terminal.shows(REAL, '⌨ you');
      const server = await serverPid(program);
      process.kill(server, 'SIGSTOP');
      try {
        await terminal.press('C-\\');
        await terminal.shows('Agents', 'Timeline');
      } finally {
        process.kill(server, 'SIGCONT');
      }
      await noStage(program);
    });
  });

  test('a tmux server that is killed comes back with the agent, and the stage with it', async () => {
    await withProgram(async program => {
      await program.fleet(ECHO);
      const terminal = await onStage(program, 'c');
      const [, life] = /life (\d+)/.exec(await terminal.shows(REAL, /life \d+/)) ?? [];
      process.kill(await serverPid(program), 'SIGKILL');
      await waitFor(
        async () => {
          const screen = await terminal.screen();
          const [, next] = /life (\d+)/.exec(screen) ?? [];
          return (next !== undefined && next !== life && REAL.test(screen)) || /left echo/.test(screen);
        },
        { what: 'the next life, or a word', deadlineMs: 30_000 },
      );
    });
  });

  test('what a person sees on stage is recorded, what they type is not', async () => {
    await withProgram(async program => {
      await program.fleet(
        'fleet: story\nagents:\n  quiet: { command: "stty -echo; echo ready; cat > typed" }\n',
      );
      const terminal = await onStage(program, 'c');
      await terminal.shows(REAL, 'ready', '⏺ rec');
      await terminal.type('secretword');
      await terminal.press('Enter');
      await waitFor(() => typed(program) === 'secretword\n', { what: 'the line' });
      await terminal.press('C-\\');
      await terminal.shows('Timeline');
      const ended = await audit(program, 'recording.ended', 'stage.');
      const [, file = ''] = /"(stage\.[^"]+\.cast)"/.exec(ended) ?? [];
      const text = (await program.hms('record', 'export', file, '--format', 'v3')).stdout;
      expect(text).toContain('ready');
      expect(text).toContain('story ▸');
      expect(text).not.toContain('secretword');
      expect((await program.hms('record', 'verify', file)).code).toBe(0);
    });
  });

  test('an agent that asks meanwhile is announced on the line, and steals no key', async () => {
    await withProgram(async program => {
      const asks = 'while [ ! -e go ]; do sleep 0.05; done; "$HMS_BIN" gate run -- touch made';
      await program.fleet(`${TYPIST}  asker: { command: ${JSON.stringify(asks)}, restart: never }\n`);
      const terminal = await onStage(program, 'c');
      await terminal.shows(REAL, '⌨ you');
      writeFileSync(join(program.dir, 'go'), '');
      await terminal.shows(REAL, '▲ 1 asking');
      await terminal.type('a y');
      await terminal.press('Enter');
      await waitFor(() => typed(program) === 'a y\n', { what: 'the keys to reach the typist' });
      expect(existsSync(join(program.dir, 'made'))).toBe(false);
    });
  });

  test('one that is told to end puts the terminal back', async () => {
    await withProgram(async program => {
      await program.fleet(TYPIST);
      const terminal = await onStage(program, 'c');
      await terminal.shows(REAL, '⌨ you');
      process.kill(await terminal.pid(), 'SIGTERM');
      expect(await terminal.ended()).toBe(128 + 15);
      expect(await terminal.leftOn()).toBe('000');
      await noStage(program);
    });
  });

  test.each([
    [80, 24],
    [200, 50],
  ])('fills a terminal of %dx%d, and follows its size', async (cols, rows) => {
    await withProgram(async program => {
      await program.fleet(
        'fleet: story\nagents:\n  sizer: { command: ["sh", "-c", "trap \'stty size\' WINCH; while :; do sleep 0.1; done"] }\n',
      );
      const terminal = await onStage(program, 'c', [], { cols, rows });
      await terminal.shows(REAL, `${rows - 1} ${cols}`);
      await terminal.resize(cols + 20, rows + 6);
      await terminal.shows(REAL, `${rows + 5} ${cols + 20}`);
      const lines = (await terminal.screen()).split('\n');
      expect(lines[rows + 5]).toMatch(REAL);
    });
  });
});
