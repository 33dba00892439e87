/** What the healer is given of the world: panes, processes, the gate, and ways to look at what agents depend on. */

import { cellActor, type World } from '../cells/cell.ts';
import type { Freezer } from '../cells/freezer/freezer.ts';
import type { HealedAgent, HealerBreakers } from '../cells/healer/healed.ts';
import { Healer } from '../cells/healer/healer.ts';
import { probe } from '../cells/healer/probe.ts';
import { Turns } from '../cells/healer/turns.ts';
import type { Snapshots } from '../cells/snapshots.ts';
import type { Supervisor } from '../cells/supervisor/supervisor.ts';
import type { Swaps } from '../cells/swaps.ts';
import type { Driver } from '../drivers/types.ts';
import { withdraw } from '../gate/holds.ts';
import type { Action } from '../model/action.ts';
import type { AgentId, RequestId } from '../model/ids.ts';
import { openFiles } from '../processes/files.ts';
import type { FleetTrees } from '../processes/fleet-trees.ts';
import { readsTerminal } from '../processes/terminal.ts';
import type { TmuxServer } from '../tmux/types.ts';
import type { Core } from './core.ts';

interface Given {
  readonly core: Core;
  /** The healer's own. */
  readonly world: World;
  readonly tmux: TmuxServer;
  readonly env: NodeJS.ProcessEnv;
  readonly agents: readonly HealedAgent[];
  readonly supervisor: Supervisor;
  readonly freezer: Freezer;
  readonly trees: FleetTrees;
  readonly snapshots: Snapshots;
  readonly swaps: Swaps;
  readonly ttlMs: number;
  driverOf(agent: string): Driver | undefined;
  ask(agent: AgentId, cell: string, action: Action, ttlMs: number): RequestId;
  lag(): number;
  readonly breakers: HealerBreakers;
}

/** Probes under way at once, of the whole fleet. */
const PROBES_AT_ONCE = 32;

const ACTOR = cellActor('healer');

export function healerOn(given: Given): Healer {
  // Who is late itself gives others as much longer.
  const patient = <M extends { readonly timeout: number }>(means: M): M => ({
    ...means,
    timeout: Math.round(means.timeout * given.lag()),
  });
  const { core, world, tmux, env, supervisor, freezer, trees } = given;
  const turns = new Turns(PROBES_AT_ONCE);
  return new Healer(world, {
    agents: given.agents,
    ttlMs: given.ttlMs,
    driverOf: given.driverOf,
    lag: given.lag,
    breakers: given.breakers,
    ask: (agent, action, ttlMs) => given.ask(agent, 'healer', action, ttlMs),
    withdraw: (request, reason) => {
      const drafts = withdraw(core.state, request, reason);
      if (drafts.length > 0) core.emit(...drafts);
    },
    forgive: (agent, actor, reason) => supervisor.forgive(agent, actor, reason),
    renew: (agent, renewal) => supervisor.renew(agent, renewal),
    unblock: agent => supervisor.unblock(agent),
    giveUp: (agent, reason) => supervisor.giveUp(agent, reason),
    snapshotOf: (agent, before) => given.snapshots.lastGood(agent, before)?.number,
    expectSnapshot: (agent, snapshot) => given.snapshots.expect(agent, snapshot),
    restore: (agent, snapshot, incident) => given.snapshots.restore(agent, snapshot, ACTOR, incident),
    nextSwap: agent => given.swaps.next(agent),
    swap: (agent, to, { fault, incident, until }) =>
      given.swaps.swap(agent, to, { actor: ACTOR, detail: fault, incident, ...(until && { until }) }),
    screens: panes => tmux.screens(panes),
    openFiles: agents => {
      if (agents.length === 0) return new Map();
      const looked = trees.look();
      const counted = agents.map(agent => [agent, openFiles(looked.get(agent) ?? [])] as const);
      return new Map(counted.flatMap(([agent, files]) => (files === undefined ? [] : [[agent, files]])));
    },
    sendBytes: (pane, bytes) => tmux.sendBytes(pane, bytes),
    freeze: async agents => void (await freezer.freeze(agents, ACTOR)),
    thaw: async agents => void (await freezer.thaw(agents, ACTOR)),
    look: ({ cwd, config }, means) =>
      turns.take(() => probe(patient(means), { cwd, env: { ...env, ...config.env }, now: () => core.now() })),
    reads: agents => {
      const looked = trees.look();
      return new Map(agents.map(agent => [agent, readsTerminal(looked.get(agent) ?? [])]));
    },
  });
}
