import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openScreens } from '../../src/screens/source.ts';
import type { PaneStream } from '../../src/screens/stream.ts';
import type { ControlClient } from '../../src/tmux/control-client.ts';
import { openPaneStream } from '../../src/tmux/pane-stream.ts';
import { withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';
import { text, withScreens } from './stage.ts';

describe('screens cost agents nothing', () => {
  /** Writes so many bytes to its terminal, then a file; ends never. */
  const flood = (megabytes: number, done: string): string[] => [
    'sh',
    '-c',
    `yes 0123456789012345678901234567890123456789012345678 | head -c ${megabytes}000000; printf '\\nTHE END'; touch ${done}; exec cat`,
  ];
  const exists = async (path: string): Promise<boolean> =>
    open(path).then(
      file => file.close().then(() => true),
      () => false,
    );

  test('a flood of 20 MB is neither held up nor lost', async () => {
    await withScreens(async ({ scratch, screens, same }) => {
      const done = join(scratch.dir, 'done');
      const id = (
        await scratch.tmux('new-window', '-d', '-P', '-F', '#{pane_id}', ...flood(20, done))
      ).trim();
      screens.setVisible([id]);
      await waitFor(() => exists(done), { what: 'the flood to have been written', deadlineMs: 60_000 });
      await same(id, 'THE END');
    });
  }, 120_000);

  test('a visible flood is looked at, not followed; when it is over every key is followed again', async () => {
    await withScreens(async ({ scratch, screens, stream, same }) => {
      let received = 0;
      stream.onOutput((_pane, bytes) => {
        received += bytes.length;
      });
      const done = join(scratch.dir, 'done');
      const id = (
        await scratch.tmux('new-window', '-d', '-P', '-F', '#{pane_id}', ...flood(30, done))
      ).trim();
      screens.setVisible([id]);
      await waitFor(() => exists(done), { what: 'the flood to have been written', deadlineMs: 60_000 });
      await same(id, 'THE END');
      expect(received).toBeLessThan(20_000_000);
      const before = received;
      await scratch.tmux('send-keys', '-t', id, '-l', 'typed');
      await same(id, 'typed');
      // By following it or by looking: in the end by following.
      await waitFor(
        async () => {
          await scratch.tmux('send-keys', '-t', id, '-l', '.');
          return received > before;
        },
        { what: 'output to be followed again' },
      );
    });
  }, 120_000);

  test('a reader that stalls does not hold up the agent, and catches up when it reads again', async () => {
    await withScreens(async ({ scratch, screens, stream, same }) => {
      const done = join(scratch.dir, 'done');
      const id = (await scratch.tmux('new-window', '-d', '-P', '-F', '#{pane_id}', 'cat')).trim();
      screens.setVisible([id]);
      await same(id);
      stream.pauseReading();
      await scratch.tmux('respawn-window', '-k', '-t', '%0', ...flood(1, join(scratch.dir, 'other')));
      const loud = (
        await scratch.tmux('new-window', '-d', '-P', '-F', '#{pane_id}', ...flood(20, done))
      ).trim();
      screens.setVisible([loud]);
      await waitFor(() => exists(done), {
        what: 'the flood to have been written while nobody reads',
        deadlineMs: 60_000,
      });
      stream.resumeReading();
      await same(loud, 'THE END');
    });
  }, 120_000);

  test('panes nobody looks at are not sent', async () => {
    await withTmux(async scratch => {
      await scratch.tmux('new-session', '-d', '-s', scratch.session, '-x', '60', '-y', '12', 'cat');
      const received = new Map<string, number>();
      let stream: ControlClient | undefined;
      const screens = await openScreens(async (): Promise<PaneStream> => {
        stream = await openPaneStream({ socket: scratch.socket, session: scratch.session });
        stream.onOutput((pane, bytes) => received.set(pane, (received.get(pane) ?? 0) + bytes.length));
        return stream;
      });
      const done = join(scratch.dir, 'done');
      const spawn = async (n: string) =>
        (await scratch.tmux('new-window', '-d', '-P', '-F', '#{pane_id}', ...flood(5, `${done}${n}`))).trim();
      const hidden = await spawn('1');
      const seen = await spawn('2');
      screens.setVisible([seen]);
      await waitFor(async () => (await exists(`${done}1`)) && (await exists(`${done}2`)), {
        what: 'both floods',
        deadlineMs: 60_000,
      });
      await waitFor(() => text(screens, seen, 60, 12).includes('THE END'), {
        what: 'the seen one to end',
        deadlineMs: 30_000,
      });
      expect(received.get(hidden) ?? 0).toBeLessThan(500_000);
      // Looked at now, it shows the present.
      screens.setVisible([hidden]);
      await waitFor(() => text(screens, hidden, 60, 12).includes('THE END'), {
        what: 'the hidden one',
      });
      await screens.close();
    });
  }, 120_000);

  test('what is out of view stays as it was seen, and is the present again when it comes back', async () => {
    await withScreens(async ({ screens, pane, same }) => {
      const [one, other] = [await pane(10, 2), await pane(10, 2)];
      screens.setVisible([one.id]);
      await one.write('old');
      await same(one.id, 'old');
      screens.setVisible([other.id]);
      await one.write(' new');
      await other.write('other');
      await same(other.id, 'other');
      expect(text(screens, one.id, 10, 2)[0]).toBe('old');
      screens.setVisible([one.id, other.id]);
      await same(one.id, 'old new');
    });
  });
});
