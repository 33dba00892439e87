/** One way to notice that something is wrong. Detectors see every signal after the picture has taken it in. */
import type { HealingConfig } from '../model/healing.ts';
import type { Millis } from '../model/ids.ts';
import type { EwmaState } from './detect/ewma.ts';
import type { Picture } from './picture.ts';
import type { Anomaly, Signal } from './types.ts';

/** What a detector looks at. */
export interface Look {
  readonly picture: Picture;
  readonly config: HealingConfig;
  readonly now: Millis;
  /**
   * How far our own clock can be trusted: 1 when this process keeps up, larger the more it lags (Lifeguard's local
   * health multiplier). Every timeout is multiplied by it.
   */
  readonly lag: number;
  /** Something stood out at the last signal: what is seen now is not what is usual. */
  readonly troubled: boolean;
}

export interface Detector {
  readonly name: string;
  see(signal: Signal, look: Look): Anomaly | undefined;
  /** When it may see something though nothing is told; Infinity for never. */
  nextLook(look: Look): Millis;
  /** A pause so long is nothing unusual for this agent, ms. */
  pauseMs?(): Millis;
  /** What it has learnt of this agent, for whoever takes over. */
  usual?(): Readonly<Record<string, EwmaState>>;
}

export const NO_WAIT: Anomaly['waitFor'] = {};
