/** From bytes to happenings: keys for the console. */
import { markBurst } from './burst.ts';
import type { Happening } from './effects.ts';
import { type Decoder, decode, flush, NEW_DECODER, patience } from './keys.ts';
import type { Target } from './target.ts';

interface KeyboardOptions {
  now(): number;
  after(ms: number, run: () => void): () => void;
  act(happening: Happening): void;
  /** What is drawn at a column and row, if a click on it is for something. */
  targetAt?(column: number, row: number): Target | undefined;
}

export function keyboard({ now, after, act, targetAt }: KeyboardOptions): (bytes: Uint8Array) => void {
  let decoder: Decoder = NEW_DECODER;
  const text = new TextDecoder();
  let lastBurst = 0;
  let cancel: (() => void) | undefined;

  function keys(bytes: Uint8Array): void {
    cancel?.();
    cancel = undefined;
    const decoded = decode(decoder, text.decode(bytes, { stream: true }));
    decoder = decoded.decoder;
    deliver(decoded.inputs);
    if (decoded.focused !== undefined) act({ type: 'focused', focused: decoded.focused, at: now() });
    for (const { gesture, x, y } of decoded.pointed) {
      act({ type: 'pointed', gesture, x, y, target: targetAt?.(x, y), at: now() });
    }
    if (decoder.pending !== '') {
      cancel = after(patience(decoder), () => {
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

  return keys;
}
