/**
 * From bytes to happenings: keys for the console, or bytes for the agent that is typed into. Splits each read, so that
 * the one reserved key comes back even in the middle of other bytes.
 */
import { markBurst } from './burst.ts';
import type { Happening } from './effects.ts';
import { type Decoder, decode, flush, NEW_DECODER, PASTE_END, PASTE_START } from './keys.ts';

/** After this long without more bytes an ESC was the Escape key, ms. */
const ESC_MS = 25;

/** Bytes of a paste kept while its end has not come. */
const MAX_PASTE = 65_536;

/** Ctrl-\ : FS. */
const BACK = 0x1c;

interface KeyboardOptions {
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
  let pasting: Buffer = Buffer.alloc(0);

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

  /** Bytes for the agent; a paste among them stays in one piece, whatever reads it came in. */
  function forAgent(bytes: Uint8Array): void {
    let rest = Buffer.concat([pasting, bytes]);
    pasting = Buffer.alloc(0);
    while (rest.length > 0) {
      const start = rest.indexOf(PASTE_START);
      const before = start < 0 ? rest : rest.subarray(0, start);
      if (before.length > 0) act({ type: 'typed', bytes: before, paste: false, at: now() });
      if (start < 0) return;
      const end = rest.indexOf(PASTE_END, start);
      if (end < 0) {
        pasting = Buffer.from(rest.subarray(start, start + MAX_PASTE));
        return;
      }
      const text = rest.subarray(start + PASTE_START.length, end);
      if (text.length > 0) act({ type: 'typed', bytes: text, paste: true, at: now() });
      rest = rest.subarray(end + PASTE_END.length);
    }
  }

  return bytes => {
    if (!typing()) return keys(bytes);
    const end = pasting.length > 0 ? -1 : bytes.indexOf(BACK);
    forAgent(end < 0 ? bytes : bytes.subarray(0, end));
    if (end < 0) return;
    act({
      type: 'input',
      input: { type: 'key', key: 'ctrl-\\', text: '', burst: false },
      at: now(),
    });
    // What follows in the same read was meant for the agent: it is dropped, never taken for commands.
    decoder = NEW_DECODER;
    text = new TextDecoder();
    lastBurst = now();
  };
}
