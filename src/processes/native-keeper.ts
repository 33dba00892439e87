/** Keeps a native helper running: one that dies is started again, later and later while that does not last. */
import { HmsError, wordsOf } from '../model/errors.ts';
import { type Native, openNative } from './native.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
/** A life of this length was a good one: the next pause is the first again, ms. */
const GOOD_MS = 60_000;
/** What starting again cannot mend. */
const HOPELESS: ReadonlySet<string> = new Set(['protocol', 'no-native']);

interface KeeperOptions {
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  /** ms, of a clock that only goes forward. */
  readonly now?: () => number;
}

export class NativeKeeper {
  readonly #options: Required<KeeperOptions>;
  readonly #listeners = new Set<(native: Native) => void>();
  readonly #failing = new Set<() => void>();
  #current: Native | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE_MS;
  #closed = false;

  constructor(options: KeeperOptions) {
    this.#options = { now: () => performance.now(), ...options };
    void this.#start();
  }

  /** The life that runs now. */
  get current(): Native | undefined {
    return this.#current;
  }

  /** Called for each life, once it has said hello; at once when one runs. A new life knows nothing of the one before. */
  onUp(listener: (native: Native) => void): void {
    this.#listeners.add(listener);
    if (this.#current) listener(this.#current);
  }

  /** Called when a life has ended or could not begin. */
  onEnd(listener: () => void): void {
    this.#failing.add(listener);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#current?.close();
  }

  async #start(): Promise<void> {
    const { program, env, log, now } = this.#options;
    const began = now();
    try {
      const native = await openNative(program, { env, log: line => log(`native helper: ${line}`) });
      if (this.#closed) {
        native.close();
        return;
      }
      this.#current = native;
      native.onClose(error => {
        this.#current = undefined;
        if (now() - began >= GOOD_MS) this.#pause = FIRST_PAUSE_MS;
        this.#again(error);
      });
      for (const listener of this.#listeners) listener(native);
    } catch (error) {
      this.#again(error);
    }
  }

  #again(error: unknown): void {
    if (this.#closed) return;
    for (const listener of this.#failing) listener();
    if (error instanceof HmsError && HOPELESS.has(error.code)) {
      this.#options.log(`going on without the native helper: ${wordsOf(error)}`);
      return;
    }
    this.#options.log(`${wordsOf(error)} It is started again in ${this.#pause} ms.`);
    this.#timer = setTimeout(() => void this.#start(), this.#pause);
    this.#timer.unref();
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }
}
