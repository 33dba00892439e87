/** One simulated agent: what is really the matter with it. Times in ms of the world's clock. */
import type { StrategyName } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import { type Random, randomAt, seeded } from '../random.ts';
import type { FaultModel, Sign, Symptom } from './catalogue.ts';

/** Work is saved (committed, its turn over) each time it has done so much, ms: anything between the two. */
export const SAVED_EVERY_MS = [120_000, 420_000] as const;

/** A fault an agent has now, until it works again. */
export interface Condition {
  /** Which of the world's faults: names its random numbers. */
  readonly number: number;
  /** What hit several agents has one name. */
  readonly event: string;
  readonly model: FaultModel;
  /** 0 before the shift, 1 after it. */
  readonly era: 0 | 1;
  /** When it began to show. */
  readonly since: Millis;
  /** When it takes hold; before that it shows `sign` only, and the agent works. */
  readonly holdsAt: Millis;
  readonly sign: Sign | undefined;
  /** When it goes away by itself; Infinity for never. */
  readonly until: Millis;
  firstAct: Millis | undefined;
  asked: boolean;
  /** The cause is gone, though the agent may still be dead. */
  cured: boolean;
  /** How often each strategy was tried. */
  readonly tries: Partial<Record<StrategyName, number>>;
}

/** It is its turn to live on. */
export interface Turn {
  readonly is: 'turn';
  readonly agent: SimulatedAgent;
}

export class SimulatedAgent {
  readonly name: string;
  readonly index: number;
  /** Its own chance: nobody else's acts change what it draws next. */
  readonly random: Random;
  /** Typical time between two lines it prints, ms. */
  readonly pace: Millis;
  alive = true;
  waiting = false;
  incarnation = 1;
  condition: Condition | undefined;
  /** What of it shows now: nothing while it was started anew and has not met its fault again. */
  symptom: Symptom | undefined;
  /** Counts its starts and acts on it: what was planned for an earlier one is passed over. */
  epoch = 0;
  /** Counts what befell it that has something follow soon: an act, a death. */
  stirred = 0;
  /** Share of its work it does; waiting for a person counts as doing it all. */
  rate = 1;
  rateSince: Millis = 0;
  /** Work that is not saved yet, and what it has to do until it saves again, ms. */
  inHand: Millis = 0;
  unsaved: Millis = 0;
  saves = 0;
  /** When it saves, when a tool of its fails, when it prints next, when sensors and when the policy look at it next. */
  savesAt: Millis = Number.POSITIVE_INFINITY;
  failsAt: Millis = Number.POSITIVE_INFINITY;
  printsAt: Millis = Number.POSITIVE_INFINITY;
  sampledAt: Millis = 0;
  lookAt: Millis = Number.POSITIVE_INFINITY;
  /** When it has its next turn in the world's queue. */
  turnAt: Millis = 0;
  readonly turn: Turn = { is: 'turn', agent: this };
  /** Since when it has no fault and nothing was done to it. */
  calmSince: Millis = 0;

  constructor(index: number, seed: number, pace = 1500 + 2500 * randomAt(seed, index)) {
    this.index = index;
    this.name = `a${index}`;
    this.random = seeded(1 + Math.floor(0x7fff_ffff * randomAt(seed, index, 4)));
    this.pace = pace;
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
  save: 10_000,
};

/** A person's leave for a risky act comes after so long, ms. */
export const LEAVE_MS = 15_000;

/** The strategies as places in tables of random numbers. */
export const STRATEGY_AT = Object.fromEntries(
  Object.keys(EFFECT_MS).map((name, at) => [name, at]),
) as Readonly<Record<string, number>>;
