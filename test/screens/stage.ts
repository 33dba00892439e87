/** Panes of a real tmux and their screens, for tests. */
import { execFile } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { openScreens, type ScreenSource } from '../../src/screens/source.ts';
import type { ControlClient } from '../../src/tmux/control-client.ts';
import { openPaneStream } from '../../src/tmux/pane-stream.ts';
import { drawn, styledRows, textRows } from '../support/rows.ts';
import { type TmuxScratch, withTmux } from '../support/tmux.ts';
import { waitFor } from '../support/wait.ts';

export const text = (screens: ScreenSource, pane: string, cols: number, rows: number): string[] => {
  const surface = drawn(cols, rows, (to, area) => screens.draw(pane, to, area, { cursor: false }));
  return surface ? textRows(surface).map(row => row.trimEnd()) : [];
};
export const styled = (
  screens: ScreenSource,
  pane: string,
  cols: number,
  rows: number,
  cursor = true,
): string[] => {
  const surface = drawn(cols, rows, (to, area) => screens.draw(pane, to, area, { cursor }));
  return surface ? styledRows(surface) : [];
};

export interface Stage {
  readonly scratch: TmuxScratch;
  readonly screens: ScreenSource;
  readonly stream: ControlClient;
  /** A pane that shows exactly the bytes written to it, and its id. */
  pane(
    cols: number,
    rows: number,
  ): Promise<{ readonly id: string; write(data: string | Uint8Array): Promise<void>; end(): Promise<void> }>;
  /** Waits until the screen shows what tmux has, and tmux has `part`. */
  same(pane: string, part?: string): Promise<string[]>;
}

export async function withScreens(body: (stage: Stage) => Promise<void>): Promise<void> {
  await withTmux(async scratch => {
    await scratch.tmux('new-session', '-d', '-s', scratch.session, '-x', '60', '-y', '12', 'cat');
    await scratch.tmux('set-option', '-g', 'remain-on-exit', 'on');
    let stream: ControlClient | undefined;
    const screens = await openScreens(async () => {
      stream = await openPaneStream({ socket: scratch.socket, session: scratch.session });
      return stream;
    });
    if (!stream) throw new Error('no stream');
    const feeds: FileHandle[] = [];
    let made = 0;
    try {
      await body({
        scratch,
        screens,
        stream,
        async pane(cols, rows) {
          made += 1;
          const fifo = join(scratch.dir, `fifo${made}`);
          await promisify(execFile)('mkfifo', [fifo]);
          const argv = ['sh', '-c', `stty raw -echo; exec cat ${fifo}`];
          const id = (await scratch.tmux('new-window', '-d', '-P', '-F', '#{pane_id}', ...argv)).trim();
          await scratch.tmux('resize-window', '-t', id, '-x', String(cols), '-y', String(rows));
          const feed = await open(fifo, 'w');
          feeds.push(feed);
          return {
            id,
            write: async data => void (await feed.writeFile(data)),
            end: () => feed.close(),
          };
        },
        async same(pane, part = '') {
          const size = async () =>
            (await scratch.tmux('display-message', '-p', '-t', pane, '#{pane_width} #{pane_height}'))
              .split(' ')
              .map(Number);
          return waitFor(
            async () => {
              const [cols = 0, rows = 0] = await size();
              const theirs = (await scratch.tmux('capture-pane', '-p', '-t', pane))
                .split('\n')
                .slice(0, rows)
                .map(row => row.trimEnd());
              const ours = text(screens, pane, cols, rows);
              expect(theirs.join('\n')).toContain(part);
              expect(ours).toEqual(theirs);
              return ours;
            },
            { what: 'the screen to show what tmux has', deadlineMs: 10_000 },
          );
        },
      });
    } finally {
      await screens.close();
      await Promise.all(feeds.map(feed => feed.close().catch(() => {})));
    }
  });
}
