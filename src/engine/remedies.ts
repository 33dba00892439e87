/** What healing goes back to and goes on with: snapshots of agents' trees, other models and providers. */
import { Snapshots } from '../cells/snapshots.ts';
import type { Supervisor } from '../cells/supervisor/supervisor.ts';
import { Swaps } from '../cells/swaps.ts';
import type { Guard, Worktrees } from '../cells/worktrees.ts';
import type { Driver } from '../drivers/types.ts';
import type { HealingConfig } from '../model/healing.ts';
import type { Cells } from './cells/cells.ts';
import type { Core } from './core.ts';

interface Given {
  readonly cells: Cells;
  readonly core: Core;
  readonly env: NodeJS.ProcessEnv;
  readonly worktrees: Worktrees;
  /** Of calls of git. */
  readonly guard: Guard;
  healingOf(agent: string): HealingConfig | undefined;
  driverOf(agent: string): Driver | undefined;
  /** It is made after these. */
  supervisor(): Supervisor;
}

export function remediesOn({ cells, core, env, worktrees, guard, healingOf, driverOf, supervisor }: Given): {
  readonly snapshots: Snapshots;
  readonly swaps: Swaps;
} {
  const snapshots = cells.raise<Snapshots>({
    name: 'snapshots',
    aside: { lastGood: () => undefined },
    build: world =>
      new Snapshots(world, {
        env,
        everyMs: agent => healingOf(agent)?.snapshots ?? 0,
        inTurn: work => worktrees.inTurn(() => guard(work)),
      }),
  });
  const swaps = cells.raise<Swaps>({
    name: 'swaps',
    // Without it an agent starts as the fleet file says.
    aside: { inForce: () => undefined, next: () => undefined },
    build: world =>
      new Swaps(world, {
        alternatives: agent => healingOf(agent)?.swap ?? [],
        resumes: agent =>
          driverOf(agent)?.resumes === true && (core.state.agents[agent]?.conversation ?? '') !== '',
        renew: (agent, how) => supervisor().renew(agent, how),
      }),
    resume: cell => cell.takeCharge(),
  });
  return { snapshots, swaps };
}
