/** What the healer is given: hands, eyes, and who is to be healed. */
import type { Draft } from '../../model/event.ts';
import type { DependencyConfig, ProbeConfig } from '../../model/healing.ts';
import type { AgentId, PaneId } from '../../model/ids.ts';
import type { PaneScreen } from '../../tmux/types.ts';
import type { ActingOptions } from './acting.ts';
import type { HealedAgent, HealerBreakers } from './healed.ts';
import type { Looked } from './probe.ts';
import type { ScribeOptions } from './scribe.ts';

type ByHealer = 'savesBy' | 'onKeys' | 'onStep' | 'lesser' | 'dependenciesOf' | 'renew' | 'ask';

export interface HealerOptions extends Omit<ActingOptions, ByHealer>, ScribeOptions {
  readonly agents: readonly HealedAgent[];
  renew: ActingOptions['renew'];
  forgive(agent: AgentId, actor: Draft['actor'], reason: string): void;
  unblock(agent: AgentId): void;
  /** Nothing is left to try for one that is dead. */
  giveUp(agent: AgentId, reason: string): void;
  look(agent: HealedAgent, means: ProbeConfig | DependencyConfig): Promise<Looked>;
  readonly breakers: HealerBreakers;
  /** Whether one of its processes waits for somebody to type; undefined where that is not known. */
  reads(agents: readonly string[]): ReadonlyMap<string, boolean | undefined>;
  /** How many files these have open, where that is known. */
  openFiles(agents: readonly string[]): ReadonlyMap<string, number>;
  /** What panes show. */
  screens(panes: readonly PaneId[]): Promise<ReadonlyMap<PaneId, PaneScreen>>;
  /** How far our own clock can be trusted, 1 or more. */
  lag(): number;
  /** How long people have to answer. */
  readonly ttlMs: number;
}
