/**
 * Keeps the fleet's agents running: starts them in order of need, notices deaths, brings them back by their
 * restart policy, asks a person when that is spent. Everything it knows between two events is in the journal, so
 * that a new engine goes on where the last one stopped.
 */

import { decideRestart, type Ending, endingWords } from '../../healing/restart.ts';
import type { CellHealth } from '../../model/cell.ts';
import { HmsError, wordsOf } from '../../model/errors.ts';
import type { Draft, Event } from '../../model/event.ts';
import { AgentId, Digest, type PaneId } from '../../model/ids.ts';
import type { AgentState } from '../../model/state.ts';
import { plural } from '../../model/text.ts';
import type { PaneInfo } from '../../tmux/types.ts';
import { type Cell, cellActor, healthy, subject, type World } from '../cell.ts';
import { isRestartAsked, restartAgreed } from './asking.ts';
import { Delays } from './delays.ts';
import {
  adoptedDraft,
  exitedDraft,
  failedDraft,
  foundDraft,
  gatingDrafts,
  scheduledDraft,
} from './drafts.ts';
import { Groups } from './groups.ts';
import { Incidents } from './incidents.ts';
import { LateStarts } from './late.ts';
import { inOrderOfNeed } from './needs.ts';
import { endingOf, isDue, LOST, newest } from './readings.ts';
import { type Renewal, Renewals } from './renewals.ts';
import { Starts } from './starts.ts';
import type { SupervisedAgent, SupervisorOptions } from './supervised.ts';

export class Supervisor implements Cell {
  readonly name = 'supervisor';
  readonly #world: World;
  readonly #options: SupervisorOptions;
  #agents: ReadonlyMap<string, SupervisedAgent>;
  readonly #starts: Starts;
  readonly #delays: Delays;
  readonly #incidents: Incidents;
  readonly #late: LateStarts;
  readonly #renewals: Renewals;
  readonly #groups: Groups;
  #stopped = false;

