import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AgentId, PaneId } from '../../src/model/ids.ts';
import { pasteable } from '../../src/model/text.ts';
import { openTmuxServer } from '../../src/tmux/server.ts';
import type { TmuxServer } from '../../src/tmux/types.ts';
import { type TmuxScratch, withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

interface Typist {
  readonly server: TmuxServer;
  readonly scratch: TmuxScratch;
  readonly pane: PaneId;
  /** Every byte the program got so far. */
  got(): Promise<string>;
  /** The bytes, once there are as many as in `expected`. */
  gets(expected: string): Promise<void>;
}

/** A program in raw mode that writes down what it gets; `setup` is what it prints first. */
async function withProgram(setup: string, body: (typist: Typist) => Promise<void>): Promise<void> {
  await withTmux(async scratch => {
    const server = await openTmuxServer({ socket: scratch.socket, session: scratch.session });
    try {
      const out = join(scratch.dir, 'got');
      const script = `stty raw -echo; printf '${setup}ready'; exec cat > ${out}`;
      const { pane } = await server.startPane({
        agent: AgentId.parse('typed'),
        incarnation: 1,
        argv: ['sh', '-c', script],
        cwd: tmpdir(),
        env: {},
      });
      await waitFor(async () => (await server.capture(pane, 5)).includes('ready'), { what: 'the program' });
      const got = async () => readFile(out, 'utf8').catch(() => '');
      const gets = async (expected: string) => {
        const seen = await waitFor(
          async () => {
            const now = await got();
            return Buffer.byteLength(now) >= Buffer.byteLength(expected) && now;
          },
          { what: JSON.stringify(expected.slice(0, 60)) },
        );
        expect(seen).toBe(expected);
      };
      await body({ server, scratch, pane, got, gets });
    } finally {
      await server.detach();
    }
  });
}

describe('text for a pane', () => {
  test('is pasted as it is, line breaks as Return, and ended by Enter', async () => {
    await withProgram('', async ({ server, pane, gets }) => {
      await server.sendText(pane, '-x "y" \'z\' $HOME ~ ; #{pid} \\\nzweite Zeile é字\n', true);
      await gets('-x "y" \'z\' $HOME ~ ; #{pid} \\\rzweite Zeile é字\r\r');
    });
  });

  test('comes bracketed where the program asked for that', async () => {
    await withProgram('\\033[?2004h', async ({ server, pane, gets }) => {
      await server.sendText(pane, 'a\nb', false);
      await gets('\x1b[200~a\rb\x1b[201~');
      await server.sendText(pane, '', true);
      await gets('\x1b[200~a\rb\x1b[201~\r');
    });
  });

  test('cannot break out of its brackets, nor press keys', async () => {
    await withProgram('\\033[?2004h', async ({ server, pane, gets }) => {
      await server.sendText(pane, 'a\x1b[201~\x03rm\x04\u009b201~\x7f!', false);
      await gets('\x1b[200~a[201~rm201~!\x1b[201~');
    });
  });

  test('64 KB arrive whole', async () => {
    await withProgram('', async ({ server, pane, gets }) => {
      const long = 'é"\\$~;'.repeat(9000);
      await server.sendText(pane, long, true);
      await gets(`${long}\r`);
    });
  });

  test('two texts at once do not mix', async () => {
    await withProgram('', async ({ server, pane, gets }) => {
      const texts = Array.from({ length: 8 }, (_, i) => `message ${i}`);
      await Promise.all(texts.map(text => server.sendText(pane, text, true)));
      await gets(texts.map(text => `${text}\r`).join(''));
    });
  });

  test('leaves no copy in tmux', async () => {
    await withProgram('', async ({ server, pane, gets, scratch }) => {
      await server.sendText(pane, 'secret', true);
      await gets('secret\r');
      expect(await scratch.tmux('list-buffers')).toBe('');
    });
  });

  test('gets through when somebody scrolled back in the pane', async () => {
    await withProgram('', async ({ server, pane, gets, scratch }) => {
      await scratch.tmux('copy-mode', '-t', pane);
      expect((await server.listPanes()).find(info => info.pane === pane)?.inMode).toBe(true);
      await server.sendText(pane, 'hello', true);
      await gets('hello\r');
    });
  });
});

describe('what cannot be typed to says so', () => {
  test('a pane whose input is off', async () => {
    await withProgram('', async ({ server, pane, got, gets, scratch }) => {
      await scratch.tmux('select-pane', '-d', '-t', pane);
      await expect(server.sendText(pane, 'x', true)).rejects.toMatchObject({ code: 'input-off' });
      await expect(server.sendBytes(pane, Buffer.from('x'))).rejects.toMatchObject({ code: 'input-off' });
      await scratch.tmux('select-pane', '-e', '-t', pane);
      await server.sendText(pane, 'y', false);
      await gets('y');
      expect(await got()).toBe('y');
    });
  });

  test('a program that has ended', async () => {
    await withProgram('', async ({ server, pane }) => {
      const info = (await server.listPanes()).find(one => one.pane === pane);
      process.kill(info?.pid ?? 0, 'SIGKILL');
      await waitFor(async () => (await server.listPanes()).find(one => one.pane === pane)?.dead, {
        what: 'its end',
      });
      await expect(server.sendText(pane, 'x', true)).rejects.toMatchObject({ code: 'pane-dead' });
    });
  });

  test('a pane that is not there', async () => {
    await withProgram('', async ({ server, got }) => {
      await expect(server.sendText(PaneId.parse('%99'), 'x', true)).rejects.toMatchObject({
        code: 'pane-gone',
      });
      expect(await got()).toBe('');
    });
  });
});

describe('keyboard bytes', () => {
  test('all of them arrive, in order, nothing interpreted', async () => {
    await withTmux(async scratch => {
      const server = await openTmuxServer({ socket: scratch.socket, session: scratch.session });
      const out = join(scratch.dir, 'got');
      const { pane } = await server.startPane({
        agent: AgentId.parse('typed'),
        incarnation: 1,
        argv: ['sh', '-c', `stty raw -echo; printf ready; exec cat > ${out}`],
        cwd: tmpdir(),
        env: {},
      });
      await waitFor(async () => (await server.capture(pane, 5)).includes('ready'), { what: 'the program' });
      const every = Buffer.concat([
        Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
        Buffer.from('é字\x1b[A'),
        Buffer.alloc(3000, 'x'),
      ]);
      await Promise.all([
        server.sendBytes(pane, every.subarray(0, 100)),
        server.sendBytes(pane, every.subarray(100)),
      ]);
      const seen = await waitFor(
        async () => {
          const now = await readFile(out);
          return now.length >= every.length && now;
        },
        { what: 'all bytes' },
      );
      expect(Array.from(seen)).toEqual(Array.from(every));
      await server.detach();
    });
  });
});

describe('pasteable', () => {
  test('keeps text, tabs and line breaks, of any system', () => {
    expect(pasteable('a\tb\r\nc\rd\n\u00a0é😀')).toBe('a\tb\nc\nd\n\u00a0é😀');
  });
});
