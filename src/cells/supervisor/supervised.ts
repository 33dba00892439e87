/** What the supervisor is given: the agents, and its ways into the world. */
import type { Driver, StartPlan } from '../../drivers/types.ts';
import type { Ending } from '../../healing/restart.ts';
import type { AgentConfig } from '../../model/fleet.ts';
import type { GroupConfig } from '../../model/group.ts';
import type { AgentId } from '../../model/ids.ts';
import type { TmuxServer } from '../../tmux/types.ts';

export interface SupervisedAgent {
  readonly id: AgentId;
  readonly config: AgentConfig;
  readonly driver: Driver;
  /** Absolute, checked when the fleet file was read. */
  readonly cwd: string;
}

export interface SupervisorOptions {
  readonly agents: readonly SupervisedAgent[];
  readonly tmux: TmuxServer;
  /** Environment every agent of ours gets besides its own: sockets and token. */
  environment(agent: AgentId, incarnation: number): Readonly<Record<string, string>>;
  /** Makes its working folder ready and says which it is. */
  place(agent: SupervisedAgent): Promise<string>;
  plan(agent: SupervisedAgent, conversation: string): StartPlan;
  /** undefined when the program can be run, else why not and what to do. */
  missing(
    argv: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string>>,
  ): { readonly reason: string; readonly hint: string } | undefined;
  /** The shell command that records what a new incarnation prints; undefined when nothing does. */
  tap(agent: AgentId, incarnation: number): string | undefined;
  birthOf(pid: number): string;
  /** Ends a process of an earlier incarnation that outlived its pane. */
  reap(pid: number, born: string): Promise<void>;
  /** Ends everything of an agent that is frozen: what is stopped cannot end by itself, and must not go on to do it. */
  killFrozen(agent: AgentId): void;
  /** Why it would be started in vain just now, asked right before a start: `needs db, which does not answer`; or ''. */
  keptBack(agent: SupervisedAgent): Promise<string>;
  /** It ended and is to come back: whether healing sees to that from now on. */
  heal(agent: AgentId, ending: Ending): boolean;
  /** It is dead, and healing decides when it is started. */
  isHealed(agent: AgentId): boolean;
  /** Asks the people whether a failed agent may be started again. */
  askRestart(agent: AgentId, reason: string, group?: string): void;
  /** Agents that are restarted together, as the fleet file in force has them. */
  groups(): Readonly<Record<string, GroupConfig>>;
}
