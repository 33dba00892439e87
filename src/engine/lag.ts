/** How late this process comes to its own work, and so how far its timeouts can be trusted. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { LocalHealth } from '../healing/detect/local-health.ts';

/** Between two samples of the loop's delay, and between two judgements, ms. */
const SAMPLE_MS = 20;
const JUDGE_MS = 1000;

export interface Lag {
  /** What timeouts are multiplied by: 1 while the loop keeps up, 8 at most. */
  readonly multiplier: number;
  /** The longest delay of the last second, ms. */
  readonly lastMs: number;
  stop(): void;
}

export function watchLag(): Lag {
  const health = new LocalHealth();
  const delay = monitorEventLoopDelay({ resolution: SAMPLE_MS });
  let lastMs = 0;
  delay.enable();
  const timer = setInterval(() => {
    lastMs = Math.max(0, delay.max / 1e6 - SAMPLE_MS);
    health.looked(lastMs);
    delay.reset();
  }, JUDGE_MS);
  timer.unref();
  return {
    get multiplier() {
      return health.multiplier;
    },
    get lastMs() {
      return lastMs;
    },
    stop: () => {
      clearInterval(timer);
      delay.disable();
    },
  };
}
