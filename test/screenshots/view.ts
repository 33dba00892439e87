/** A terminal to take pictures of: the built program in a pty, and an emulator that reads what it writes. */
import { type IPty, spawn } from 'node-pty';
import { QUIET_MS } from '../../src/console/burst.ts';
import { INVERSE } from '../../src/screens/cell.ts';
import { Glyphs } from '../../src/screens/glyphs.ts';
import { drawScreen } from '../../src/screens/picture.ts';
import { Surface } from '../../src/screens/surface.ts';
import { screenTerminal } from '../../src/screens/terminal.ts';
import { HMS } from '../support/program.ts';
import { waitFor } from '../support/wait.ts';

const DEADLINE_MS = 60_000;

export class View {
  readonly #pty: IPty;
  readonly #screen;
  /** A frame has begun and has not ended (DEC mode 2026). */
  #drawing = false;

  /** Starts `hms ARGS`. The colours are true, whatever terminal this is started from. */
  constructor(
    args: readonly string[],
    { cols, rows, cwd, env }: { cols: number; rows: number; cwd: string; env: NodeJS.ProcessEnv },
  ) {
    const whole = Object.entries({ ...env, COLORTERM: 'truecolor' }).filter(
      ([, value]) => value !== undefined,
    );
    this.#screen = screenTerminal(cols, rows);
    const { terminal } = this.#screen;
    const frames = (drawing: boolean) => (params: (number | number[])[]) => {
      if (params.includes(2026)) this.#drawing = drawing;
      return false;
    };
    terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, frames(true));
    terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, frames(false));
    this.#pty = spawn(HMS, [...args], {
      cols,
      rows,
      cwd,
      env: Object.fromEntries(whole),
      name: 'xterm-256color',
    });
    this.#pty.onData(data => terminal.write(data));
    // Programs ask terminals who they are.
    terminal.onData(data => this.#pty.write(data));
  }

  /** One key, by its bytes; after a pause, since keys on each other's heels are taken for a paste. */
  async press(bytes: string): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, 3 * QUIET_MS));
    this.#pty.write(bytes);
  }

  /** Waits for a whole frame that shows all of these. */
  async shows(...parts: readonly (string | RegExp)[]): Promise<void> {
    const holds = (text: string, part: string | RegExp): boolean =>
      typeof part === 'string' ? text.includes(part) : part.test(text);
    let last = '';
    try {
      await waitFor(
        () => {
          last = this.text();
          return !this.#drawing && parts.every(part => holds(last, part));
        },
        { what: `the screen to show ${parts.join(' and ')}`, deadlineMs: DEADLINE_MS },
      );
    } catch (error) {
      throw new Error(`the screen did not show ${parts.join(' and ')}\n${last}`, { cause: error });
    }
  }

  /** What it shows now, with its cursor. */
  picture(): Surface {
    const { terminal, cursorShown } = this.#screen;
    const buffer = terminal.buffer.active;
    const surface = new Surface(terminal.cols, terminal.rows, new Glyphs());
    drawScreen(surface, { x: 0, y: 0, w: terminal.cols, h: terminal.rows }, buffer, { x: 0, y: 0 });
    if (cursorShown()) surface.turn(buffer.cursorX, buffer.cursorY, 1, INVERSE);
    return surface;
  }

  /** As lines of text. */
  text(): string {
    const { terminal } = this.#screen;
    const { active } = terminal.buffer;
    return Array.from({ length: terminal.rows }, (_, y) =>
      active.getLine(active.baseY + y)?.translateToString(true),
    ).join('\n');
  }

  /** Ends it as a closed window does. */
  close(): void {
    this.#pty.kill('SIGHUP');
  }
}
