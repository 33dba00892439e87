/**
 * What waits to be recorded while no recorder keeps up with it, and what is said and done about that. A spool without
 * bounds would fill the disk, which would stop the journal, and with it everything.
 */
import { spoolLimit, waitingIn } from './spool.ts';

/** Between two looks, ms: what a pane can print meanwhile is little beside the limit. */
const LOOK_MS = 2000;
/** How long a recorder may be away before it is said, ms: one that was killed is back within a second. */
const ALONE_MS = 15_000;

/** Why recording pauses, as far as it is not the recorder that says so. */
export const FULL =
  'too much waits for the recorder; of some agents nothing more is recorded until it has caught up';
export const ALONE = 'no recorder runs; what is printed waits for it';
export const OURS: readonly string[] = [FULL, ALONE];

export class Backlog {
  #lookedAt = Number.NEGATIVE_INFINITY;
  #aloneSince: number | undefined;
  #full = false;

  /** More waits than may: no new stream may begin. Until half of it is gone. */
  get full(): boolean {
    return this.#full;
  }

  /**
   * Looks, if it is time. `cut`: streams that have more than their share when all together have too much. `why`: a
   * reason for recording to pause, or ''. undefined when it is not time.
   */
  look(
    folder: string,
    maxSize: number,
    hasRecorder: boolean,
    now: number,
  ): { readonly cut: readonly string[]; readonly why: string } | undefined {
    if (now - this.#lookedAt < LOOK_MS) return undefined;
    this.#lookedAt = now;
    this.#aloneSince = hasRecorder ? undefined : (this.#aloneSince ?? now);
    const waiting = [...waitingIn(folder)];
    const total = waiting.reduce((sum, [, bytes]) => sum + bytes, 0);
    const limit = spoolLimit(maxSize);
    this.#full = total > (this.#full ? limit / 2 : limit);
    const share = total > limit ? limit / waiting.length : Number.POSITIVE_INFINITY;
    const isAlone = this.#aloneSince !== undefined && now - this.#aloneSince >= ALONE_MS;
    return {
      cut: waiting.flatMap(([name, bytes]) => (bytes > share ? [name] : [])),
      why: this.#full ? FULL : isAlone && waiting.length > 0 ? ALONE : '',
    };
  }
}
