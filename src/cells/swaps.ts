/**
 * Which model or provider agents run with when it is not their own: taken from the state, so that every engine starts
 * them with it, and taken back when the time has passed that a limit was to last.
 */

import type { CellHealth } from '../model/cell.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { Draft, Event } from '../model/event.ts';
import { AgentId, IncidentId, type Millis } from '../model/ids.ts';
import type { AgentState } from '../model/state.ts';
import { type Alternative, alternativeName, type SwapState } from '../model/swap.ts';
import { plural } from '../model/text.ts';
import { type Cell, cellActor, healthy, subject, type World } from './cell.ts';

/** Where no provider has said when its limit is over, ms. */
const USUALLY_MS = 3_600_000;

interface SwapsOptions {
  /** As the fleet file in force has them, the first choice first. */
  alternatives(agent: string): readonly Alternative[];
  /** It can be started anew without losing what it is about. */
  resumes(agent: string): boolean;
  renew(agent: AgentId, how: { readonly afresh: false; readonly reason: string }): Promise<void>;
}

export class Swaps implements Cell {
  readonly name = 'swaps';
  readonly #world: World;
  readonly #options: SwapsOptions;
  readonly #timers = new Map<string, () => void>();

  constructor(world: World, options: SwapsOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** What its next start is made with instead of its own; one the fleet file no longer has is none. */
  inForce(agent: string): Alternative | undefined {
    const to = this.#swapped(agent)?.to;
    return this.#options.alternatives(agent).find(one => alternativeName(one) === to);
  }

  /** The name of the one to try after that in force. */
  next(agent: string): string | undefined {
    const names = this.#options.alternatives(agent).map(alternativeName);
    return names[names.indexOf(this.#swapped(agent)?.to ?? '') + 1];
  }

  /**
   * From its next start on.
   *
   * @param until when its own is taken again; 0 for when a person says so; where nobody knows how long it lasts, an hour
   * @throws HmsError `unknown-swap`, `not-healed`
   */
  swap(
    agent: AgentId,
    to: string,
    { until, ...more }: Pick<Event, 'actor'> & Reason & { until?: Millis },
  ): void {
    const names = this.#options.alternatives(agent).map(alternativeName);
    if (!names.includes(to))
      throw new HmsError(
        'unknown-swap',
        `${agent} has no alternative called ${to}`,
        names.length > 0 ? `it has ${names.join(', ')}` : 'healing: { swap: [{ model: … }] } names one',
      );
    const now = this.#world.now();
    const known = until === 0 || (until ?? 0) > now;
    this.#emit(agent, to, Math.round(known ? (until ?? 0) : now + USUALLY_MS), more);
    this.#await(agent);
  }

  /** Its own again, from its next start on. Throws HmsError `not-swapped`. */
  back(agent: AgentId, more: Pick<Event, 'actor'> & Reason): void {
    if (!this.#swapped(agent))
      throw new HmsError('not-swapped', `${agent} has its own model and provider already`);
    this.#emit(agent, '', 0, more);
    this.#timers.get(agent)?.();
  }

  takeCharge(): void {
    for (const id of Object.keys(this.#world.state.agents)) this.#await(AgentId.parse(id));
  }

  onEvent(event: Event): void {
    if (event.kind === 'status.changed' || event.kind === 'agent.exited') this.#await(event.data.agent);
  }

  healthCheck(): CellHealth {
    return healthy(`${plural(this.#timers.size, 'agent')} to be swapped back`);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
  }

  /** Once its time has passed: as soon as it rests, so that nothing it is at is lost. */
  #await(agent: AgentId): void {
    this.#timers.get(agent)?.();
    const until = this.#swapped(agent)?.until ?? 0;
    if (until === 0) return;
    const left = until - this.#world.now();
    if (left > 0)
      this.#timers.set(
        agent,
        this.#world.after(left, () => this.#await(agent)),
      );
    else if (this.#rests(agent)) this.#overdue(agent);
  }

  #overdue(agent: AgentId): void {
    const detail = 'the time it was for has passed';
    this.back(agent, { actor: cellActor(this.name), detail });
    if (!this.#stateOf(agent)?.alive || !this.#options.resumes(agent)) return;
    this.#options
      .renew(agent, { afresh: false, reason: 'its own model and provider again' })
      .catch((error: unknown) => this.#world.log(`${agent} is not started with its own: ${wordsOf(error)}`));
  }

  #rests(agent: string): boolean {
    const state = this.#stateOf(agent);
    if (!state || state.freeze || this.#world.state.leases[`keyboard:${agent}`]) return false;
    return !state.alive || state.status === 'idle';
  }

  #emit(
    agent: AgentId,
    to: string,
    until: number,
    { actor, detail, incident }: Pick<Event, 'actor'> & Reason,
  ): void {
    if (!this.#stateOf(agent)?.healing)
      throw new HmsError('not-healed', `the fleet file says nothing of how ${agent} is healed`);
    const data = { agent, to, until, detail, ...(incident && { incident: IncidentId.parse(incident) }) };
    const draft: Draft = { kind: 'provider.swapped', actor, subject: subject.agent(agent), data };
    this.#world.emit(draft);
  }

  #swapped(agent: string): SwapState | undefined {
    return this.#stateOf(agent)?.healing?.swapped;
  }

  #stateOf(agent: string): AgentState | undefined {
    return this.#world.state.agents[agent];
  }
}

interface Reason {
  readonly detail: string;
  readonly incident?: string;
}
