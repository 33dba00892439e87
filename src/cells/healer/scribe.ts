/** Writes down what the Loop tells, and asks the people it wants to be asked. Healing goes on where nothing can be written. */
import type { Told } from '../../healing/loop.ts';
import type { Incident } from '../../healing/types.ts';
import type { Action } from '../../model/action.ts';
import { wordsOf } from '../../model/errors.ts';
import type { HealingLevel } from '../../model/healing.ts';
import { AgentId, IncidentId, RequestId } from '../../model/ids.ts';
import { similarTo } from '../../model/similar-incidents.ts';
import { cellActor, subject, type World } from '../cell.ts';
import { askedAbout, questionOf } from './asking.ts';
import { draftsOf, escalated } from './telling.ts';

export interface ScribeOptions {
  /** Asks the gate; held for so long, 0 for ever. */
  ask(agent: AgentId, action: Action, ttlMs: number): RequestId;
  /** Ends a request that is moot. */
  withdraw(request: RequestId, reason: string): void;
}

export class Scribe {
  readonly #world: World;
  readonly #options: ScribeOptions;

  constructor(world: World, options: ScribeOptions) {
    this.#world = world;
    this.#options = options;
  }

  write(told: Told, level: HealingLevel): void {
    const incident = told.told === 'closed' ? told.closed.incident : told.incident;
    try {
      if (told.told === 'asked') {
        this.#ask(told);
        return;
      }
      // Somebody else has closed it: the agent was removed.
      if (told.told !== 'opened' && !this.#world.state.incidents[incident.id]) return;
      const incarnation = this.#world.state.agents[incident.agent]?.incarnation ?? 0;
      const similar = this.#similarTo(incident, level);
      this.#world.emit(...draftsOf(told, { level, incarnation, now: this.#world.now(), similar }));
      if (told.told !== 'closed') return;
      for (const { id } of askedAbout(this.#world.state, incident.id))
        this.#options.withdraw(RequestId.parse(id), 'the incident is over');
    } catch (error) {
      this.#world.log(`${incident.id} ${told.told}: ${wordsOf(error)}`);
    }
  }

  #similarTo({ id, agent, anomaly }: Incident, level: HealingLevel): readonly IncidentId[] {
    const { healed, agents } = this.#world.state;
    const { fault, since, findings } = anomaly;
    const ladder = { level, since, findings, similar: [], rungs: [], waits: '', asked: '' };
    const driverOf = (name: string): string => agents[name]?.driver ?? '';
    return similarTo({ id, agent, class: fault, ladder }, healed, { driverOf }).map(one =>
      IncidentId.parse(one.id),
    );
  }

  /** Incidents of agents that are not healed any more. */
  closeForgotten(isHealed: (agent: string) => boolean): void {
    for (const { id, agent, at, ladder } of Object.values(this.#world.state.incidents)) {
      if (!ladder || isHealed(agent)) continue;
      const outcome = 'the fleet file no longer says how it is healed';
      const ms = Math.max(0, this.#world.now() - at);
      const data = { incident: IncidentId.parse(id), outcome, ms, result: 'closed' as const };
      const about = { actor: cellActor('healer'), subject: subject.agent(agent) };
      this.#world.emit({ kind: 'incident.closed', ...about, data });
    }
  }

  /** The people are asked once an incident. */
  #ask({ incident, words }: Extract<Told, { told: 'asked' }>): void {
    const agent = AgentId.parse(incident.agent);
    const about = `${incident.anomaly.findings[0]?.words ?? incident.anomaly.fault}; ${words}`;
    const cwd = this.#world.state.agents[agent]?.cwd ?? '/';
    const request = this.#options.ask(agent, questionOf(agent, incident.id, about, cwd), 0);
    this.#world.emit(escalated(incident, request, words));
  }
}
