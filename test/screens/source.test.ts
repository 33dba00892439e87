import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openScreens } from '../../src/screens/source.ts';
import { openPaneStream } from '../../src/tmux/pane-stream.ts';
import { withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';
import { styled, text, withScreens } from './stage.ts';

describe("an agent's screen", () => {
  test('shows what was there before, in its colours, and follows what comes', async () => {
    await withScreens(async ({ screens, pane, same }) => {
      const { id, write } = await pane(20, 4);
      await write('\x1b[31mred\x1b[0m plain\r\n\x1b[44m  \x1b[0m字e\u0301|\r\n');
      screens.setVisible([id]);
      await waitFor(() => text(screens, id, 20, 4)[1] === '  字e\u0301|', { what: 'the seed' });
      expect(styled(screens, id, 20, 4, false)).toEqual([
        `\x1b[31mred\x1b[m plain${' '.repeat(11)}`,
        `\x1b[44m  \x1b[m字e\u0301|${' '.repeat(14)}`,
        ' '.repeat(20),
        ' '.repeat(20),
      ]);
      expect(styled(screens, id, 20, 4)[2]).toBe(`\x1b[7m \x1b[m${' '.repeat(19)}`);
      const changes: string[] = [];
      screens.onChange(changed => changes.push(changed));
      await write('\x1b[?25lnext');
      await waitFor(() => text(screens, id, 20, 4)[2] === 'next', { what: 'what comes' });
      expect(styled(screens, id, 20, 4)[2]).toBe(`next${' '.repeat(16)}`);
      expect(new Set(changes)).toEqual(new Set([id]));
      await same(id);
    });
  });

  test('keeps the normal screen behind the alternate one it was opened on', async () => {
    await withScreens(async ({ screens, pane, same }) => {
      const { id, write } = await pane(20, 4);
      await write('before\r\nmore\x1b[?1049h\x1b[2J\x1b[2;3Hfull screen');
      screens.setVisible([id]);
      expect(await same(id, 'full screen')).toEqual(['', '  full screen', '', '']);
      await write('\x1b[?1049l!');
      expect(await same(id, 'more!')).toEqual(['before', 'more!', '', '']);
    });
  });

  test('takes on scroll region, origin, wrapping, hidden cursor and a sequence that is half through', async () => {
    await withScreens(async ({ screens, pane, same }) => {
      const { id, write } = await pane(10, 6);
      await write('1\r\n2\r\n3\r\n4\r\n5\r\n6\x1b[2;4r\x1b[?6h\x1b[?7l\x1b[?25l\x1b[3;1Hx\x1b[3');
      screens.setVisible([id]);
      await same(id, 'x');
      await write('2mgreen\r\nscrolled 0123456789');
      await same(id, 'scrolled');
      expect(styled(screens, id, 10, 6).join('')).toContain('\x1b[32mgreen');
      expect(styled(screens, id, 10, 6).join('')).not.toContain('\x1b[7m');
      await write('\x1b[?6l\x1b[r\x1b[?7h\x1b[1;1H0123456789ab');
      expect((await same(id, '0123456789')).slice(0, 2)).toEqual([
        '0123456789',
        expect.stringMatching(/^ab/),
      ]);
    });
  });

  test('goes on rightly from behind the last column', async () => {
    await withScreens(async ({ screens, pane, same }) => {
      const { id, write } = await pane(10, 4);
      await write('0123456789');
      screens.setVisible([id]);
      await same(id, '9');
      await write('wrapped');
      expect(await same(id, 'wrapped')).toEqual(['0123456789', 'wrapped', '', '']);
    });
  });

  test('has the size of the pane, and another one when that changes', async () => {
    await withScreens(async ({ scratch, screens, pane, same }) => {
      const { id, write } = await pane(20, 5);
      await write('some text that is longer\r\nthan a row');
      screens.setVisible([id]);
      await same(id, 'than a row');
      expect(screens.size(id)).toEqual({ cols: 20, rows: 5 });
      await scratch.tmux('resize-window', '-t', id, '-x', '33', '-y', '9');
      await waitFor(() => screens.size(id)?.cols === 33 && screens.size(id)?.rows === 9, {
        what: 'the new size',
      });
      await write(' and on');
      await same(id, 'and on');
    });
  });

  test('opened at any moment while a program draws, it ends up as tmux has it', async () => {
    // tmux and our terminal differ in what some sequences do behind the last column, off the scroll region and to
    // the column; programs do not rely on that, and nor do these.
    const place = fc
      .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 24 }))
      .map(([y, x]) => `\x1b[${y};${x}H`);
    const edit = fc.constantFrom(
      ...[
        '\n',
        '\b',
        '\t',
        '\x1b[K',
        '\x1b[1K',
        '\x1b[J',
        '\x1b[1J',
        '\x1b[2J',
        '\x1bM',
        '\r\x1b[L',
        '\r\x1b[M',
      ],
      ...['\x1b[2P', '\x1b[3@', '\x1b[4X', '\x1b[2S', '\x1b[T', '\x1b[2;5r\x1b[5;1H\n\n\x1b[r'],
    );
    const bit = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'abcdefghij 0123456789'), minLength: 1, maxLength: 25 }),
      fc.constantFrom('\r\n', '\r', '\x1b[H', '\x1b[31m', '\x1b[0;7m'),
      place,
      fc.tuple(place, edit).map(parts => parts.join('')),
    );
    await withScreens(async ({ screens, pane, same }) => {
      const { id, write } = await pane(24, 8);
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(bit, { minLength: 1, maxLength: 60 }), fc.nat(), async (bits, at) => {
          const cut = at % bits.length;
          run += 1;
          screens.setVisible([]);
          await write(`\x1bc${bits.slice(0, cut).join('')}`);
          screens.setVisible([id]);
          for (const one of bits.slice(cut)) await write(one);
          await write(`\x1b[r\x1b[1;1H<${run}>`);
          await same(id, `<${run}>`);
        }),
        // Shrinking on a real terminal takes minutes: the first example is told as it is.
        { numRuns: 25, endOnFailure: true },
      );
    });
  }, 120_000);

  test('shows the last words of a program that has ended', async () => {
    await withScreens(async ({ screens, pane, same }) => {
      const { id, write, end } = await pane(30, 5);
      screens.setVisible([id]);
      await same(id);
      await write(Array.from({ length: 200 }, (_, i) => `line ${i}\r\n`).join(''));
      await write('last words');
      await end();
      expect(await same(id, 'last words')).toContain('line 199');
    });
  });

  test('is not known when there is no such pane', async () => {
    await withScreens(async ({ screens, stream }) => {
      expect(text(screens, '%99', 10, 2)).toEqual([]);
      await stream.command(['display-message', '-p', 'asked after it']);
      expect(text(screens, '%99', 10, 2)).toEqual([]);
    });
  });
});

