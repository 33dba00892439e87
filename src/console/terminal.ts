/**
 * The person's terminal: raw keys in, frames out, and as it was before on every way out. Ink draws through `output`
 * and never reads: keys are ours.
 */
import { Writable } from 'node:stream';
import { atDepth, type Depth } from './depth.ts';

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

const PASTE_ON = '\x1b[?2004h';
/** Paste brackets off, main screen, cursor shown, colours reset: harmless where nothing was changed. */
const PUT_BACK = '\x1b[?2004l\x1b[?2026l\x1b[?1049l\x1b[?25h\x1b[0m';
/** Alternate screen, cursor hidden. */
const TAKE = '\x1b[?1049h\x1b[?25l\x1b[2J\x1b[H';

/** What Ink writes to: fits colours to the terminal and says its size. `resized` tells Ink, after the state knows. */
export class Output extends Writable {
  readonly isTTY = true;
  readonly #to: TtyOut;
  readonly #depth: Depth;

  constructor(to: TtyOut, depth: Depth) {
    super({ decodeStrings: false });
    this.#to = to;
    this.#depth = depth;
  }

  get columns(): number {
    return this.#to.columns || 80;
  }

  get rows(): number {
    return this.#to.rows || 24;
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#to.write(atDepth(String(chunk), this.#depth));
    done();
  }
}

export interface Terminal {
  /** Puts everything back. Safe to call again, and from an exit handler. */
  close(): void;
}

/** Takes the terminal. `onGone` is called when it has gone away under us. */
export function openTerminal(
  input: TtyIn,
  output: TtyOut,
  onBytes: (bytes: Uint8Array) => void,
  onGone: () => void,
): Terminal {
  const listener = (chunk: Uint8Array | string): void =>
    onBytes(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  let open = true;
  output.write(TAKE + PASTE_ON);
  input.setRawMode?.(true);
  input.on('data', listener);
  input.on('end', onGone);
  input.on('error', onGone);
  output.on('error', onGone);
  input.resume();
  return {
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
      output.write(PUT_BACK);
    },
  };
}
