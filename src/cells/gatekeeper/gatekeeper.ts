/**
 * Stands at the gate: takes requests from agents and cells, asks the policy, holds what people must decide, and
 * answers each asker once, only from what is durable. The decisions themselves are pure functions in `gate/`.
 */

import type { Driver, HookMeaning, HookSaid } from '../../drivers/types.ts';
import * as holds from '../../gate/holds.ts';
import type { Asker, FactsReader, Policy } from '../../gate/types.ts';
import type { Action } from '../../model/action.ts';
import type { CellHealth, CellProposal } from '../../model/cell.ts';
import { HmsError } from '../../model/errors.ts';
import type { Data, Draft, Event } from '../../model/event.ts';
import { gateHeld } from '../../model/freeze.ts';
import type { Digest, GrantId, OperatorId, RequestId } from '../../model/ids.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Role } from '../../model/mode.ts';
import type { RequestState } from '../../model/state.ts';
import type { GateAnswer, HookAnswer, OperatorWith } from '../../protocol/messages.ts';
import { type Cell, REMOVED, subject, type World } from '../cell.ts';
import { askerGone, Brake, refuseHeld } from './brake.ts';
import { Delivered } from './delivered.ts';
import { Expiries } from './expiries.ts';
import { healthOf } from './health.ts';
import { conversationStarted, gatingChanged, partOf, toolUsed, viaHook } from './hook-records.ts';
import { betterTtl } from './patience.ts';
import { mootQuestions, restartQuestions } from './restart-questions.ts';

/** After an engine restart askers have this long to ask again before their requests are withdrawn, ms. */
const RECLAIM_MS = 15_000;

interface GatekeeperOptions {
  readonly policy: Policy;
  readonly readFacts: FactsReader;
  digestOf(action: Action): Digest;
  /** How the fleet file wants this agent gated. */
  gateOf(agent: string): 'ask' | 'observe' | 'off';
  askerOf(agent: string): Asker;
  driverOf(agent: string): Driver | undefined;
  /** How long a hold waits, ms. */
  readonly ttlMs: number;
  /** An ended request that is no longer in the state. */
  findEnded(request: RequestId): RequestState | undefined;
  /** Before anything is made of it. */
  onHook(agent: string, meaning: HookMeaning): void;
  onStatus(agent: string, status: NonNullable<HookMeaning['status']>, error: HookMeaning['error']): void;
  onTranscript(agent: string, transcript: NonNullable<HookMeaning['transcript']>): void;
}

export interface Ask {
  readonly request: RequestId;
  readonly action: Action;
  readonly can: { readonly edit: boolean; readonly note: boolean };
  readonly via: string;
  /** ms; the fleet's own when absent, 0 for never. */
  readonly ttlMs?: number;
}

interface Decider {
  readonly operator: OperatorId;
  readonly role: Role;
  readonly via: string;
}

type Waiter = (answer: GateAnswer) => void;

export class Gatekeeper implements Cell {
  readonly name = 'gatekeeper';
  readonly #world: World;
  readonly #options: GatekeeperOptions;
  /** Who is told of a request's end; one that nobody waits for is not here. */
  readonly #waiters = new Map<string, Waiter>();
  readonly #delivered = new Delivered();
  readonly #brake = new Brake();
  #stopped = false;
  readonly #expiries: Expiries;