  constructor(world: World, options: SupervisorOptions) {
    this.#world = world;
    this.#options = options;
    this.#delays = new Delays(world);
    this.#incidents = new Incidents(world, cellActor(this.name));
    this.#agents = new Map(options.agents.map(agent => [agent.id, agent]));
    this.#late = new LateStarts(world, options.tmux, {
      isConfigured: id => this.#agents.has(id),
      isStarting: id => this.#starts.has(id),
      adopt: pane => this.#adoptLate(pane),
      stop: id => this.stopAgent(AgentId.parse(id), cellActor(this.name)),
    });
    const groups = new Groups(world, {
      agents: () => this.#agents,
      groups: options.groups,
      isStarting: id => this.#starts.has(id),
      cancel: id => this.#delays.cancel(id),
      end: agent => this.#renewals.end(agent),
      start: id => this.#starts.start(id),
      ask: (id, reason, group) => this.#ask(id, reason, group),
    });
    this.#starts = new Starts(world, options, {
      groups,
      late: this.#late,
      incidents: this.#incidents,
      agent: id => (this.#stopped ? undefined : this.#agents.get(id)),
      isStopped: () => this.#stopped,
      ended: (id, incarnation, ending) => this.ended(id, incarnation, ending),
      fail: (id, reason, hint) => this.#fail(id, reason, hint),
    });
    this.#groups = groups;
    this.#renewals = new Renewals(world, options.tmux, {
      state: id => this.#state(id),
      quiet: id => this.#starts.quiet(id),
      cancel: id => this.#delays.cancel(id),
      ended: (id, incarnation) =>
        this.ended(id, incarnation, { status: null, signal: 'SIGHUP', lost: false }),
      reap: ({ pid, born }) => options.reap(pid, born),
      start: (id, afresh) => this.#starts.start(id, afresh),
    });
  }

  /**
   * Takes charge: adopts the panes that live, accounts for those that do not, starts what should run.
   * @param fresh the fleet was down before: everything starts, whatever its last status was
   */
  takeCharge(panes: readonly PaneInfo[], fresh: boolean): void {
    for (const { id } of this.#agents.values()) {
      const state = this.#state(id);
      const pane = newest(panes.filter(p => p.agent === id));
      if (pane && !pane.dead) this.#adopt(id, state, pane);
      else if (fresh) this.#clearFor(id, state);
      else if (pane && state.alive) this.#endedIn(pane);
      else if (state.alive) this.ended(id, state.incarnation, LOST);
      else this.#goOn(id, state);
    }
    for (const { id } of this.#agents.values()) this.#startIfDue(id);
    this.#accountForRemoved(panes);
    this.#incidents.closeRemoved(this.#agents);
    // The last engine died while it carried out a change.
    if (!this.#world.state.config.due) return;
    this.carryOut(cellActor(this.name)).catch((error: unknown) =>
      this.#world.log(`the change that was agreed to is not carried out: ${wordsOf(error)}`),
    );
  }

  /** What is there now. A start that was given up may have come about all the same: its program is taken charge of. */
  see(panes: readonly PaneInfo[]): void {
    if (!this.#stopped) this.#late.see(panes);
  }

  #adoptLate(pane: PaneInfo): void {
    const id = AgentId.parse(pane.agent);
    this.#delays.cancel(id);
    this.#adopt(id, this.#state(id), pane);
    this.#incidents.watch(id, pane.incarnation);
    this.#starts.tellEarly(id);
  }

  /** The fleet file has changed, by a person's consent: what it asks for is done by `carryOut`. */
  reconfigure(agents: readonly SupervisedAgent[]): void {
    this.#agents = new Map(agents.map(agent => [agent.id, agent]));
    this.#incidents.closeRemoved(this.#agents);
  }

  /** Does what an agreed change still has to do: stops, starts, restarts; all others run on untouched. */
  async carryOut(actor: Draft['actor']): Promise<void> {
    const { due, revision } = this.#world.state.config;
    if (!due) return;
    await Promise.all(due.stop.map(id => this.#stopRemoved(id, actor)));
    for (const id of inOrderOfNeed(this.#agents, Object.keys(due.start))) {
      const state = this.#state(id);
      if (state.incarnation !== due.start[id] || this.#stopped) continue;
      if (state.alive) await this.restart(AgentId.parse(id), actor, 'the fleet file changed');
      else this.start(AgentId.parse(id), actor, 'the fleet file changed');
      await this.#starts.quiet(id);
    }
    for (const { id } of this.#agents.values()) this.#startIfDue(id);
    if (this.#stopped) return;
    const data = { revision: Digest.parse(revision) };
    this.#world.emit({ kind: 'config.applied', actor, subject: subject.fleet, data });
  }

  async #stopRemoved(id: string, actor: Draft['actor']): Promise<void> {
    const state = this.#world.state.agents[id];
    if (!state) return;
    await this.stopAgent(AgentId.parse(id), actor);
    this.ended(id, state.incarnation, { status: null, signal: 'SIGHUP', lost: false });
  }

  /** Agents that the fleet file no longer has but that still ran: they are left alone until they end. */
  #accountForRemoved(panes: readonly PaneInfo[]): void {
    for (const { id, alive, incarnation } of Object.values(this.#world.state.agents)) {
      if (!alive || this.#agents.has(id)) continue;
      const pane = newest(panes.filter(p => p.agent === id));
      if (!pane) this.ended(id, incarnation, LOST);
      else if (pane.dead) this.#endedIn(pane);
    }
  }

  /** Where tmux does not say yet how it ended, whoever watches the panes tells when it does, or that nobody knows. */
  #endedIn(pane: PaneInfo): void {
    const ending = endingOf(pane);
    if (ending.status !== null || ending.signal !== '') this.ended(pane.agent, pane.incarnation, ending);
  }

  /** An incarnation's process has ended. Reports for incarnations that are not the current one are passed over. */
  ended(id: string, incarnation: number, ending: Ending): void {
    const supervised = this.#agents.get(id);
    const state = this.#world.state.agents[id];
    if (!state || this.#stopped) return;
    if (incarnation > state.incarnation) this.#starts.endedEarly(id, incarnation, ending);
    if (!state.alive || state.incarnation !== incarnation) return;
    this.#incidents.unwatch(id);
    this.#world.emit(exitedDraft(state, ending));
    if (supervised && !state.wantedDown && !this.#renewals.isEnding(id)) this.#respond(supervised, ending);
  }

  /** A person wants it running: forgives its restarts and starts it if it does not. */
  start(id: AgentId, actor: Draft['actor'], reason: string): void {
    const state = this.#configured(id);
    this.#delays.cancel(id);
    this.forgive(id, actor, reason);
    if (!state.alive) void this.#starts.start(id);
  }

  /** A person wants it stopped: it stays so until somebody starts it. */
  async stopAgent(id: AgentId, actor: Draft['actor']): Promise<void> {
    this.#delays.cancel(id);
    // One that is just being started is stopped as soon as it is there.
    await this.#starts.quiet(id);
    this.#delays.cancel(id);
    this.#world.emit({ kind: 'agent.stopped', actor, subject: subject.agent(id), data: { agent: id } });
    const state = this.#state(id);
    this.#options.killFrozen(id);
    if (state.alive) await this.#options.tmux.killPane(state.pane as PaneId);
  }

  /** @param between done when it has ended, before it is started; it is started all the same where that fails */
  async restart(
    id: AgentId,
    actor: Draft['actor'],
    reason = 'restarted by a person',
    between?: () => Promise<unknown>,
  ): Promise<void> {
    const state = this.#configured(id);
    if (state.alive) {
      await this.stopAgent(id, actor);
      this.ended(id, state.incarnation, { status: null, signal: 'SIGHUP', lost: false });
    }
    try {
      // What outlived its pane must not go on meanwhile.
      if (between) await this.#options.reap(state.pid, state.born);
      await between?.();
    } finally {
      this.start(id, actor, reason);
    }
  }

  /** Starts it anew because it is not well: counts against its restart policy like every restart. As Renewals.renew. */
  async renew(id: AgentId, renewal: Renewal): Promise<void> {
    const agent = this.#agents.get(id);
    if (!agent || this.#stopped) throw new HmsError('not-renewed', 'it is not in the fleet file');
    await this.#renewals.renew(agent, renewal);
  }

  /** Healing has nothing left to try, and has asked a person. */
  giveUp(agent: AgentId, reason: string): void {
    const hint = 'look at its last output, then approve or deny another start';
    this.#world.emit(failedDraft({ agent, reason, hint }));
  }

  /** Something an agent that is blocked needs is there again. */
  unblock(id: AgentId): void {
    if (this.#agents.has(id)) this.#startIfDue(id);
  }

  onEvent(event: Event): void {
    if (event.kind === 'agent.started' || event.kind === 'agent.adopted') {
      for (const { id, config } of this.#agents.values()) {
        if (config.needs.includes(event.data.agent)) this.#startIfDue(id);
      }
    }
    if (event.kind === 'gate.settled') this.#onAnswer(event.data.request);
    if (event.kind === 'freeze.ordered') for (const id of event.data.agents) this.#incidents.unwatch(id);
    if (event.kind === 'agent.thawed') this.#watchThawed(event.data.agent);
    if (event.kind === 'freeze.lifted' || event.kind === 'agent.thawed') {
      for (const { id } of this.#agents.values()) this.#startIfDue(id);
    }
  }

  #watchThawed(id: AgentId): void {
    const state = this.#world.state.agents[id];
    if (state?.alive && !state.freeze) this.#incidents.watch(id, state.incarnation);
  }

  /** Resolves when no start is under way any more. */
  quiet(): Promise<void> {
    return this.#starts.quiet();
  }

  healthCheck(): CellHealth {
    return healthy(`${plural(this.#agents.size, 'agent')}, ${plural(this.#starts.size, 'start')} under way`);
  }

  stop(): void {
    this.#stopped = true;
    this.#delays.cancelAll();
    this.#incidents.stop();
  }

  /** "Start it again?" has been answered. */
  #onAnswer(request: string): void {
    const agreed = restartAgreed(this.#world.state, request);
    const agent = agreed && this.#agents.get(agreed.agent);
    if (!agent) return;
    const by = cellActor(this.name);
    if (!agreed.runs) this.start(agent.id, by, 'a person approved another start');
    else this.#follow(this.restart(agent.id, by, 'a person approved its restart with its group'));
  }

  /** Its restarts so far no longer count. */
  forgive(id: AgentId, actor: Draft['actor'], reason: string): void {
    if (this.#state(id).restarts.length === 0) return;
    const data = { agent: id, reason };
    this.#world.emit({ kind: 'restarts.forgiven', actor, subject: subject.agent(id), data });
  }

  #state(id: string): AgentState {
    const state = this.#world.state.agents[id];
    if (!state) throw new HmsError('unknown-agent', `there is no agent called ${id}`, this.#names());
    return state;
  }

  /** Throws HmsError `not-configured` for an agent that runs still but is no longer in the fleet file. */
  #configured(id: AgentId): AgentState {
    const state = this.#state(id);
    if (this.#agents.has(id)) return state;
    throw new HmsError('not-configured', `${id} is no longer in the fleet file`, this.#names());
  }

  #names(): string {
    return `the agents are ${[...this.#agents.keys()].join(', ')}`;
  }

  #adopt(id: AgentId, state: AgentState, pane: PaneInfo): void {
    const known = state.alive && state.incarnation === pane.incarnation;
    if (known) {
      this.#world.emit(adoptedDraft(id, pane));
      this.#incidents.watch(id, pane.incarnation);
      return;
    }
    // The last engine died between making the pane and writing it down.
    const agent = this.#agents.get(id);
    this.#world.emit(
      foundDraft(id, pane, this.#options.birthOf(pane.pid), agent?.cwd ?? ''),
      ...(agent ? gatingDrafts(agent, state) : []),
    );
  }

  #clearFor(id: AgentId, state: AgentState): void {
    if (state.alive) this.#world.emit(exitedDraft(state, LOST));
    this.forgive(id, cellActor(this.name), 'the fleet was started');
    void this.#starts.start(id);
  }

  /** Not alive before this engine came and not alive now. */
  #goOn(id: AgentId, state: AgentState): void {
    const supervised = this.#agents.get(id);
    const over = state.status === 'failed' || state.status === 'stopped' || state.status === 'exited';
    if (!supervised || over || state.incarnation === 0 || isDue(state) || this.#options.isHealed(id)) return;
    if (state.status === 'healing') {
      this.#delays.set(id, 0, () => void this.#starts.start(id));
      return;
    }
    // Its tmux server went away under the last engine.
    this.#world.emit(exitedDraft(state, LOST));
    if (!state.wantedDown) this.#respond(supervised, LOST);
  }

  #startIfDue(id: AgentId): void {
    const state = this.#state(id);
    if (this.#options.isHealed(id) || this.#groups.holds(id)) return;
    const first = state.incarnation === 0 && !state.wantedDown && state.status !== 'failed';
    if (!state.alive && (first || isDue(state))) void this.#starts.start(id);
  }

  #respond(agent: SupervisedAgent, ending: Ending): void {
    const world = this.#world;
    const state = this.#state(agent.id);
    const decision = decideRestart(
      agent.config.restart,
      ending,
      state.restarts,
      world.now(),
      world.random(),
      state.restartDelay,
    );
    if (decision.do === 'stay') {
      if (endingWords(ending) !== 'exit 0') this.#incidents.record(agent.id, 'crash', decision.reason);
      return;
    }
    if (this.#options.heal(agent.id, ending)) return;
    if (decision.do === 'ask') {
      this.#fail(agent.id, decision.reason, 'look at its last output, then approve or deny another start');
      return;
    }
    const { attempt, delayMs, reason } = decision;
    this.#incidents.open(agent.id, ending.lost ? 'lost' : 'crash', reason);
    world.emit(scheduledDraft({ agent: agent.id, attempt, delayMs, reason }));
    this.#delays.set(agent.id, delayMs, () => void this.#starts.start(agent.id));
  }

  #fail(id: AgentId, reason: string, hint: string): void {
    this.#incidents.open(id, 'failed', reason);
    this.#world.emit(failedDraft({ agent: id, reason, hint }));
    this.#ask(id, hint ? `${reason} (${hint})` : reason);
  }

  #ask(id: AgentId, reason: string, group?: string): void {
    if (!isRestartAsked(this.#world.state, id)) this.#options.askRestart(id, reason, group);
  }

  #follow(work: Promise<void>): void {
    work.catch((error: unknown) => this.#world.log(wordsOf(error)));
  }
}
