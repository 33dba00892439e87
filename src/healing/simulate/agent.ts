/** One simulated agent: what is really the matter with it, and what that costs. Times in ms of the world's clock. */
import type { StrategyName } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import type { FaultModel } from './catalogue.ts';

/** Work is saved (committed) each time it has done so much, ms. */
const SAVED_EVERY_MS = 300_000;

/** A fault an agent has now. */
export interface Condition {
  /** Which of the world's faults: names its random numbers. */
  readonly number: number;
  readonly model: FaultModel;
  /** 0 before the shift, 1 after it. */
  readonly era: 0 | 1;
  readonly since: Millis;
  firstAct: Millis | undefined;
  asked: boolean;
  tries: number;
}

export class SimulatedAgent {
  readonly name: string;
  readonly index: number;
  /** Typical time between two lines it prints, ms. */
  readonly pace: Millis;
  alive = true;
  waiting = false;
  incarnation = 1;
  condition: Condition | undefined;
  rss = 200;
  /** When the policy wants to look next. */
  lookAt: Millis = Number.POSITIVE_INFINITY;
  /** Events that were planned for an earlier state of it are passed over. */
  epoch = 0;
  #rate = 1;
  #since: Millis = 0;
  #worked = 0;
  downMs = 0;
  lostMs = 0;

  constructor(index: number, pace: Millis) {
    this.index = index;
    this.name = `a${index}`;
    this.pace = pace;
  }

  /** From now on it does this share of its work; waiting for a person counts as doing it all. */
  setRate(rate: number, now: Millis): void {
    const span = now - this.#since;
    this.#worked += span * this.#rate;
    this.downMs += span * (1 - this.#rate);
    this.#rate = rate;
    this.#since = now;
  }

  /** Throws away this share of what was not saved yet; more than 1 for saved work that is undone. */
  lose(share: number): void {
    const inHand = this.#worked % SAVED_EVERY_MS;
    this.lostMs += inHand * share;
    this.#worked -= inHand * Math.min(1, share);
  }
}

/** How long it takes until an act shows an effect, ms. */
export const EFFECT_MS: Readonly<Record<StrategyName, Millis>> = {
  wait: 0,
  nudge: 300,
  interrupt: 500,
  resume: 1200,
  restart: 800,
  restore: 2000,
  'restart-dependency': 3000,
  swap: 1500,
  shed: 200,
  isolate: 100,
};
