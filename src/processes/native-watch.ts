/**
 * Has the native helper tell the moment one of these processes ends. Only ever sooner than whoever looks by itself:
 * nothing rests on it, and what it says is looked at, not believed.
 */
import { wordsOf } from '../model/errors.ts';
import type { Native } from './native.ts';
import { readBirth } from './process.ts';

interface Lives {
  readonly current: Native | undefined;
  onUp(listener: (native: Native) => void): void;
}

interface NativeWatchOptions {
  readonly lives: Lives;
  /** One of them has ended, or had when it was to be watched. */
  readonly onDied: () => void;
  readonly log: (line: string) => void;
  readonly birthOf?: (pid: number) => string;
}

export class NativeWatch {
  readonly #options: Required<NativeWatchOptions>;
  /** Births of what is watched, by pid. */
  #watched: ReadonlyMap<number, string> = new Map();

  constructor(options: NativeWatchOptions) {
    this.#options = { birthOf: readBirth, ...options };
    options.lives.onUp(native => {
      native.onPush(push => {
        if (push.push === 'died') options.onDied();
      });
      this.#add(native, [...this.#watched]);
    });
  }

  /** These and no others from now on. */
  watch(pids: readonly number[]): void {
    const before = this.#watched;
    const same = pids.length === before.size && pids.every(pid => before.has(pid));
    if (same) return;
    const { birthOf, lives } = this.#options;
    const now = new Map(pids.map(pid => [pid, before.get(pid) ?? birthOf(pid)]));
    this.#watched = now;
    if (!lives.current) return;
    const gone = [...before].filter(([pid]) => !now.has(pid));
    if (gone.length > 0) this.#do(lives.current.request('watch.remove', { names: gone.map(nameOf) }));
    this.#add(
      lives.current,
      [...now].filter(([pid]) => !before.has(pid)),
    );
  }

  #add(native: Native, added: readonly (readonly [number, string])[]): void {
    // One without a birth has ended already.
    const there = added.filter(([, born]) => born !== '');
    if (there.length < added.length) this.#options.onDied();
    if (there.length === 0) return;
    const processes = there.map(([pid, born]) => ({ name: nameOf([pid, born]), process: { pid, born } }));
    this.#do(
      native.request('watch.add', { processes }).then(({ gone }) => {
        if (gone.length > 0) this.#options.onDied();
      }),
    );
  }

  #do(asked: Promise<unknown>): void {
    asked.catch((error: unknown) => this.#options.log(`processes are looked at only: ${wordsOf(error)}`));
  }
}

function nameOf([pid, born]: readonly [number, string]): string {
  return `${pid} ${born}`;
}
