/**
 * From bytes to happenings: keys for the console, or bytes for the agent that is typed into. Splits each read, so that
 * the one reserved key comes back even in the middle of other bytes.
 */
import { markBurst } from './burst.ts';
import type { Happening } from './effects.ts';
import { type Decoder, decode, flush, NEW_DECODER } from './keys.ts';

/** After this long without more bytes an ESC was the Escape key, ms. */
const ESC_MS = 25;

/** Ctrl-\ : FS. */
const BACK = 0x1c;

export interface KeyboardOptions {
  now(): number;
  after(ms: number, run: () => void): () => void;
  act(happening: Happening): void;
  /** Do keys go to an agent just now? */
  typing(): boolean;
}

export function keyboard({ now, after, act, typing }: KeyboardOptions): (bytes: Uint8Array) => void {
  let decoder: Decoder = NEW_DECODER;
  let text = new TextDecoder();
  let lastBurst = 0;
  let cancel: (() => void) | undefined;

  function keys(bytes: Uint8Array): void {
    cancel?.();
    cancel = undefined;
    const decoded = decode(decoder, text.decode(bytes, { stream: true }));
    decoder = decoded.decoder;
    deliver(decoded.inputs);
    if (decoder.pending !== '') {
      cancel = after(ESC_MS, () => {
        const flushed = flush(decoder);
        decoder = flushed.decoder;
        deliver(flushed.inputs);
      });
    }
  }

  function deliver(inputs: Parameters<typeof markBurst>[0]): void {
    const at = now();
    const marked = markBurst(inputs, at, lastBurst);
    lastBurst = marked.last;
    for (const input of marked.inputs) act({ type: 'input', input, at });
  }

  return bytes => {
    if (!typing()) return keys(bytes);
    const end = bytes.indexOf(BACK);
    const forAgent = end < 0 ? bytes : bytes.subarray(0, end);
    if (forAgent.length > 0) act({ type: 'typed', bytes: forAgent, at: now() });
    if (end < 0) return;
    act({ type: 'input', input: { type: 'key', key: 'ctrl-\\', text: '', burst: false }, at: now() });
    // What follows in the same read was meant for the agent: it is dropped, never taken for commands.
    decoder = NEW_DECODER;
    text = new TextDecoder();
    lastBurst = now();
  };
}
