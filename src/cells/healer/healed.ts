/** An agent as the healer knows it. */
import type { Driver } from '../../drivers/types.ts';
import type { LoadedAgent } from '../../fleet/types.ts';

export interface HealedAgent extends LoadedAgent {
  readonly driver: Driver;
}
