/** What can be done to an agent, as its driver, its settings and the moment allow. */
import type { Abilities, Refusal } from '../../healing/strategy.ts';
import type { StrategyName } from '../../model/healing.ts';
import type { AgentState } from '../../model/state.ts';
import type { HealedAgent } from './healed.ts';

interface Moment {
  /** Its file has words for it. */
  save(): boolean;
  state(): AgentState | undefined;
  /** Names of agents it needs. */
  needs(): readonly string[];
  /** Agents that could be frozen for it. */
  lesser(): readonly string[];
  /** There is a snapshot of its own tree to go back to. */
  restore(): boolean;
  /** Another model or provider is left to try. */
  swap(): boolean;
  /** Its breaker lets nobody try it. */
  refuses(strategy: StrategyName): Refusal | undefined;
}

/** Asked anew each time: a conversation begins, an agent becomes frozen. */
export function abilitiesOf({ driver }: HealedAgent, moment: Moment): Abilities {
  return {
    get save() {
      return moment.save();
    },
    nudge: driver.keys?.nudge !== undefined,
    interrupt: driver.keys?.interrupt !== undefined,
    get resume() {
      const { conversation = '', resuming = '' } = moment.state() ?? {};
      return driver.resumes && conversation !== '' && resuming !== conversation;
    },
    get restore() {
      return moment.restore();
    },
    get swap() {
      return moment.swap();
    },
    get dependencies() {
      return new Set(moment.needs());
    },
    get shed() {
      return moment.lesser().length > 0;
    },
    refuses: strategy => moment.refuses(strategy),
  };
}
