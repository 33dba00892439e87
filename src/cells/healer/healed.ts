/** An agent as the healer knows it. */
import type { Driver } from '../../drivers/types.ts';
import type { LoadedAgent } from '../../fleet/types.ts';
import type { Refusal } from '../../healing/strategy.ts';
import type { StrategyName } from '../../model/healing.ts';
import type { Looked } from './probe.ts';

/** The fleet's breakers, as the healer asks them. */
export interface HealerBreakers {
  /** Names of those that keep back whatever could be tried for an agent. */
  keepsBack(agent: string): readonly string[];
  readonly strategies: { refuses(strategy: StrategyName): Refusal | undefined };
  readonly probes: {
    mayLook(agent: string, probe: string): boolean;
    /** Whether what was seen says something of the agent. */
    tells(agent: string, probe: string, looked: Looked): boolean;
  };
}

export interface HealedAgent extends LoadedAgent {
  readonly driver: Driver;
}
