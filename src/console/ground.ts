/**
 * The terminal's own background. It is asked for (OSC 11, xterm's ctlseqs) while the console loads, and nobody waits for
 * the answer: one that comes late changes the theme then. The answer is never taken for keys, however it is cut up.
 */
import { luminance } from './colour.ts';
import type { Ground } from './looks.ts';
import type { TtyIn, TtyOut } from './terminal.ts';

const QUESTION = '\x1b]11;?\x07';
const ANSWER = '\x1b]11;';
/** Longer than any answer. */
const LONGEST = 64;
/** How long an answer is waited for, and how long bytes that may begin one are kept, ms. */
const WITHIN_MS = 5000;
const HOLD_MS = 50;

/** `rgb:1e1e/2222/2a2a`, in one to four hexadecimal digits each (XParseColor). */
export function groundOf(answer: string): Ground | undefined {
  const [, r, g, b] = /^rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})/i.exec(answer) ?? [];
  if (!r || !g || !b) return undefined;
  const two = (hex: string): string =>
    Math.round((Number.parseInt(hex, 16) / (16 ** hex.length - 1)) * 255)
      .toString(16)
      .padStart(2, '0');
  return groundIs(`#${two(r)}${two(g)}${two(b)}`);
}

/** Which of black and white reads better on it (WCAG's contrast is the same at a luminance of 0.179). */
export function groundIs(hex: string): Ground {
  return luminance(hex) > 0.179 ? 'light' : 'dark';
}

/** COLORFGBG, as rxvt, Konsole and others set it: `15;0`, the background last, an index of the 16 colours. */
export function groundFrom(env: NodeJS.ProcessEnv): Ground | undefined {
  const index = /(?:^|;)(\d{1,2})$/.exec(env.COLORFGBG ?? '')?.[1];
  if (index === undefined || Number(index) > 15) return undefined;
  return Number(index) === 7 || Number(index) > 8 ? 'light' : 'dark';
}

/** Terminals that print the question instead of answering it. */
export function canAsk(env: NodeJS.ProcessEnv): boolean {
  return env.TERM !== undefined && !/^(dumb|linux|cons25|vt\d)/.test(env.TERM);
}

type After = (ms: number, run: () => void) => () => void;

export interface Asking {
  /** From now on keys go to `onBytes`, those that came meanwhile first. */
  handOver(onBytes: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void;
}

/** Asks, in raw mode so that the answer is not echoed. `onGround` is called at most once. */
export function askGround(
  input: TtyIn,
  output: TtyOut,
  after: After,
  onGround: (ground: Ground) => void,
): Asking {
  let keys: ((bytes: Uint8Array) => void) | undefined;
  const early: Uint8Array[] = [];
  const filter = answerFilter(
    after,
    bytes => (keys ? keys(bytes) : void early.push(bytes)),
    answer => {
      const ground = groundOf(answer);
      if (ground) onGround(ground);
    },
  );
  const listener = (chunk: Uint8Array | string): void =>
    filter(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  input.setRawMode?.(true);
  input.on('data', listener);
  input.resume();
  output.write(QUESTION);
  return {
    handOver(onBytes) {
      input.removeListener('data', listener);
      keys = onBytes;
      for (const bytes of early.splice(0)) onBytes(bytes);
      return filter;
    },
  };
}

/** Passes on what is no answer. After the first answer, or when none came in time, it passes everything. */
export function answerFilter(
  after: After,
  pass: (bytes: Uint8Array) => void,
  onAnswer: (answer: string) => void,
): (bytes: Uint8Array) => void {
  let waiting = true;
  let held: Buffer = Buffer.alloc(0);
  let cancel: (() => void) | undefined;
  after(WITHIN_MS, () => {
    waiting = false;
    release();
  });

  function release(): void {
    cancel?.();
    cancel = undefined;
    const bytes = held;
    held = Buffer.alloc(0);
    // Half an answer is no key.
    if (bytes.length > 0 && bytes.indexOf(ANSWER) !== 0) pass(bytes);
  }

  function hold(bytes: Buffer, ms: number): void {
    held = bytes;
    if (bytes.length > 0) cancel = after(ms, release);
  }

  return bytes => {
    if (!waiting && held.length === 0) return pass(bytes);
    cancel?.();
    cancel = undefined;
    const all = Buffer.concat([held, bytes]);
    held = Buffer.alloc(0);
    const start = all.indexOf(ANSWER);
    if (start < 0) {
      const tail = beginning(all);
      if (all.length > tail) pass(all.subarray(0, all.length - tail));
      return hold(all.subarray(all.length - tail), HOLD_MS);
    }
    if (start > 0) pass(all.subarray(0, start));
    const rest = all.subarray(start);
    const end = /\x07|\x1b\\/.exec(rest.toString('latin1'));
    if (!end) {
      if (rest.length > LONGEST) return pass(rest);
      return hold(rest, WITHIN_MS);
    }
    waiting = false;
    onAnswer(rest.toString('latin1', ANSWER.length, end.index));
    const behind = rest.subarray(end.index + end[0].length);
    if (behind.length > 0) pass(behind);
  };
}

/** How many bytes at the end may be the beginning of an answer. */
function beginning(bytes: Buffer): number {
  for (let n = Math.min(ANSWER.length - 1, bytes.length); n > 0; n--)
    if (bytes.subarray(bytes.length - n).toString('latin1') === ANSWER.slice(0, n)) return n;
  return 0;
}