  constructor(world: World, options: GatekeeperOptions) {
    this.#world = world;
    this.#options = options;
    this.#expiries = new Expiries(
      world,
      id => id in world.state.pending,
      () => this.#emit(holds.expire(world.state, world.now())),
    );
  }

  /** After a start: holds go on; those whose asker does not come back in time are withdrawn. */
  takeCharge(): void {
    this.reconfigure();
    const pending = Object.values(this.#world.state.pending);
    for (const request of pending) this.#expiries.watch(request.id, request.expires);
    this.#awaitAskers(pending.filter(request => request.via !== 'cell'));
  }

  /** Another fleet file is in force. */
  reconfigure(): void {
    for (const { id } of mootQuestions(this.#world.state)) this.#withdraw(id, REMOVED);
  }

  /** What stands still cannot come back: askers of frozen agents have their time once they are thawed. */
  #awaitAskers(requests: readonly RequestState[]): void {
    if (requests.length === 0) return;
    this.#world.after(RECLAIM_MS, () => {
      for (const request of requests) {
        if (this.#waiters.has(request.id)) continue;
        if (gateHeld(this.#world.state, request))
          this.#brake.whenOff(request.agent, () => this.#awaitAskers([request]));
        else this.#withdraw(request.id, 'its asker did not come back after the engine restarted');
      }
    });
  }

  /** Resolves when the request has ended and that is durable. */
  ask(asker: Asker, ask: Ask, gone: AbortSignal): Promise<GateAnswer> {
    const { request } = ask;
    if (this.#world.state.agents[asker.id]?.freeze) {
      return this.#brake.off(asker.id, gone).then(() => this.ask(asker, ask, gone));
    }
    const digest = this.#options.digestOf(ask.action);
    const ended = this.#endedAs(request, asker, digest);
    if (ended) {
      if (this.#delivered.has(request) || ended.exit !== null) {
        throw new HmsError(
          'request-reused',
          `${request} has been answered already`,
          'ask again with a new id',
        );
      }
      this.#delivered.add(request);
      return Promise.resolve(holds.answerOf(ended));
    }
    if (gone.aborted) throw askerGone();
    this.#proveGated(asker);
    // What is refused is not waited for.
    this.post(asker, ask);
    // One request has one asker: two would get one answer twice.
    if (this.#waiters.has(request)) {
      throw new HmsError('request-reused', `${request} is being waited for`, 'ask again with a new id');
    }
    return this.#waitFor(request, gone);
  }

  /** Asks without waiting: the answer is the request's end in the journal. */
  post(asker: Asker, ask: Ask): void {
    const digest = this.#options.digestOf(ask.action);
    const facts = this.#options.readFacts(ask.action);
    const drafts = holds.ask(this.#world.state, this.#options.policy, {
      request: ask.request,
      asker,
      action: ask.action,
      facts,
      digest,
      can: ask.can,
      via: ask.via,
      now: this.#world.now(),
      ttlMs: ask.ttlMs ?? this.#options.ttlMs,
      gate: asker.type === 'cell' ? 'ask' : this.#options.gateOf(asker.id),
    });
    this.#emit(drafts);
  }

  /** A hook of an agent's own tool: what it means is its driver's to say. */
  async hook(agent: string, request: RequestId, payload: JsonObject, gone: AbortSignal): Promise<HookAnswer> {
    const driver = this.#options.driverOf(agent);
    if (!driver) return { stdout: '', exit: 0 };
    if (this.#world.state.agents[agent]?.freeze) await this.#brake.off(agent, gone);
    const cwd = this.#world.state.agents[agent]?.cwd ?? '/';
    const meaning = driver.readHook(payload, cwd);
    const effected = this.#note(agent, meaning);
    if (meaning.screen) return driver.answerHook(payload, this.#screen(agent, request, meaning.screen));
    if (!meaning.ask) return driver.answerHook(payload, effected);
    const { action, edit, note } = meaning.ask;
    const answer = await this.ask(
      this.#options.askerOf(agent),
      { request, action, can: { edit, note }, via: viaHook(driver.name, meaning.part) },
      gone,
    );
    return driver.answerHook(payload, answer);
  }

  /** What became of an action that was let through. */
  effect(
    agent: string,
    effect: Omit<Data<'gate.effected'>, 'request'> & { readonly request: RequestId },
  ): void {
    const { request: id } = effect;
    const request = this.#findEnded(id);
    if (request?.agent !== agent)
      throw new HmsError('unknown-request', `${effect.request} is not a request of ${agent}`);
    if (request.exit !== null) return;
    this.#world.emit({
      kind: 'gate.effected',
      actor: { type: 'agent', id: agent, via: request.via },
      subject: subject.request(request.id),
      data: effect,
    });
  }

  decide(by: Decider, what: OperatorWith<'approval.decide'>): readonly Draft[] {
    if (what.decision !== 'deny') refuseHeld(this.#world.state, what.request);
    const common = { ...what, ...by, now: this.#world.now(), readFacts: this.#options.readFacts };
    return holds.decide(this.#world.state, this.#options.policy, {
      ...common,
      digestOf: this.#options.digestOf,
    });
  }

  defer(by: Decider, request: RequestId, minutes: number): readonly Draft[] {
    return holds.defer(this.#world.state, { ...by, request, until: this.#world.now() + minutes * 60_000 });
  }

  issueGrant(by: Decider, what: OperatorWith<'grant.issue'>): readonly Draft[] {
    refuseHeld(this.#world.state, what.request);
    return holds.issueGrant(this.#world.state, { ...by, ...what, now: this.#world.now() });
  }

  revokeGrant(by: Decider, grant: GrantId, reason: string): readonly Draft[] {
    return holds.revokeGrant(this.#world.state, { ...by, grant, reason });
  }

  onEvent(event: Event): void {
    if (event.kind === 'agent.thawed' || event.kind === 'agent.exited') this.#brake.release(event.data.agent);
    if (event.kind === 'gate.requested' && event.data.verdict === 'hold') {
      this.#expiries.watch(event.data.request, event.data.expires);
    }
    if (event.kind === 'gate.settled') this.#answer(event.data.request);
    // Events come when they are durable: what was asked since then belongs to the next incarnation.
    const before = (request: RequestState): boolean => request.seq < event.seq;
    if (event.kind === 'agent.exited') this.#clear(event.data.agent, before, 'the agent has ended');
    if (event.kind === 'agent.started') this.#dropRestartQuestions(event.data.agent, before);
    if (event.kind === 'tmux.lost') {
      for (const agent of event.data.agents)
        this.#clear(agent, before, 'the agent was lost with its tmux server');
    }
  }

  healthCheck(): CellHealth {
    return healthOf(this.#world.state, this.#world.now());
  }

  optimize(): CellProposal | null {
    return betterTtl(this.#world.state.settled, this.#options.ttlMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#expiries.stop();
    this.#waiters.clear();
  }

  /** "Start it again?" is answered by a start, whoever brought it about. */
  #dropRestartQuestions(agent: string, which: (request: RequestState) => boolean): void {
    for (const { id } of restartQuestions(this.#world.state, agent).filter(which))
      this.#withdraw(id, 'it was started');
  }

  #emit(drafts: readonly Draft[]): void {
    if (drafts.length > 0) this.#world.emit(...drafts);
  }

  /** What it did may have taken longer, or more may have ended in one commit, than the state keeps: the journal knows. */
  #findEnded(id: RequestId): RequestState | undefined {
    return this.#world.state.settled.find(r => r.id === id) ?? this.#options.findEnded(id);
  }

  #endedAs(request: RequestId, asker: Asker, digest: Digest): RequestState | undefined {
    if (this.#world.state.pending[request]) return undefined;
    const ended = this.#findEnded(request);
    if (!ended) return undefined;
    if (ended.agent !== asker.id || ended.digest !== digest) {
      throw new HmsError('request-reused', `${request} was another request`, 'ask again with a new id');
    }
    return ended;
  }

  #waitFor(request: RequestId, gone: AbortSignal): Promise<GateAnswer> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(request);
        reject(askerGone());
        // An engine that stops lets go of its askers; they ask the next one again.
        if (!this.#stopped) this.#withdraw(request, 'its asker has gone');
      };
      this.#waiters.set(request, answer => {
        gone.removeEventListener('abort', leave);
        resolve(answer);
      });
      gone.addEventListener('abort', leave, { once: true });
    });
  }

  #answer(id: RequestId): void {
    this.#expiries.forget(id);
    const waiter = this.#waiters.get(id);
    if (!waiter) return;
    const ended = this.#findEnded(id);
    if (!ended) return;
    if (gateHeld(this.#world.state, ended)) {
      // It ended just before the brake was used.
      this.#brake.whenOff(ended.agent, () => this.#answer(id));
      return;
    }
    this.#waiters.delete(id);
    this.#delivered.add(id);
    waiter(holds.answerOf(ended));
  }

  #withdraw(id: string, reason: string): void {
    this.#emit(holds.withdraw(this.#world.state, id, reason));
  }

  /** Ends pending requests of an agent that have become moot. */
  #clear(agent: string, which: (request: RequestState) => boolean, reason: string): void {
    for (const request of Object.values(this.#world.state.pending))
      if (request.agent === agent && request.via !== 'cell' && which(request))
        this.#withdraw(request.id, reason);
  }

  /** A request that arrives proves that this agent's way to the gate works. */
  #proveGated(asker: Asker): void {
    const state = this.#world.state.agents[asker.id];
    if (asker.type !== 'agent' || state?.gating !== 'unproven' || state.gate !== 'ask') return;
    const actor: Draft['actor'] = { type: 'agent', id: asker.id, via: 'gate' };
    const detail = 'its requests arrive and wait for their answers';
    this.#world.emit(gatingChanged(actor, asker.id, { gating: 'gated', detail }));
  }

  /** Lets the policy speak before the tool's own flow: a forbid is an answer, a hold makes the tool ask. */
  #screen(agent: string, request: RequestId, { action, hold }: NonNullable<HookMeaning['screen']>): HookSaid {
    if (this.#options.gateOf(agent) !== 'ask') return undefined;
    const facts = this.#options.readFacts(action);
    const asker = this.#options.askerOf(agent);
    const operators = this.#world.state.operators;
    const verdict = this.#options.policy.decide({ asker, action, facts, operators, approvedBy: [] });
    if (verdict.is === 'hold' && hold) return { hold: verdict.why };
    if (verdict.is !== 'forbid') return undefined;
    // On the record like every other request, so that people see it and a lead can let it run once.
    const can = { edit: false, note: true };
    this.post(asker, { request, action, can, via: `screen:${asker.driver}` });
    const ended = this.#world.state.settled.find(r => r.id === request);
    return ended && holds.answerOf(ended);
  }

  /** Writes down what a hook tells. Returns the answer of the request whose effect it was, when that was edited. */
  #note(agent: string, meaning: HookMeaning): GateAnswer | undefined {
    const actor: Draft['actor'] = { type: 'agent', id: agent, via: 'hook' };
    const state = this.#world.state.agents[agent];
    if (!state) return undefined;
    this.#options.onHook(agent, meaning);
    if (meaning.conversation && meaning.conversation !== state.conversation) {
      this.#world.emit(conversationStarted(actor, agent, meaning.conversation));
    }
    const { gating } = meaning;
    if (gating && (gating.gating !== state.gating || gating.detail !== state.gatingDetail)) {
      this.#world.emit(gatingChanged(actor, agent, gating));
    }
    const effected = meaning.effect && this.#effectOf(agent, meaning.effect);
    if (meaning.clears) {
      const { clears, part } = meaning;
      const ofPart = (r: RequestState): boolean => part === undefined || partOf(r.via) === part;
      const which =
        clears === 'all'
          ? ofPart
          : (r: RequestState) => ofPart(r) && this.#same(r, clears.tool, clears.input);
      this.#clear(agent, which, "answered in the agent's own pane, or moot");
    }
    if (meaning.status) this.#options.onStatus(agent, meaning.status, meaning.error);
    if (meaning.transcript) this.#options.onTranscript(agent, meaning.transcript);
    return effected;
  }

  #same(request: RequestState, tool: string, input: JsonObject): boolean {
    if (request.action.tool !== tool) return false;
    const digest = this.#options.digestOf({ tool, input, cwd: request.action.cwd });
    return digest === request.digest || digest === request.edited?.digest;
  }

  /** The record of a tool call that ran: the end of its request, or a line of its own when nobody was asked. */
  #effectOf(agent: string, effect: NonNullable<HookMeaning['effect']>): GateAnswer | undefined {
    const request = this.#world.state.settled.find(
      r => r.agent === agent && r.exit === null && this.#same(r, effect.tool, effect.input),
    );
    const answer = request && holds.answerOf(request);
    const { exit, detail, ms, outcome } = effect;
    if (!request || !answer?.run) {
      const { tool, input } = effect;
      const action = { tool, input, cwd: this.#world.state.agents[agent]?.cwd ?? '/' };
      const { title } = this.#options.readFacts(action);
      this.#world.emit(toolUsed(agent, effect, this.#options.digestOf(action), title));
      return undefined;
    }
    this.#world.emit({
      kind: 'gate.effected',
      actor: { type: 'agent', id: agent, via: request.via },
      subject: subject.request(request.id),
      data: { request: request.id as RequestId, exit, detail, ms, ...(outcome && { outcome }) },
    });
    return answer.edited ? answer : undefined;
  }
}
