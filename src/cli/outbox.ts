/** Words for the journal on their way to the engine that is there now: each arrives, in order, whatever dies in between. */
import { setTimeout } from 'node:timers/promises';
import { HmsError } from '../model/errors.ts';

/** Until a word the engine could not write down is said again, ms. */
const AGAIN_MS = 300;
const LOOK_MS = 10;
/** What saying it again can mend. */
const PASSING: readonly string[] = ['gone', 'no-answer', 'unreachable', 'journal-stalled'];

export function isPassing(error: unknown): boolean {
  return error instanceof HmsError && PASSING.includes(error.code);
}

interface OutboxOptions<Word> {
  /**
   * Rejects as a request does; undefined while there is no engine. A word whose answer was lost is sent once more: the
   * engine passes over what it has heard before.
   */
  send(word: Word): Promise<unknown> | undefined;
  /** The engine will never take it. */
  onRefused?(word: Word, error: unknown): void;
}

export class Outbox<Word> {
  readonly #options: OutboxOptions<Word>;
  readonly #words: Word[] = [];
  #sending = false;

  constructor(options: OutboxOptions<Word>) {
    this.#options = options;
  }

  put(word: Word): void {
    this.#words.push(word);
    this.wake();
  }

  /** An engine is there again. */
  wake(): void {
    if (!this.#sending) void this.#sendAll();
  }

  /** Resolves when every word has arrived, or `ms` have passed; whether they have. */
  async flush(ms: number): Promise<boolean> {
    const end = performance.now() + ms;
    while (this.#words.length > 0 && performance.now() < end) await setTimeout(LOOK_MS);
    return this.#words.length === 0;
  }

  async #sendAll(): Promise<void> {
    const { send, onRefused } = this.#options;
    this.#sending = true;
    for (let [word] = this.#words; word !== undefined; [word] = this.#words) {
      const sent = send(word);
      if (!sent) break;
      try {
        await sent;
      } catch (error) {
        if (isPassing(error)) {
          await setTimeout(AGAIN_MS);
          continue;
        }
        // What the engine will never take must not keep the rest from it.
        onRefused?.(word, error);
      }
      this.#words.shift();
    }
    this.#sending = false;
  }
}
