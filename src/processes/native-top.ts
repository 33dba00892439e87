/** What only the native helper measures of agents' processes: files, storage, and how much the machine stands still. */
import { wordsOf } from '../model/errors.ts';
import type { Deeper, DeeperReading } from '../model/resources.ts';
import type { Native, NativeResult } from './native.ts';
import type { Root } from './tree.ts';

type Sampled = NativeResult<'top.sample'>;

/** From two looks, of which the earlier may be missing: rates are null then, and where the system does not say. */
export function deeperOf(before: Sampled | undefined, now: Sampled): DeeperReading {
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  const earlier = new Map(before?.samples.map(sample => [sample.name, sample]));
  const agents: Record<string, Deeper> = {};
  for (const { name, fds, read_bytes, write_bytes } of now.samples) {
    const then = earlier.get(name);
    const rate = (from: number | null | undefined, to: number | null): number | null =>
      from == null || to === null || seconds <= 0 ? null : Math.max(0, Math.round((to - from) / seconds));
    agents[name] = {
      fds,
      read: rate(then?.read_bytes, read_bytes),
      written: rate(then?.write_bytes, write_bytes),
    };
  }
  return { agents, stalled: now.pressure };
}

export class NativeTop {
  readonly #lives: { readonly current: Native | undefined };
  readonly #log: (line: string) => void;
  #before: Sampled | undefined;
  #latest: DeeperReading | undefined;
  #asking = false;

  constructor(lives: { readonly current: Native | undefined }, log: (line: string) => void) {
    this.#lives = lives;
    this.#log = log;
  }

  /** What was measured last; undefined while there is no helper. Asks for the next. */
  look(roots: readonly Root[]): DeeperReading | undefined {
    const native = this.#lives.current;
    if (!native) {
      this.#before = undefined;
      this.#latest = undefined;
    } else if (!this.#asking) void this.#ask(native, roots);
    return this.#latest;
  }

  async #ask(native: Native, roots: readonly Root[]): Promise<void> {
    this.#asking = true;
    try {
      const named = roots
        .filter(({ pid, born }) => pid > 0 && born !== '')
        .map(({ agent, pid, born }) => ({ name: agent, process: { pid, born } }));
      const now = await native.request('top.sample', { roots: named });
      this.#latest = deeperOf(this.#before, now);
      this.#before = now;
    } catch (error) {
      this.#latest = undefined;
      this.#log(`files and storage are not measured: ${wordsOf(error)}`);
    } finally {
      this.#asking = false;
    }
  }
}
