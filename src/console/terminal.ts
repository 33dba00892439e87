/** The person's terminal: raw keys in, frames out, and as it was before on every way out. */
import { Writable } from 'node:stream';
import { UNSET } from './stage/output.ts';

export interface TtyIn extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

export interface TtyOut extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  getColorDepth?(env?: object): number;
}

const PASTE_OFF = '\x1b[?2004l';
const PASTE_ON = '\x1b[?2004h';
/** Reports of the window's focus. */
const FOCUS_ON = '\x1b[?1004h';
const FOCUS_OFF = '\x1b[?1004l';
/** Presses of buttons and the wheel (1000), as text whatever the column (1006). Moves (1002, 1003) are never asked for. */
const MOUSE_ON = '\x1b[?1000h\x1b[?1006h';
const MOUSE_OFF = '\x1b[?1006l\x1b[?1003l\x1b[?1002l\x1b[?1000l';
/** Mouse and paste brackets off, main screen, cursor shown, colours reset: harmless where nothing was changed. */
const PUT_BACK = `${MOUSE_OFF}${FOCUS_OFF}${PASTE_OFF}\x1b[?2026l\x1b[?1049l\x1b[?25h\x1b[0m`;
/** What a console that was killed here may have left: a sequence without its end, and everything that it set. */
const CUT_SHORT = '\x1b\\';
/** Alternate screen, cursor hidden. Undone is what was left only there: a region's end moves the cursor. */
const TAKE = `${CUT_SHORT}\x1b[?1049h\x1b[?2026l${UNSET}\x1b[?25l\x1b[2J\x1b[H${PASTE_ON}${FOCUS_ON}`;

/** Where Ink's own frames go: nowhere. What people see is composed from what panes put on the canvas. */
export class Nowhere extends Writable {
  readonly isTTY = true;
  readonly columns = 80;
  readonly rows = 24;

  override _write(_chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    done();
  }
}

export interface Terminal {
  /** Asks for reports of the mouse, or no longer. Writes only when that changes. */
  mouse(on: boolean): void;
  /** Asks for reports of the focus once more: another program that had the terminal may have ended them. */
  focus(): void;
  /** Puts everything back. Safe to call again, and from an exit handler. */
  close(): void;
}

/** Takes the terminal; `plain` leaves its screen and cursor as they are. `onGone`: it has gone away under us. */
export function openTerminal(
  input: TtyIn,
  output: TtyOut,
  onBytes: (bytes: Uint8Array) => void,
  onGone: () => void,
  plain = false,
): Terminal {
  const listener = (chunk: Uint8Array | string): void =>
    onBytes(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  let open = true;
  output.write(plain ? PASTE_ON : TAKE);
  input.setRawMode?.(true);
  input.on('data', listener);
  input.on('end', onGone);
  input.on('error', onGone);
  output.on('error', onGone);
  input.resume();
  let reports = false;
  return {
    mouse(on) {
      if (!open || on === reports) return;
      reports = on;
      output.write(on ? MOUSE_ON : MOUSE_OFF);
    },
    focus() {
      if (open && !plain) output.write(FOCUS_ON);
    },
    close() {
      if (!open) return;
      open = false;
      input.removeListener('data', listener);
      input.pause();
      try {
        input.setRawMode?.(false);
      } catch {
        // The terminal is gone: there is nothing to put back.
      }
      output.write(plain ? PASTE_OFF : PUT_BACK);
    },
  };
}
