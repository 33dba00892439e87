/**
 * Heals agents whose fleet file asks for it: runs the Loop on what is seen of them and does what it decides. Whether one
 * that ended is to come back is its restart policy's to say; how and when is the Loop's, within the policy's intensity.
 */
import { isDeepStrictEqual } from 'node:util';
import { startsAnew } from '../../healing/healing.ts';
import { HealingLoop, type Told } from '../../healing/loop.ts';
import type { Incident, Signal } from '../../healing/types.ts';
import { HmsError, wordsOf } from '../../model/errors.ts';
import type { Draft, Event } from '../../model/event.ts';
import type { HealingLevel, StrategyName } from '../../model/healing.ts';
import { AgentId, type IncidentId } from '../../model/ids.ts';
import type { AgentState } from '../../model/state.ts';
import { type Cell, cellActor, healthy, subject, type World } from '../cell.ts';
import { Acting } from './acting.ts';
import { answerOf, startAgreed } from './asking.ts';
import { Ends } from './ends.ts';
import type { HealedAgent } from './healed.ts';
import type { HealerOptions } from './options.ts';
import { type Patient, Patients } from './patients.ts';
import { Rounds } from './rounds.ts';
import { Scribe } from './scribe.ts';
import { Sensing } from './sensing.ts';
import { incidentOf } from './telling.ts';
import { lookoutFor } from './watching.ts';

/** Of all agents that are healed, so many percent are acted on at once, and one always (Envoy's default is 10). */
const AT_ONCE_PERCENT = 34;

export class Healer implements Cell {
  readonly name = 'healer';
  readonly #world: World;
  readonly #options: HealerOptions;
  readonly #loop: HealingLoop;
  readonly sensing: Sensing;
  readonly ends: Ends;
  readonly #acting: Acting;
  readonly #scribe: Scribe;
  readonly #patients: Patients;
  readonly #rounds: Rounds;
  /** Agents whose next look may be another one than before. */
  readonly #moved = new Set<string>();
  #stopped = false;

