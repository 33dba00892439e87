/** The shell in this process, on a terminal emulator: what it writes is what a terminal then shows. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runConsole } from '../../src/console/run.ts';
import type { OpenScreens } from '../../src/console/screens.ts';
import { styledRow } from '../../src/screens/styled-row.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';
import { asks } from './events.ts';
import { FLEET, Keys, running, Screen } from './running.ts';
import { standIn } from './stand-in.ts';

describe('the shell', () => {
  test('draws, decides, and leaves the terminal as it found it', async () => {
    await running(async ({ engine, screen, keys, ended, shows }) => {
      await shows('payments', 'Nothing waits for you.');
      expect(keys.raw).toBe(true);
      expect(screen.terminal.buffer.active.type).toBe('alternate');
      expect(screen.terminal.modes.bracketedPasteMode).toBe(true);
      engine.emit(asks({ id: 'r-aaaa', agent: 'builder', input: { command: 'touch made' } }));
      await shows('▸ LOW builder touch made');
      keys.write('a');
      await shows('r-aaaa approved');
      expect(engine.asked.find(r => r.do === 'approval.decide')).toMatchObject({
        with: { evidence: { keys: ['a'] } },
      });
      keys.write('q');
      await ended;
      await shows('payments goes on with 2 agents.');
      expect(keys.raw).toBe(false);
      expect(screen.terminal.buffer.active.type).toBe('normal');
      expect(screen.terminal.modes.bracketedPasteMode).toBe(false);
    });
  });

  test('after any number of changes and sizes the terminal shows exactly what a fresh one would', async () => {
    await running(async ({ engine, screen, keys, shows }) => {
      await shows('Nothing waits for you.');
      for (let n = 0; n < 6; n++) engine.emit(asks({ id: `r-n${n}${n}${n}`, agent: 'docs', risk: n * 15 }));
      await shows('Approvals 6');
      screen.resize(80, 24);
      await shows('Approvals 6');
      keys.write('?');
      await shows('Keys in watch mode');
      screen.resize(160, 40);
      keys.write('\x1b');
      await shows('Timeline', 'Approvals 6');
      const drawn = screen.text.replace(/\d+:\d\d/g, '');
      screen.terminal.write('\x1b[2J');
      keys.write('\x0c');
      await shows('Timeline', 'Approvals 6');
      expect(screen.text.replace(/\d+:\d\d/g, '')).toBe(drawn);
    });
  });

  test('shows agents’ screens once they are open, and tells the engine how large they are seen', async () => {
    const asked: string[] = [];
    let change: (pane: string) => void = () => {};
    let line = 'first';
    const visible: string[] = [];
    const kept: string[] = [];
    let closed = 0;
    const openScreens: OpenScreens = async ({ session }) => {
      asked.push(session);
      return {
        draw: (pane, surface, { x, y, w }) =>
          surface.lay(styledRow(`${pane} ${line}`, w, surface.glyphs), x, y),
        setVisible: panes => visible.push(...panes),
        recall: async () => ['old one', '\x1b[31mold\x1b[m two', 'now'],
        keep: text => void kept.push(text),
        onChange: listener => {
          change = listener;
          return () => {};
        },
        close: () => {
          closed += 1;
        },
      };
    };
    await running(
      async ({ engine, screen, keys, ended, shows }) => {
        await shows('%1 first');
        expect(asked).toEqual(['main']);
        expect(new Set(visible)).toEqual(new Set(['%1']));
        line = 'second';
        change('%1');
        await shows('%1 second');
        const clipboard: string[] = [];
        screen.terminal.parser.registerOscHandler(52, data => clipboard.push(data) > 0);
        for (const [key, shown] of [
          ['1', '▸1 builder'],
          ['v', 'PageUp'],
          ['\x1b[5~', 'line 1 of 3'],
          ['\x1b[F', 'line 3 of 3'],
          ['v', '1 line selected'],
          ['k', '2 lines selected'],
          ['y', '2 lines copied'],
        ] as const) {
          keys.write(key);
          await shows(shown);
        }
        expect(kept).toEqual(['old two\nnow']);
        expect(clipboard).toEqual([`c;${Buffer.from('old two\nnow').toString('base64')}`]);
        await waitFor(() => engine.asked.some(r => r.do === 'view.size' && r.with.cols > 40), {
          what: 'the size to be told',
        });
        keys.write('q');
        await ended;
        expect(closed).toBe(1);
      },
      { openScreens },
    );
  });

  test('for screen readers it writes lines and no frames; keys and questions are the same', async () => {
    await running(
      async ({ engine, screen, keys, ended, shows }) => {
        let written = '';
        const write = screen._write.bind(screen);
        screen._write = (chunk, encoding, done) => {
          written += String(chunk);
          write(chunk, encoding, done);
        };
        await shows('fleet payments, watch mode, 2 agents');
        engine.emit(asks({ id: 'r-aaaa', agent: 'builder', risk: 70, input: { command: 'rm -r made' } }));
        await shows('approvals, 1 of 1: high risk, builder, rm -r made', '$ rm -r made');
        keys.write('a');
        await shows('HIGH: approve builder?', 'Press y');
        keys.write('y');
        await shows('r-aaaa approved');
        keys.write('q');
        await ended;
        expect(screen.terminal.buffer.active.type).toBe('normal');
        expect(written.replace(/\x1b\[\?2004[hl]/g, '')).not.toMatch(/[\x1b\u2500-\u257f]/);
      },
      { env: { HMS_ARM_MS: '0', INK_SCREEN_READER: 'true' } },
    );
  });

  test('screens that cannot be opened are said to be missing, and the rest works', async () => {
    const openScreens: OpenScreens = () => Promise.reject(new Error('no tmux'));
    await running(async ({ shows }) => shows("agents' screens cannot be shown: no tmux"), {
      openScreens,
    });
  });

  test('observers do not change the size of anything', async () => {
    await running(
      async ({ engine, keys, ended, shows }) => {
        await shows('OBSERVE');
        keys.write('j');
        await shows('docs');
        keys.write('q');
        await ended;
        expect(engine.asked.filter(r => r.do === 'view.size')).toEqual([]);
      },
      { mode: 'observe' },
    );
  });

  test('a terminal that goes away ends the console, and decides nothing', async () => {
    await running(async ({ engine, keys, ended, shows }) => {
      engine.emit(asks({ id: 'r-aaaa', agent: 'builder', risk: 70 }));
      await shows('▸ HIGH builder');
      keys.write('a');
      await shows('HIGH: approve builder?');
      keys.end();
      await ended;
      expect(engine.asked.filter(r => r.do === 'approval.decide')).toEqual([]);
    });
  });

  test('an operator the engine refuses never sees a console: the terminal is not touched', async () => {
    await withFolder(async dir => {
      const engine = await standIn(join(dir, 'o.sock'), FLEET);
      const screen = new Screen(80, 24);
      const options = { socket: engine.path, as: 'mallory', stdin: new Keys(), stdout: screen, env: {} };
      await expect(runConsole(options)).rejects.toMatchObject({ code: 'unknown-operator' });
      expect(screen.text.trim()).toBe('');
      await engine.close();
    });
  });
});
