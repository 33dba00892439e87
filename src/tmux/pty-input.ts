/**
 * What is typed into a pty, by our own hand: node-pty's queue goes on after the pty is closed, spins while the other side
 * does not read, and cannot be emptied. Here what the other side has not taken is known, and can be dropped.
 */
import { writeSync } from 'node:fs';
import type { IPty } from 'node-pty';
import { errnoOf } from '../model/errors.ts';

/** A pty that is full is tried again after this, ms. */
const AGAIN_MS = 5;

/** The pty's own end: open, and never blocking (node-pty sees to it). Undefined where there is no such thing. */
function endOf(pty: IPty): number | undefined {
  return 'fd' in pty && typeof pty.fd === 'number' ? pty.fd : undefined;
}

export class PtyInput {
  readonly #pty: IPty;
  #waiting: Buffer[] = [];
  #again: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(pty: IPty) {
    this.#pty = pty;
    // Its end is closed then, by node-pty, and the number of it may soon be another file's.
    if ('on' in pty && typeof pty.on === 'function') pty.on('close', () => this.stop());
  }

  /** In order. */
  write(bytes: Uint8Array): void {
    if (this.#stopped || bytes.length === 0) return;
    this.#waiting.push(Buffer.from(bytes));
    if (this.#again === undefined) this.#drain();
  }

  /** Nothing of what waits is written any more. */
  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
    clearTimeout(this.#again);
  }

  /**
   * Closes our end: what the other side has not read by then it will never read, since the terminal is hung up. Needs no
   * answer of the other side.
   */
  cut(): void {
    this.stop();
    if ('destroy' in this.#pty && typeof this.#pty.destroy === 'function') this.#pty.destroy();
    else this.#pty.kill();
  }

  #drain(): void {
    this.#again = undefined;
    const end = endOf(this.#pty);
    if (end === undefined) {
      for (const bytes of this.#waiting.splice(0)) this.#pty.write(bytes);
      return;
    }
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      try {
        const written = writeSync(end, next);
        if (written === next.length) this.#waiting.shift();
        else this.#waiting[0] = next.subarray(written);
      } catch (error) {
        if (errnoOf(error) === 'EAGAIN') this.#again = setTimeout(() => this.#drain(), AGAIN_MS);
        // The other end is gone: the end of the pty says so.
        else this.stop();
        return;
      }
    }
  }
}
