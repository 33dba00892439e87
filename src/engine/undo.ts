/** Taking back what healing did about an incident, where its strategies say that something can. */
import type { Freezer } from '../cells/freezer/freezer.ts';
import type { Snapshots } from '../cells/snapshots.ts';
import type { Supervisor } from '../cells/supervisor/supervisor.ts';
import type { Swaps } from '../cells/swaps.ts';
import { STRATEGIES } from '../healing/strategy.ts';
import { HmsError } from '../model/errors.ts';
import type { Draft } from '../model/event.ts';
import { AgentId, type IncidentId } from '../model/ids.ts';
import { stillShed } from '../model/incident-state.ts';
import type { Core } from './core.ts';

export interface UndoDesk {
  readonly core: Core;
  readonly supervisor: Pick<Supervisor, 'restart'>;
  readonly freezer: Pick<Freezer, 'thaw'>;
  readonly snapshots: Pick<Snapshots, 'expect' | 'restore'>;
  readonly swaps: Pick<Swaps, 'back'>;
}

/** What was taken back, in words. Throws HmsError `unknown-incident`, `nothing-to-undo`. */
export async function undo(
  desk: UndoDesk,
  id: IncidentId,
  actor: Draft['actor'],
): Promise<{ readonly undone: readonly string[] }> {
  const { state } = desk.core;
  const incident = state.incidents[id] ?? state.healed.find(one => one.id === id);
  const agent = AgentId.safeParse(incident?.agent).data;
  if (!incident || !agent)
    throw new HmsError('unknown-incident', `there is no incident ${id}`, 'hms heal incidents lists them');
  const tried = new Set(incident.ladder?.rungs.map(({ strategy }) => strategy));
  const { freeze, healing, snapshots = [] } = state.agents[agent] ?? {};
  const before = snapshots.find(one => one.incident === id && one.is === 'before');
  const frozen = [
    ...stillShed(state, incident),
    ...(tried.has('isolate') && freeze?.by === 'healer' ? [agent] : []),
  ];
  const undone: string[] = [];
  if (frozen.length > 0) {
    await desk.freezer.thaw(frozen, actor);
    undone.push(`${frozen.join(', ')} goes on`);
  }
  if (healing?.swapped?.incident === id) {
    desk.swaps.back(agent, { actor, detail: `${id} was taken back` });
    undone.push(`${agent} has its own model and provider again, from its next start on`);
  }
  if (before) undone.push(await bringBack(desk, agent, before.number, actor));
  if (undone.length > 0) return { undone };
  const words = [...tried].map(name => `${name}: ${STRATEGIES[name].undo}`);
  throw new HmsError('nothing-to-undo', `nothing of ${id} can be taken back`, words.join('; '));
}

/** One that runs is ended for it and started again: nothing may work in its tree meanwhile. */
export async function bringBack(
  { core, supervisor, snapshots }: UndoDesk,
  agent: AgentId,
  snapshot: number,
  actor: Draft['actor'],
): Promise<string> {
  await snapshots.expect(agent, snapshot);
  const restore = () => snapshots.restore(agent, snapshot, actor);
  if (core.state.agents[agent]?.alive) {
    const reason = `${actor.id} brings its files back to snapshot ${snapshot}`;
    await supervisor.restart(agent, actor, reason, restore);
  } else await restore();
  return `the files of ${agent} are those of snapshot ${snapshot}`;
}
