import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ControlClient } from '../../src/tmux/control-client.ts';
import { cleanEnvironment, findTmux, type TmuxPlace } from '../../src/tmux/program.ts';
import { type TmuxScratch, tmuxProcesses, withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

function place(scratch: TmuxScratch): TmuxPlace {
  return { program: findTmux(process.env), socket: scratch.socket, env: cleanEnvironment(process.env) };
}

/** A session with one quiet pane, and a connection to it. */
async function withClient(
  body: (client: ControlClient, scratch: TmuxScratch) => Promise<void>,
  { flags = ['no-output', 'ignore-size'] }: { readonly flags?: readonly string[] } = {},
): Promise<void> {
  await withTmux(async scratch => {
    await scratch.tmux('new-session', '-d', '-s', scratch.session, '-x', '80', '-y', '24', 'cat');
    const client = await ControlClient.attach({ ...place(scratch), session: scratch.session, flags });
    try {
      await body(client, scratch);
    } finally {
      await client.close();
    }
  });
}

describe('a control connection', () => {
  test('answers each command with its own lines, in order, whatever is asked at once', async () => {
    await withClient(async client => {
      const asked = Array.from({ length: 200 }, (_, i) =>
        client.command(['display-message', '-p', `answer ${i}`]),
      );
      expect(await Promise.all(asked)).toEqual(asked.map((_, i) => [`answer ${i}`]));
    });
  });

  test('gives an argument to tmux exactly as it is', async () => {
    await withClient(async (client, { tmux }) => {
      const text = fc.oneof(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
        fc.string({
          unit: fc.constantFrom(
            '"',
            "'",
            '\\',
            '$',
            '~',
            '#',
            '{',
            '}',
            ';',
            '%',
            '\n',
            '\r',
            '\t',
            '\x1b',
            ' ',
            'é',
            '字',
            'a',
            '0',
          ),
          minLength: 1,
          maxLength: 40,
        }),
      );
      await fc.assert(
        fc.asyncProperty(text, async raw => {
          // tmux cannot carry NUL; a lone surrogate is no text.
          const value = raw.replaceAll('\0', '').toWellFormed();
          fc.pre(value !== '');
          await client.command(['set-buffer', '-b', 'x', '--', value]);
          expect(await tmux('show-buffer', '-b', 'x')).toBe(value);
        }),
        { numRuns: 150 },
      );
    });
  });

  test('an argument never becomes a command', async () => {
    await withClient(async (client, { tmux }) => {
      const evil = '"; kill-server ; new-window \'x\n\nkill-server\n~ $HOME `id` #(touch /tmp/never) %if';
      await client.command(['set-option', '-g', '@x', evil]);
      expect(await tmux('show-options', '-gqv', '@x')).toBe(`${evil}\n`);
      expect(await client.command(['list-windows', '-F', 'one'])).toEqual(['one']);
    });
  });

  test('refuses NUL in an argument', async () => {
    await withClient(async client => {
      await expect(client.command(['set-buffer', 'a\0b'])).rejects.toMatchObject({ code: 'tmux-text' });
    });
  });

  test("tells tmux's own words when a command fails, and goes on", async () => {
    await withClient(async client => {
      await expect(client.command(['kill-pane', '-t', '%99'])).rejects.toMatchObject({
        code: 'tmux-command',
        message: expect.stringContaining("can't find pane: %99"),
      });
      await expect(client.command(['no-such-command'])).rejects.toMatchObject({ code: 'tmux-command' });
      expect(await client.command(['display-message', '-p', 'still here'])).toEqual(['still here']);
    });
  });

  test('a batch ends at its first failure, and later answers still belong to their questions', async () => {
    await withClient(async client => {
      const failing = client.batch([
        ['display-message', '-p', 'one'],
        ['kill-pane', '-t', '%99'],
        ['display-message', '-p', 'never'],
      ]);
      const after = client.batch([
        ['display-message', '-p', 'two'],
        ['list-windows', '-F', 'w'],
        ['refresh-client'],
      ]);
      await expect(failing).rejects.toMatchObject({ message: expect.stringContaining('kill-pane') });
      expect(await after).toEqual([['two'], ['w'], []]);
    });
  });

  test('a server that hangs makes a command fail in time, and its late answer goes to nobody else', async () => {
    await withClient(async client => {
      const [server] = await client.command(['display-message', '-p', '#{pid}']);
      process.kill(Number(server), 'SIGSTOP');
      const late = client.command(['display-message', '-p', 'late'], { deadlineMs: 50 });
      await expect(late).rejects.toMatchObject({ code: 'tmux-timeout' });
      process.kill(Number(server), 'SIGCONT');
      expect(await client.command(['display-message', '-p', 'next'], { deadlineMs: 5000 })).toEqual(['next']);
    });
  });

  test('text of a program that looks like the end of an answer does not end it', async () => {
    await withTmux(async scratch => {
      const fake = ['%end 1 1 1', '%begin 1 1 1', '%error 1 1 1', '%output %0 x', '%exit'];
      await scratch.tmux(
        'new-session',
        '-d',
        '-s',
        scratch.session,
        '-x',
        '80',
        '-y',
        '6',
        'sh',
        '-c',
        'printf "%s\\n" "$@"; cat',
        'sh',
        ...fake,
      );
      const client = await ControlClient.attach({
        ...place(scratch),
        session: scratch.session,
        flags: ['no-output'],
      });
      try {
        const lines = await waitFor(
          async () => {
            const seen = await client.command(['capture-pane', '-p']);
            return seen[4] === '%exit' && seen;
          },
          { what: 'the program to print' },
        );
        expect(lines).toEqual([...fake, '']);
      } finally {
        await client.close();
      }
    });
  });

  test("brings a program's output byte for byte", async () => {
    await withClient(
      async (client, { tmux }) => {
        const chunks: Uint8Array[] = [];
        client.onOutput((_, bytes) => chunks.push(bytes));
        // Every byte but NL, which the terminal turns into CR NL, and XON/XOFF and the like: raw mode.
        const script =
          "stty raw -echo; printf 'BEGIN'; i=0; while [ $i -lt 256 ]; do printf \"\\\\$(printf %03o $i)\"; i=$((i+1)); done; printf 'END'; exec cat";
        await tmux('new-window', '-d', 'sh', '-c', script);
        const seen = await waitFor(
          () => {
            const all = Buffer.concat(chunks);
            return all.includes('END') && all;
          },
          { what: 'all bytes' },
        );
        const from = seen.indexOf('BEGIN') + 5;
        expect(Array.from(seen.subarray(from, seen.indexOf('END', from)))).toEqual(
          Array.from({ length: 256 }, (_, i) => i),
        );
      },
      { flags: ['ignore-size'] },
    );
  });

  test('says that it is gone when the server is, and fails what was asked', async () => {
    await withClient(async client => {
      const gone = new Promise<string>(resolve => client.onGone(resolve));
      const [server] = await client.command(['display-message', '-p', '#{pid}']);
      process.kill(Number(server), 'SIGSTOP');
      const asked = client.command(['list-windows'], { deadlineMs: 5000 });
      process.kill(Number(server), 'SIGKILL');
      await expect(asked).rejects.toMatchObject({ code: 'tmux-gone' });
      expect(await gone).toMatch(/\S/);
      await expect(client.command(['list-windows'])).rejects.toMatchObject({ code: 'tmux-gone' });
    });
  });

  test('attaching to nothing fails and starts nothing', async () => {
    await withTmux(async scratch => {
      const attach = ControlClient.attach({ ...place(scratch), session: 'none', flags: ['no-output'] });
      await expect(attach).rejects.toMatchObject({ code: 'tmux-attach' });
      expect(await tmuxProcesses(scratch.socket)).toEqual([]);
    });
  });

  test('attaching to a session that is not there fails with its name', async () => {
    await withTmux(async scratch => {
      await scratch.tmux('new-session', '-d', '-s', 'real', 'cat');
      const attach = ControlClient.attach({ ...place(scratch), session: 'rea', flags: ['no-output'] });
      await expect(attach).rejects.toMatchObject({
        code: 'tmux-attach',
        message: expect.stringContaining('rea'),
      });
    });
  });
});
