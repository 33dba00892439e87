/** What stands in the world's queue. */
import type { StrategyName } from '../../model/healing.ts';
import type { Millis } from '../../model/ids.ts';
import type { Signal } from '../types.ts';
import type { Condition, SimulatedAgent, Turn } from './agent.ts';

/** What a fault is for all whom it hits. */
export type Hit = Pick<Condition, 'model' | 'number' | 'event' | 'era' | 'sign' | 'until'> & {
  /** It shows its sign for so long, ms. */
  readonly announced: Millis;
};

export type Happening =
  | { readonly is: 'fault'; readonly agent: SimulatedAgent; readonly number: number }
  | Turn
  | { readonly is: 'up'; readonly agent: SimulatedAgent }
  | { readonly is: 'again'; readonly agent: SimulatedAgent; readonly epoch: number }
  | { readonly is: 'reach'; readonly agent: SimulatedAgent; readonly hit: Hit }
  | {
      readonly is: 'leave' | 'effect';
      readonly agent: SimulatedAgent;
      readonly epoch: number;
      readonly strategy: StrategyName;
    }
  | { readonly is: 'holds' | 'over' | 'round'; readonly agent: SimulatedAgent; readonly condition: Condition }
  | {
      readonly is: 'person';
      readonly agent: SimulatedAgent;
      readonly condition: Condition | undefined;
    }
  | { readonly is: 'tell'; readonly agent: SimulatedAgent; readonly signal: Signal };
