import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTmuxServer } from '../../src/tmux/server.ts';
import { withTmux } from '../support/tmux.ts';

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
