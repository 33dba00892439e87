/**
 * Incidents of agents: opened when one ends unasked, closed when its next incarnation has lived for a while. Those with
 * a ladder are the healer's to close.
 */
import type { Draft } from '../../model/event.ts';
import { type AgentId, IncidentId } from '../../model/ids.ts';
import type { IncidentState } from '../../model/state.ts';
import { REMOVED, subject, type World } from '../cell.ts';

/** How long a restarted agent must live before its incident counts as recovered, ms. */
const STEADY_MS = 2000;

export class Incidents {
  readonly #world: World;
  readonly #actor: Draft['actor'];
  /** Cancels the wait for an agent to be steady, by agent. */
  readonly #steady = new Map<string, () => void>();

  constructor(world: World, actor: Draft['actor']) {
    this.#world = world;
    this.#actor = actor;
  }

  /** One open incident an agent at most: further trouble belongs to the one that is open. */
  open(agent: AgentId, kind: string, detail: string): void {
    if (this.#openOf(agent).length > 0) return;
    const data = { incident: this.#newId(), agent, class: kind, detail };
    this.#world.emit({ kind: 'incident.opened', actor: this.#actor, subject: subject.agent(agent), data });
  }

  /** Something that went wrong and is over: the agent is not to come back. */
  record(agent: AgentId, kind: string, detail: string): void {
    if (this.#openOf(agent).length > 0) return;
    const incident = this.#newId();
    const about = { actor: this.#actor, subject: subject.agent(agent) };
    const outcome = 'recorded; it is not to come back';
    this.#world.emit(
      { kind: 'incident.opened', ...about, data: { incident, agent, class: kind, detail } },
      { kind: 'incident.closed', ...about, data: { incident, outcome, ms: 0 } },
    );
  }

  /**
   * Closes the agent's incident once this incarnation has lived long enough. What stands still proves nothing: to be
   * called again when it is thawed.
   */
  watch(agent: AgentId, incarnation: number): void {
    if (this.#mineOf(agent).length === 0) return;
    this.unwatch(agent);
    const cancel = this.#world.after(STEADY_MS, () => {
      const state = this.#world.state.agents[agent];
      if (!state?.alive || state.incarnation !== incarnation || state.freeze) return;
      const outcome = `recovered: incarnation ${incarnation} is steady`;
      for (const incident of this.#mineOf(agent)) this.#close(incident, outcome);
    });
    this.#steady.set(agent, cancel);
  }

  /** Nobody will bring those agents back that are not `configured`: their trouble is over. */
  closeRemoved(configured: ReadonlyMap<string, unknown>): void {
    for (const incident of Object.values(this.#world.state.incidents)) {
      if (configured.has(incident.agent)) continue;
      this.unwatch(incident.agent);
      this.#close(incident, REMOVED);
    }
  }

  unwatch(agent: string): void {
    this.#steady.get(agent)?.();
    this.#steady.delete(agent);
  }

  stop(): void {
    for (const cancel of this.#steady.values()) cancel();
  }

  #openOf(agent: string): readonly IncidentState[] {
    return Object.values(this.#world.state.incidents).filter(incident => incident.agent === agent);
  }

  #mineOf(agent: string): readonly IncidentState[] {
    return this.#openOf(agent).filter(({ ladder }) => ladder === undefined);
  }

  #close({ id, agent, at }: IncidentState, outcome: string): void {
    const data = { incident: IncidentId.parse(id), outcome, ms: Math.max(0, this.#world.now() - at) };
    this.#world.emit({ kind: 'incident.closed', actor: this.#actor, subject: subject.agent(agent), data });
  }

  /** One a commit at most, so the place its event will have in the journal names it. */
  #newId(): IncidentId {
    return IncidentId.parse(`i-${(this.#world.state.seq + 1).toString(36).padStart(6, '0')}`);
  }
}
