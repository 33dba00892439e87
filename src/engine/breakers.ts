/** The fleet's breakers, wired to whom they keep back. */
import { Breakers, type BreakersOptions } from '../cells/breakers/breakers.ts';
import type { HealerBreakers } from '../cells/healer/healed.ts';
import type { Healer } from '../cells/healer/healer.ts';
import type { SupervisedAgent } from '../cells/supervisor/supervised.ts';
import type { Supervisor } from '../cells/supervisor/supervisor.ts';
import type { Guard } from '../cells/worktrees.ts';
import { drivers } from '../drivers/index.ts';
import type { Policy } from '../gate/types.ts';
import { type BreakerName, breakerName, kindOf } from '../model/breaker.ts';
import type { BreakerReading } from '../model/breaker-view.ts';
import { HmsError } from '../model/errors.ts';
import type { FleetConfig } from '../model/fleet.ts';
import type { HealingLevel } from '../model/healing.ts';
import { AgentId } from '../model/ids.ts';
import type { FleetState } from '../model/state.ts';
import type { Cells } from './cells/cells.ts';
import type { Core } from './core.ts';

interface Given {
  readonly cells: Cells;
  readonly core: Core;
  config(): FleetConfig;
  healer(): Healer;
  supervisor(): Supervisor;
  tell(readings: readonly BreakerReading[]): void;
}

export function breakersOn({ cells, core, config, healer, supervisor, tell }: Given): Breakers {
  const options: BreakersOptions = {
    config: () => config().breakers,
    isAdaptive: name => isAdaptive(core.state, name),
    providerOf: id => {
      const agent = config().agents[AgentId.parse(id)];
      return agent && drivers[agent.driver].providerOf?.(agent);
    },
    keepBack: (agent, name, on) => {
      if (!core.isIsolated('healer')) healer().keepBack(agent, name, on);
    },
    mayStart: agent => {
      if (!core.isIsolated('supervisor')) supervisor().unblock(agent);
    },
    onCounted: tell,
  };
  return cells.raise({
    name: 'breaker',
    build: world => new Breakers(world, options),
    resume: cell => cell.takeCharge(),
  });
}

/** Those of one agent by its level, all others where any agent's level learns. */
function isAdaptive({ agents }: FleetState, name: BreakerName): boolean {
  const learns = (level: HealingLevel | undefined): boolean => level !== undefined && level !== 'basic';
  const kind = kindOf(name);
  const agent = agents[name.slice(kind.length + 1).split('/')[0] ?? ''];
  if (kind === 'start' || kind === 'probe') return learns(agent?.healing?.level);
  return Object.values(agents).some(({ healing }) => learns(healing?.level));
}

/** Why a start would be in vain; ''. */
export async function keptBack(
  { id, config }: SupervisedAgent,
  core: Pick<Core, 'isIsolated'>,
  healer: Pick<Healer, 'down'>,
  breakers: Breakers,
): Promise<string> {
  const down = config.healing && !core.isIsolated('healer') ? await healer.down(id) : [];
  if (down.length > 0) return `needs ${down.join(', ')}, which ${down.length > 1 ? 'do' : 'does'} not answer`;
  return (core.isIsolated('breaker') ? undefined : breakers.starts.refusal(id)) ?? '';
}

/** As the healer asks them; where their cell stands aside, nothing is kept back. */
export function forHealing(core: Pick<Core, 'isIsolated'>, breakers: Breakers): HealerBreakers {
  const aside = (): boolean => core.isIsolated('breaker');
  return {
    keepsBack: agent => (aside() ? [] : breakers.keepsBack(agent)),
    strategies: { refuses: strategy => (aside() ? undefined : breakers.strategies.refuses(strategy)) },
    probes: {
      mayLook: (agent, probe) => aside() || breakers.probes.mayLook(agent, probe),
      tells: (agent, probe, looked) => aside() || breakers.probes.tells(agent, probe, looked),
    },
  };
}

/** The policy, but that a tool whose breaker is open is forbidden to agents. */
export function withBreakers(policy: Policy, core: Pick<Core, 'isIsolated'>, breakers: Breakers): Policy {
  const { digest, files, rules } = policy;
  return {
    ...{ digest, files, rules },
    decide: question => {
      const { asker, action } = question;
      const why =
        asker.type === 'agent' && !core.isIsolated('breaker')
          ? breakers.providers.toolRefusal(asker.id, action.tool)
          : undefined;
      if (why === undefined) return policy.decide(question);
      return { is: 'forbid', rules: ['breaker'], why: `the tool has failed too often: ${why}` };
    },
  };
}

/** That git refuses something is its answer; that it cannot be run or does not come back is not. */
export function guardGit(core: Pick<Core, 'isIsolated'>, breakers: Breakers): Guard {
  const isFailure = (error: unknown): boolean =>
    error instanceof HmsError && (error.code === 'no-git' || error.code === 'git-timeout');
  return call =>
    core.isIsolated('breaker') ? call() : breakers.call(breakerName('call', 'git'), isFailure, call);
}

/** Of each program and each host its own: `call:notify/ntfy.example`. */
export function guardNotifying(core: Pick<Core, 'isIsolated'>, breakers: Breakers) {
  return (what: string, call: () => Promise<void>): Promise<void> =>
    core.isIsolated('breaker')
      ? call()
      : breakers.call(breakerName('call', `notify/${what}`), () => true, call);
}