describe('what has scrolled away', () => {
  test('comes whole, every line in its own colours, line drawing as lines', async () => {
    await withScreens(async ({ screens, pane, same }) => {
      const { id, write } = await pane(30, 4);
      screens.setVisible([id]);
      const many = Array.from({ length: 1200 }, (_, i) => `line ${i}\r\n`).join('');
      await write(`\x1b[31mred\r\nstill red\x1b[0m\r\n\x1b(0lqk\x1b(B\r\n${many}字 end`);
      await same(id, '字 end');
      const lines = await screens.recall(id);
      expect(lines).toHaveLength(1204);
      expect(lines.slice(0, 3)).toEqual([
        '\x1b[31mred',
        '\x1b[31mstill red',
        expect.stringMatching(/^(\x1b\[31m\x1b\[(39|0)?m)?┌─┐$/),
      ]);
      expect(lines.at(-1)).toBe('字 end');
      expect(lines[503]).toBe('line 500');
    });
  });

  test('of a pane that is not there is an error; copied text is in tmux', async () => {
    await withScreens(async ({ screens, scratch }) => {
      await expect(screens.recall('%99')).rejects.toThrow();
      screens.keep('two\nlines $HOME; "quoted"');
      await waitFor(async () => (await scratch.tmux('show-buffer')) === 'two\nlines $HOME; "quoted"', {
        what: 'the buffer',
      });
    });
  });
});

describe('a lost connection', () => {
  test('is told, leaves nothing known, and comes back with a rebuilt server', async () => {
    await withScreens(async ({ scratch, screens, same }) => {
      screens.setVisible(['%0']);
      await same('%0');
      const gone: string[] = [];
      let back = 0;
      screens.onGone(detail => gone.push(detail));
      screens.onBack(() => {
        back += 1;
      });
      process.kill(Number((await scratch.tmux('display-message', '-p', '#{pid}')).trim()), 'SIGKILL');
      await waitFor(() => gone.length, { what: 'the loss to be told' });
      expect(text(screens, '%0', 10, 2)).toEqual([]);
      await scratch.tmux(
        'new-session',
        '-d',
        '-s',
        scratch.session,
        '-x',
        '30',
        '-y',
        '5',
        'sh',
        '-c',
        'echo rebuilt; exec cat',
      );
      await waitFor(() => back, { what: 'the connection to be back' });
      expect((await same('%0', 'rebuilt'))[0]).toBe('rebuilt');
      expect(gone).toHaveLength(1);
    });
  });

  test('cannot be opened where there is none', async () => {
    await withTmux(async ({ socket, session }) => {
      await expect(openScreens(() => openPaneStream({ socket, session }))).rejects.toMatchObject({
        code: 'tmux-attach',
      });
    });
  });
});
