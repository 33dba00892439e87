/** What a console puts on when it starts: told, kept, or by the terminal; and what it says of files it cannot use. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LooksFrom } from '../../src/console/kept-looks.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';
import { running, type Screen } from './running.ts';

const ENV = { HMS_ARM_MS: '0', TERM: 'xterm-256color' };

/** `#rrggbb` of the text and the ground at a place; '' for the terminal's own. */
function coloursAt(screen: Screen, x: number, y: number): readonly [string, string] {
  const cell = screen.terminal.buffer.active.getLine(y)?.getCell(x);
  const hex = (rgb: boolean | undefined, colour: number | undefined): string =>
    rgb ? `#${(colour ?? 0).toString(16).padStart(6, '0')}` : '';
  return [hex(cell?.isFgRGB(), cell?.getFgColor()), hex(cell?.isBgRGB(), cell?.getBgColor())];
}

/** The colours of `payments` in the header. */
const strong = (screen: Screen): string => {
  const line = screen.text.split('\n')[0] ?? '';
  return coloursAt(screen, line.indexOf('payments'), 0)[0];
};
const wears = (screen: Screen, colour: string): Promise<unknown> =>
  waitFor(() => strong(screen) === colour, { what: `${colour}, not ${strong(screen)}` });

const DARK = '#eceff4';
const LIGHT = '#0b0f14';

async function withLooks(body: (looks: LooksFrom, dir: string) => Promise<void>): Promise<void> {
  await withFolder(dir => body({ config: join(dir, 'config'), state: join(dir, 'state'), fleet: 'f1' }, dir));
}

test('the theme goes by the terminal’s background; the answer is no key', async () => {
  await running(
    async ({ screen, keys, shows }) => {
      await shows('payments');
      expect(strong(screen)).toBe(DARK);
      // Cut where it hurts: what follows would be keys that choose agents.
      keys.write('\x1b]11;rgb:ffff/');
      keys.write('2222/ffff\x1b');
      keys.write('\\');
      await wears(screen, LIGHT);
      keys.write('2');
      await shows('▸2 docs');
    },
    { env: ENV },
  );
  await running(
    async ({ screen, keys, shows }) => {
      await shows('payments');
      keys.write('\x1b]11;rgb:fdfd/f6f6/e3e3\x07');
      await wears(screen, LIGHT);
    },
    { env: ENV },
  );
});

test('COLORFGBG counts while the terminal says nothing, and nobody is asked where the theme is told', async () => {
  await running(
    async ({ screen, shows }) => {
      await shows('payments');
      expect(strong(screen)).toBe(LIGHT);
    },
    { env: { ...ENV, COLORFGBG: '0;15' } },
  );
  await running(
    async ({ screen, keys, shows }) => {
      let asked = false;
      screen.terminal.parser.registerOscHandler(11, () => {
        asked = true;
        return true;
      });
      await shows('payments');
      expect(strong(screen)).toBe(LIGHT);
      keys.write('?');
      await shows('Keys in watch mode');
      expect(asked).toBe(false);
    },
    { env: { ...ENV, HMS_THEME: 'light' } },
  );
});

test('a theme with a background of its own lies under everything', async () => {
  await running(
    async ({ screen, shows }) => {
      await shows('payments');
      for (const [x, y] of [
        [0, 0],
        [60, 12],
        [119, 29],
      ] as const)
        expect(coloursAt(screen, x, y)[1]).toBe('#000000');
    },
    { env: { ...ENV, HMS_THEME: 'high-contrast' } },
  );
});

test('what is chosen is kept for this operator: the theme everywhere, the layout for this fleet', async () => {
  await withLooks(async (looks, dir) => {
    await running(
      async ({ screen, keys, ended, shows }) => {
        await shows('payments');
        keys.write('T');
        await shows('keeps it for you');
        keys.write('j');
        await shows('▸ dark');
        keys.write('j');
        await wears(screen, LIGHT);
        keys.write('\r');
        await waitFor(
          async () => (await readFile(join(dir, 'state/looks/alice.json'), 'utf8')).includes('light'),
          {
            what: 'the choice to be kept',
          },
        );
        keys.write('L');
        await shows('▸ mission-control');
        keys.write('j');
        await shows('▸ grid');
        keys.write('\r');
        await waitFor(
          async () => (await readFile(join(dir, 'state/looks/alice.json'), 'utf8')).includes('grid'),
          {
            what: 'the layout to be kept',
          },
        );
        keys.write('q');
        await ended;
      },
      { env: ENV, looks },
    );
    await running(
      async ({ screen, shows }) => {
        await shows('payments');
        expect(strong(screen)).toBe(LIGHT);
        expect(screen.text).not.toContain('Timeline');
      },
      { env: ENV, looks },
    );
    await running(
      async ({ screen, shows }) => {
        await shows('Timeline');
        expect(strong(screen)).toBe(LIGHT);
      },
      { env: ENV, looks: { ...looks, fleet: 'f2' } },
    );
  });
});

test('choices made at once are all kept, also when the console is left at once', async () => {
  await withLooks(async (looks, dir) => {
    await running(
      async ({ keys, ended, shows }) => {
        await shows('payments');
        for (const key of ['T', 'j', 'j', '\r', 'L', 'j', '\r', 'q']) {
          keys.write(key);
          // Several keys in one read are taken for a paste.
          await new Promise(setImmediate);
        }
        await ended;
        expect(JSON.parse(await readFile(join(dir, 'state/looks/alice.json'), 'utf8'))).toMatchObject({
          theme: 'light',
          layouts: { f1: 'grid' },
        });
      },
      { env: ENV, looks },
    );
  });
});

test('a theme of your own is worn; a broken one is told of with its place, and the console goes on', async () => {
  await withLooks(async (looks, dir) => {
    await mkdir(join(dir, 'config/themes'), { recursive: true });
    await writeFile(join(dir, 'config/themes/mine.yaml'), "extends: dark\nstrong: { fg: '#123456' }\n");
    await running(
      async ({ screen, shows }) => {
        await shows('payments');
        expect(strong(screen)).toBe('#123456');
      },
      { env: ENV, looks: { ...looks, theme: 'mine' } },
    );
    await writeFile(join(dir, 'config/themes/mine.yaml'), 'extends: dark\nstrng: {}\n');
    await running(
      async ({ screen, shows }) => {
        await shows('mine.yaml:2:1 strng: there is no such key');
        expect(strong(screen)).toBe(DARK);
      },
      { env: ENV, looks: { ...looks, theme: 'mine' } },
    );
  });
});

test('a choice that cannot be kept holds for now, and that is said', async () => {
  await withLooks(async (looks, dir) => {
    await writeFile(join(dir, 'state'), 'a file where a folder should be');
    await running(
      async ({ screen, keys, shows }) => {
        await shows('payments');
        keys.write('T');
        await shows('▸ auto');
        keys.write('j');
        await shows('▸ dark');
        keys.write('j');
        keys.write('\r');
        await shows('it is not kept for next time');
        expect(strong(screen)).toBe(LIGHT);
      },
      { env: ENV, looks },
    );
  });
});
