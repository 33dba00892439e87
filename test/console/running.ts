/** The shell in this process, on a terminal emulator: what it writes is what a terminal then shows. */
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import headless from '@xterm/headless';
import { type ConsoleOptions, runConsole } from '../../src/console/run.ts';
import type { TtyIn } from '../../src/console/terminal.ts';
import { withFolder } from '../support/scratch.ts';
import { waitFor } from '../support/wait.ts';
import { fleet, started } from './events.ts';
import { type StandIn, standIn } from './stand-in.ts';

export const FLEET = [
  ...fleet({ builder: 'claude', docs: 'command' }),
  started('builder', 1),
  started('docs', 2),
];

export class Screen extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  readonly terminal: headless.Terminal;

  constructor(columns: number, rows: number) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
    this.terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.terminal.write(String(chunk), done);
  }

  getColorDepth(): number {
    return 24;
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.terminal.resize(columns, rows);
    this.emit('resize');
  }

  get text(): string {
    const { active } = this.terminal.buffer;
    return Array.from(
      { length: this.rows },
      (_, y) => active.getLine(active.viewportY + y)?.translateToString(true) ?? '',
    ).join('\n');
  }
}

export class Keys extends PassThrough implements TtyIn {
  readonly isTTY = true;
  raw = false;
  setRawMode(raw: boolean): this {
    this.raw = raw;
    return this;
  }
}

interface Run {
  readonly engine: StandIn;
  readonly screen: Screen;
  readonly keys: Keys;
  readonly ended: Promise<void>;
  shows(...parts: string[]): Promise<void>;
}

export async function running(
  body: (run: Run) => Promise<void>,
  more: Partial<ConsoleOptions> = {},
): Promise<void> {
  await withFolder(async dir => {
    const engine = await standIn(join(dir, 'o.sock'), FLEET);
    const screen = new Screen(120, 30);
    const keys = new Keys();
    const ended = runConsole({
      socket: engine.path,
      stdin: keys,
      stdout: screen,
      env: { HMS_ARM_MS: '0' },
      mode: 'watch',
      ...more,
    });
    const shows = async (...parts: string[]): Promise<void> => {
      await waitFor(() => parts.every(p => screen.text.includes(p)), {
        what: `${parts.join(', ')} in\n${screen.text}`,
      });
    };
    try {
      await body({ engine, screen, keys, ended, shows });
    } finally {
      keys.end();
      await ended.catch(() => {});
      await engine.close();
    }
  });
}
