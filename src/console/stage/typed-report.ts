/** Tells the engine how much was typed on a stage, never what: a quarter of a second's worth at a time. */
import type { Send } from '../effects.ts';

const EVERY_MS = 250;

export function typedReport(after: (ms: number, run: () => void) => () => void, send: (send: Send) => void) {
  let agent = '';
  let fence = 0;
  let bytes = 0;
  let cancel: (() => void) | undefined;

  function flush(): void {
    cancel?.();
    cancel = undefined;
    if (bytes > 0) send({ request: 'agent.typed', with: { agent, bytes, fence } });
    bytes = 0;
  }

  return {
    /** Under which fence it was typed is a part of what is told: it is another holder's after that. */
    typed(into: string, much: number, under: number): void {
      if (into !== agent || under !== fence) flush();
      agent = into;
      fence = under;
      bytes += much;
      cancel ??= after(EVERY_MS, flush);
    },
    flush,
  };
}
