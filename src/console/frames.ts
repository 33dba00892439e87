/**
 * When to draw: at once for the first change, then at most once per `gapMs`, and always once more after the last one.
 * Nothing is drawn while nothing changes.
 */
interface FrameTimer {
  now(): number;
  /** Calls back after `ms`; returns the function that cancels it. */
  after(ms: number, run: () => void): () => void;
}

export interface Frames {
  /** Something that shows has changed. */
  request(gapMs: number): void;
  stop(): void;
}

export function frames(timer: FrameTimer, draw: () => void): Frames {
  let last = Number.NEGATIVE_INFINITY;
  let due = Number.POSITIVE_INFINITY;
  let cancel: (() => void) | undefined;
  let stopped = false;

  function run(): void {
    cancel = undefined;
    due = Number.POSITIVE_INFINITY;
    last = timer.now();
    draw();
  }

  return {
    request(gapMs) {
      const at = Math.max(timer.now(), last + gapMs);
      if (stopped || at >= due) return;
      cancel?.();
      due = at;
      cancel = timer.after(Math.max(0, at - timer.now()), run);
    },
    stop() {
      stopped = true;
      cancel?.();
    },
  };
}
