/** What decides in a simulated world: the shipped Loop, or what others do by default. */
import type { StrategyName } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import type { Random } from '../random.ts';
import type { Signal } from '../types.ts';

/** What a policy can do. */
export interface Hands {
  perform(agent: string, strategy: StrategyName): void;
  /** Calls a person, who comes after a while and cures it. */
  ask(agent: string): void;
}

export interface Policy {
  /** Takes in what a sensor tells; when to look at this agent next, though nothing is told. */
  signal(agent: string, signal: Signal, now: Millis): Millis;
  /** It is at work on this agent, for everybody to see: a person who looks round leaves it to it. */
  handles(agent: string): boolean;
  /** A person who was called has come, and found it to be nothing or dealt with it. */
  answered?(agent: string, nothing: boolean, now: Millis): void;
}

/** @param random the policy's own chance */
export type MakePolicy = (hands: Hands, agents: readonly string[], random: Random) => Policy;