  constructor(world: World, options: HealerOptions) {
    this.#world = world;
    this.#options = options;
    this.#patients = new Patients(world, options);
    this.#scribe = new Scribe(world, options);
    this.#loop = new HealingLoop({
      actuators: { perform: (agent, strategy) => this.#perform(agent, strategy) },
      maxConcurrentPercent: AT_ONCE_PERCENT,
      // One a commit at most, so the place its event will have in the journal names it.
      newId: () => `i-${(world.state.seq + 1).toString(36).padStart(6, '0')}`,
      tell: told => this.#told(told),
    });
    this.#rounds = new Rounds(world, {
      nextLook: (id, now) => this.#loop.nextLook(id, now),
      look: id => {
        // Before its silence is judged.
        this.sensing.lookAtTerminals([id]);
        this.#signal(id, { signal: 'time' });
      },
    });
    this.sensing = new Sensing(world, {
      agents: () => this.#patients.ids(),
      configOf: id => this.#patients.configOf(id),
      screens: options.screens,
      openFiles: options.openFiles,
      reports: id => this.#patients.get(id)?.agent.driver.reports ?? true,
      reads: options.reads,
      signal: (id, signal, at) => this.#signal(id, signal, at),
    });
    this.ends = new Ends(world, {
      isHealed: id => this.#patients.has(id) && !this.#stopped,
      down: id => this.down(id),
      signal: (id, signal) => this.#signal(id, signal, world.now(), true),
    });
    this.#acting = new Acting(world, {
      ...options,
      ask: (agent, action) => options.ask(agent, action, options.ttlMs),
      dependenciesOf: agent => this.#patients.needsOf(agent),
      lesser: agent => this.#patients.lesser(agent),
      savesBy: agent => this.#patients.configOf(agent)?.save,
      onKeys: agent => this.sensing.keys(agent),
      // Also of one that the step has frozen.
      onStep: (agent, ok, words) => this.#signal(agent, { signal: 'step', ok, words }, world.now(), true),
    });
    for (const agent of options.agents) this.#admit(agent);
  }

  /** Goes on where the last engine stopped. To be called when the supervisor has taken charge. */
  takeCharge(): void {
    for (const id of this.#patients.ids()) this.#resume(id);
    this.#acting.takeCharge();
    this.ends.takeCharge();
    this.#scribe.closeForgotten(id => this.#patients.has(id));
  }

  /** The fleet file has changed, by a person's consent. */
  reconfigure(agents: readonly HealedAgent[]): void {
    const healed = new Map(
      agents.filter(({ config }) => config.healing).map(agent => [agent.id as string, agent]),
    );
    for (const id of [...this.#patients.ids()]) if (!healed.has(id)) this.#dismiss(id);
    for (const agent of healed.values()) {
      const before = this.#patients.get(agent.id);
      const level = this.#world.state.agents[agent.id]?.healing?.level;
      const same = isDeepStrictEqual(before?.agent.config, agent.config) && before?.level === level;
      if (same) continue;
      this.#admit(agent);
      if (!before) this.#resume(agent.id);
      else if (this.#stateOf(agent.id)?.alive) this.#patients.get(agent.id)?.lookout.started();
    }
    this.#scribe.closeForgotten(id => this.#patients.has(id));
  }

  /** Throws HmsError `not-healed`. */
  setLevel(id: AgentId, level: HealingLevel, actor: Draft['actor']): void {
    const patient = this.#patients.get(id);
    if (!patient)
      throw new HmsError(
        'not-healed',
        `the fleet file says nothing of how ${id} is healed`,
        'give it "healing: basic" there, and hms reload',
      );
    if (patient.level === level) return;
    const data = { agent: id, level };
    this.#world.emit({ kind: 'healing.changed', actor, subject: subject.agent(id), data });
    this.#enrol({ ...patient, level });
  }

  /**
   * A person says that nothing was wrong: not looked at again for as long as it stays as it is. Throws HmsError
   * `unknown-incident`, or `dead` for an agent that has ended.
   */
  dismiss(id: IncidentId, actor: Draft['actor']): void {
    const { incidents, agents } = this.#world.state;
    const agent = AgentId.safeParse(incidents[id]?.agent).data;
    if (!agent || this.#loop.incidentOf(agent)?.id !== id)
      throw new HmsError('unknown-incident', `healing has no open incident ${id}`, 'hms heal incidents');
    if (!agents[agent]?.alive)
      throw new HmsError('dead', `${agent} has ended`, `hms agent stop ${agent} keeps it from coming back`);
    const data = { incident: id, agent };
    this.#world.emit({ kind: 'incident.dismissed', actor, subject: subject.agent(agent), data });
    this.#loop.answered(agent, this.#world.now(), 'false-alarm');
    this.#rounds.plan(agent);
  }

  /** What does not answer that the agent cannot do without; asked anew. */
  async down(id: string): Promise<readonly string[]> {
    return (await this.#patients.get(id)?.lookout.down()) ?? [];
  }

  /** A breaker keeps back what could be tried for it, or does so no longer. */
  keepBack(id: string, breaker: string, refuses: boolean): void {
    this.#signal(id, { signal: 'breaker', name: breaker, refuses }, undefined, true);
  }

  onEvent(event: Event): void {
    switch (event.kind) {
      case 'agent.started':
      case 'agent.adopted':
        this.#started(event.data.agent, event.kind === 'agent.started' && event.data.resumed !== '');
        break;
      case 'agent.exited':
        this.#exited(event.data.agent, event.data.incarnation);
        break;
      case 'agent.stopped':
        this.#answered(event.data.agent);
        this.#over(event.data.agent);
        break;
      case 'agent.failed':
        if (this.#loop.incidentOf(event.data.agent)?.asked) break;
        this.#letGo(event.data.agent);
        this.#over(event.data.agent);
        break;
      case 'status.changed':
        this.sensing.statusChanged(event.data);
        break;
      case 'usage.reported':
        this.sensing.used(event.data);
        break;
      case 'tool.used':
      case 'gate.effected':
        this.sensing.ran(event);
        break;
      case 'lease.taken':
      case 'lease.released':
        this.sensing.tellDoing(event.data.name.replace(/^keyboard:/, ''));
        break;
      case 'freeze.ordered':
        if (event.actor.id !== this.name) for (const agent of event.data.agents) this.#answered(agent);
        break;
      case 'agent.thawed':
        this.#answered(event.data.agent);
        this.sensing.thawed(event.data.agent);
        break;
      case 'gate.settled':
        this.#settled(event.data.request);
        break;
      case 'tuning.adopted':
      case 'tuning.promoted':
      case 'tuning.reverted':
        for (const patient of this.#patients.retuned()) this.#enrol(patient);
        break;
    }
  }

  /** A person has dealt with it. */
  #answered(agent: string): void {
    this.#loop.answered(agent, this.#world.now());
    this.#rounds.plan(agent);
  }

  healthCheck(): ReturnType<typeof healthy> {
    return healthy(`${[...this.#patients.ids()].length} agents healed`);
  }

  stop(): void {
    this.#stopped = true;
    this.#rounds.stop();
    this.#patients.stop();
  }

  #admit(agent: HealedAgent): void {
    const { healing: config } = agent.config;
    if (!config) return;
    const known = this.#world.state.agents[agent.id]?.healing;
    const level = known?.level ?? config.level;
    this.#patients.get(agent.id)?.lookout.stop();
    const lookout = lookoutFor(this.#world, agent, config, {
      look: this.#options.look,
      probes: this.#options.breakers.probes,
      signal: (id, signal) => this.#signal(id, signal),
      unblock: this.#options.unblock,
    });
    this.#enrol({ agent, config, level, lookout });
  }

  /** What is known of it stays when its level or its settings change. */
  #enrol(patient: Patient): void {
    const { id } = patient.agent;
    const before = this.#loop.healingOf(id);
    this.#patients.put(patient);
    this.#loop.add(id, this.#patients.healingOf(patient, before?.history()));
    if (before && this.#stateOf(id)?.alive) this.#introduce(id, this.#world.now());
  }

  #dismiss(id: string): void {
    const orphaned = this.ends.isHealed(id);
    this.#loop.remove(id, this.#world.now());
    if (orphaned) this.#renew(AgentId.parse(id), false, 'it is healed no longer');
    this.#patients.remove(id);
    this.#rounds.forget(id);
  }

  /** An incident that is open goes on; else the agent is as if it had just been met. */
  #resume(id: string): void {
    const open = Object.values(this.#world.state.incidents).find(
      ({ agent, ladder }) => agent === id && ladder,
    );
    const incident = open && incidentOf(open);
    const state = this.#stateOf(id);
    const now = this.#world.now();
    if (incident) {
      this.#loop.resume(incident);
      this.#acting.resume(incident);
      const last = incident.attempts.at(-1);
      if (last) this.sensing.keys(id, last.at);
    }
    if (state && !state.alive && incident) this.#resumeDead(state, incident);
    if (!state?.alive) return;
    const tried = open?.ladder?.rungs.at(-1)?.incarnation;
    // That it was seen again is no sign of life; that it was started since the last attempt is one.
    const met =
      incident && (tried === undefined || tried >= state.incarnation) ? incident.anomaly.since - 1 : now;
    this.#introduce(id, met);
    this.#patients.get(id)?.lookout.started();
  }

  /** What was to be done about its end was not done, or not to the end. */
  #resumeDead({ id, incarnation, lastExit }: AgentState, { anomaly, attempts }: Incident): void {
    const { since, fault } = anomaly;
    const last = attempts.at(-1);
    this.#signal(id, { signal: 'started', incarnation, resumed: false }, since - 1);
    const ended = { clean: false, lost: fault === 'lost', words: lastExit } as const;
    this.#signal(id, { signal: 'exited', incarnation, ...ended }, since, true);
    if (last && !last.result && startsAnew(last.response))
      this.#signal(id, { signal: 'step', ok: false, words: 'the engine ended before it was done' });
  }

  #introduce(id: string, at: number): void {
    const state = this.#stateOf(id);
    if (!state) return;
    const { incarnation, resuming } = state;
    this.#signal(id, { signal: 'started', incarnation, resumed: resuming !== '' }, at);
    this.sensing.tellAgain(id, at);
    const needed = this.#patients.needsOf(id).filter(need => !this.#stateOf(need)?.alive);
    for (const name of [...needed, ...Object.keys(state.healing?.down ?? {})])
      this.#signal(id, { signal: 'dependency', name, up: false }, at);
    for (const name of this.#options.breakers.keepsBack(id))
      this.#signal(id, { signal: 'breaker', name, refuses: true }, at);
  }

  #started(id: string, resumed: boolean): void {
    const patient = this.#patients.get(id);
    const state = this.#stateOf(id);
    if (state) this.#dependants(id, true);
    this.#patients.hint();
    if (!patient || !state?.alive) return;
    this.sensing.forget(id);
    this.#signal(id, { signal: 'started', incarnation: state.incarnation, resumed });
    this.sensing.tellAgain(id);
    patient.lookout.started();
  }

  /** One that is to come back is told of by `ends`, or was ended by an attempt whose start is to show its worth. */
  #exited(id: string, run: number): void {
    this.#dependants(id, false);
    if (this.ends.took(id, run)) return;
    const state = this.#stateOf(id);
    if (!this.#patients.has(id) || !state || state.alive) return;
    if (['healing', 'starting', 'blocked'].includes(state.status)) return;
    this.#over(id);
    if (this.#loop.incidentOf(id)?.attempts.length === 0) this.#letGo(id);
  }

  /** It has ended and is not to come back by itself. */
  #over(id: string): void {
    const state = this.#stateOf(id);
    if (!state || state.alive) return;
    const { incarnation, lastExit: words } = state;
    this.#signal(id, { signal: 'exited', incarnation, clean: true, lost: false, words }, undefined, true);
  }

  /** Agents that need it know whether it is there. */
  #dependants(id: string, up: boolean): void {
    for (const { agent } of this.#patients.all())
      if (agent.config.needs.some(need => need === id))
        this.#signal(agent.id, { signal: 'dependency', name: id, up });
  }

  /** Whoever has given it up asks a person already. */
  #letGo(id: string): void {
    const healing = this.#loop.healingOf(id);
    if (!healing) return;
    this.#loop.remove(id, this.#world.now());
    this.#loop.add(id, healing);
    this.#rounds.plan(id);
  }

  #settled(id: string): void {
    const request = answerOf(this.#world.state, id);
    if (!request) return;
    this.#acting.settled(request);
    const agent = startAgreed(request);
    if (!agent) return;
    const reason = 'a person approved another start';
    this.#answered(agent);
    this.#options.forgive(agent, cellActor(this.name), reason);
    this.#renew(agent, true, reason);
  }

  #renew(agent: AgentId, afresh: boolean, reason: string): void {
    this.#options
      .renew(agent, { afresh, reason })
      .catch((error: unknown) => this.#world.log(`${agent} is not started: ${wordsOf(error)}`));
  }

  #perform(id: string, strategy: StrategyName): void {
    const incident = this.#loop.incidentOf(id);
    if (incident) this.#acting.perform(incident, strategy);
  }

  /** What is frozen is not judged. */
  #signal(id: string, signal: Signal, at = this.#world.now(), always = false): void {
    if (this.#stopped || !this.#patients.has(id)) return;
    if (!always && this.#stateOf(id)?.freeze) return;
    this.#moved.add(id);
    this.#loop.signal(id, signal, at);
    for (const moved of this.#moved) this.#rounds.plan(moved);
    this.#moved.clear();
  }

  #told(told: Told): void {
    const incident = told.told === 'closed' ? told.closed.incident : told.incident;
    this.#moved.add(incident.agent);
    this.#scribe.write(told, this.#patients.get(incident.agent)?.level ?? 'basic');
    if (told.told === 'closed') this.#acting.over(incident.id);
    if (told.told === 'waiting') this.ends.waits(told);
    if (told.told === 'asked' && this.#stateOf(incident.agent)?.alive === false)
      this.#options.giveUp(AgentId.parse(incident.agent), told.words);
  }

  #stateOf(id: string): AgentState | undefined {
    return this.#world.state.agents[id];
  }
}
