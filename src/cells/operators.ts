/**
 * People at their consoles: who is attached, in which mode, what they have staged, whose keyboard is whose.
 * Every right is checked here, from identity, role and mode; what a console shows or hides protects nothing.
 */

import { randomUUID } from 'node:crypto';
import type { CellHealth } from '../model/cell.ts';
import { HmsError } from '../model/errors.ts';
import type { Draft, StagedItem } from '../model/event.ts';
import { type AgentId, OperatorId, SessionId } from '../model/ids.ts';
import { type Mode, modesOf, type Right, type Role, refusal } from '../model/mode.ts';
import type { LeaseState } from '../model/state.ts';
import { plural } from '../model/text.ts';
import { type Cell, healthy, subject, type World } from './cell.ts';

export interface Session {
  readonly id: SessionId;
  readonly operator: OperatorId;
  role: Role;
  mode: Mode;
  readonly client: string;
  /** Follows events and is shown to others as present. */
  readonly follows: boolean;
}

interface Arrival {
  readonly as: OperatorId | undefined;
  readonly mode: Mode | undefined;
  readonly client: string;
  readonly follows: boolean;
}

interface OperatorsOptions {
  readonly owner: string;
  readonly open: boolean;
  /** Those that are attached, by session: another cell in this one's place goes on with them. */
  readonly attached: Map<string, Session>;
}

export class Operators implements Cell {
  readonly name = 'operators';
  readonly #world: World;
  /** The account the engine runs under: a lead, unless the fleet file says otherwise. */
  readonly #owner: OperatorId;
  /** The fleet file declares nobody: any name may attach, as an operator. */
  #open: boolean;
  readonly #sessions: Map<string, Session>;
  /** Bytes that are not written down yet, by agent and fence. */
  readonly #typed = new Map<string, number>();
  /** Who has held which fence, since this engine started: of that much a late report can speak. */
  readonly #holders = new Map<string, SessionId>();
  #nextItem: number;
  #stopped = false;

  constructor(world: World, options: OperatorsOptions) {
    this.#world = world;
    this.#sessions = options.attached;
    const staged = Object.values(world.state.sessions).flatMap(session => Object.keys(session.staged));
    this.#nextItem = Math.max(0, ...staged.map(Number)) + 1;
    for (const { name, fence, session } of Object.values(world.state.leases)) {
      const holder = this.#sessions.get(session);
      if (holder) this.#holders.set(`${name.replace(/^keyboard:/, '')}/${fence}`, holder.id);
    }
    this.#owner = OperatorId.parse(options.owner);
    this.#open = options.open;
  }

  attach(arrival: Arrival): Session {
    const operator = arrival.as ?? this.#owner;
    const role = this.#roleOf(operator);
    const mode = arrival.mode ?? (role === 'viewer' ? 'observe' : 'watch');
    checkMode(role, mode);
    const session: Session = {
      id: SessionId.parse(`s-${randomUUID().slice(0, 8)}`),
      operator,
      role,
      mode,
      client: arrival.client,
      follows: arrival.follows,
    };
    this.#sessions.set(session.id, session);
    if (session.follows) {
      const { id, client } = session;
      this.#emit(session, { kind: 'operator.attached', data: { session: id, operator, role, mode, client } });
    }
    return session;
  }

  detach(session: Session, reason: string): void {
    if (this.#stopped || !this.#sessions.delete(session.id)) return;
    for (const lease of Object.values(this.#world.state.leases)) {
      if (lease.session === session.id) this.#release(session, lease, reason);
    }
    if (session.follows) {
      this.#emit(session, { kind: 'operator.detached', data: { session: session.id, reason } });
    }
  }

  /** Throws HmsError `not-allowed` with the reason when role or mode forbid it. */
  require(session: Session, right: Right): void {
    const { role, mode } = session;
    const reason = refusal(role, mode, right);
    if (!reason) return;
    const elsewhere = modesOf(role).some(other => refusal(role, other, right) === undefined);
    const hint = elsewhere
      ? 'm changes the mode in a console; --mode on the command line'
      : 'the fleet file says who may do what (operators:); --as NAME is somebody else';
    throw new HmsError('not-allowed', reason, hint);
  }

  /** Who may agree that something is broken on purpose: a lead, or who collaborates. Throws HmsError `not-allowed`. */
  requireChaos(session: Session): void {
    if (session.role === 'lead' || session.mode === 'collaborate') return;
    throw new HmsError(
      'not-allowed',
      'breaking the fleet on purpose needs a lead, or collaborate mode',
      'm changes the mode in a console; --mode on the command line',
    );
  }

  setMode(session: Session, mode: Mode): void {
    checkMode(session.role, mode);
    if (session.mode === mode) return;
    if (session.mode === 'collaborate') {
      for (const lease of Object.values(this.#world.state.leases)) {
        if (lease.session === session.id) this.#release(session, lease, `left collaborate mode`);
      }
    }
    const from = session.mode;
    session.mode = mode;
    if (session.follows) {
      this.#emit(session, { kind: 'mode.changed', data: { session: session.id, from, to: mode } });
    }
  }

  /** The right to type into an agent's pane. A lead may take it from its holder. */
  takeLease(session: Session, agent: AgentId, force: boolean): number {
    this.require(session, 'type');
    const name = keyboard(agent);
    const held = this.#world.state.leases[name];
    if (held?.session === session.id) return held.fence;
    if (held) {
      const holder = this.#sessions.get(held.session)?.operator ?? 'another operator';
      if (!force)
        throw new HmsError(
          'lease-held',
          `${holder} holds ${agent}'s keyboard`,
          'ask them, or have a lead take it',
        );
      if (session.role !== 'lead')
        throw new HmsError('not-allowed', `only a lead may take ${holder}'s keyboard away`);
      this.#release(session, held, `taken by ${session.operator}`);
    }
    return this.#give(session, agent);
  }

  releaseLease(session: Session, agent: AgentId): void {
    const held = this.#world.state.leases[keyboard(agent)];
    if (held?.session === session.id) this.#release(session, held, 'given back');
  }

  /** Asks the holder, who sees it; nothing changes hands by it. */
  askForLease(session: Session, agent: AgentId): void {
    this.require(session, 'type');
    const name = keyboard(agent);
    const held = this.#world.state.leases[name];
    if (!held) throw new HmsError('lease-free', `nobody holds ${agent}'s keyboard`, 'take it');
    if (held.session === session.id || held.asked?.includes(session.id)) return;
    this.#emit(session, { kind: 'lease.asked', data: { name, session: session.id } });
  }

  /** Hands one's own lease to somebody who may type; the fence rises as with every holder. */
  giveLease(session: Session, agent: AgentId, to: SessionId): number {
    const held = this.#world.state.leases[keyboard(agent)];
    if (held?.session !== session.id)
      throw new HmsError('lease-lost', `you do not hold ${agent}'s keyboard`, 'only its holder can give it');
    const next = this.#sessions.get(to);
    if (!next) throw new HmsError('gone', 'whoever should get the keyboard is not there any more');
    this.require(next, 'type');
    if (next.id === session.id) return held.fence;
    this.#release(session, held, `given to ${next.operator}`);
    return this.#give(next, agent);
  }

  /** Checks mode, holder and fence before each keystroke goes through. */
  checkTyping(session: Session, agent: AgentId, fence: number, bytes: number): void {
    this.require(session, 'type');
    if (!this.#holds(session, agent, fence)) throw lost(agent);
    this.#count(session, agent, fence, bytes);
  }

  /**
   * What was typed on a stage, told afterwards. What the loss of the lease has overtaken on its way was typed all the
   * same: it is written down, and refused.
   */
  reportTyped(session: Session, agent: AgentId, fence: number, bytes: number): void {
    if (this.#holders.get(typedBy(agent, fence)) !== session.id) throw lost(agent);
    this.#count(session, agent, fence, bytes);
    this.require(session, 'type');
    if (!this.#holds(session, agent, fence)) throw lost(agent);
  }

  stage(session: Session, staged: StagedItem): number {
    this.require(session, 'stage');
    const item = this.#nextItem++;
    this.#emit(session, { kind: 'stage.added', data: { session: session.id, item, staged } });
    return item;
  }

  dropStaged(session: Session, items: readonly number[]): void {
    this.#emit(session, { kind: 'stage.dropped', data: { session: session.id, items: [...items] } });
  }

  /** The staged items, taken out of the tray; the caller carries them out under the operator's own rights. */
  commitStaged(session: Session, items: readonly number[]): readonly StagedItem[] {
    if (new Set(items).size < items.length) throw new HmsError('twice', 'an item is committed once');
    const tray = this.#world.state.sessions[session.id]?.staged ?? {};
    const taken = items.map(item => {
      const staged = tray[item];
      if (!staged) throw new HmsError('unknown-item', `there is no staged item ${item}`);
      return staged;
    });
    this.#emit(session, { kind: 'stage.committed', data: { session: session.id, items: [...items] } });
    return taken;
  }

  /** The fleet file has changed: whoever is attached has the role it says now, and no mode that role has not. */
  reconfigure(open: boolean): void {
    this.#open = open;
    for (const session of this.#sessions.values()) {
      const role = this.#world.state.operators[session.operator] ?? (open ? 'operator' : 'viewer');
      if (role === session.role) continue;
      session.role = role;
      if (!modesOf(role).includes(session.mode)) this.setMode(session, 'observe');
    }
  }

  actor(session: Session): Draft['actor'] {
    return { type: 'operator', id: session.operator, via: `${session.client}:${session.id}` };
  }

  healthCheck(): CellHealth {
    return healthy(`${plural(this.#sessions.size, 'session')} attached`);
  }

  stop(): void {
    this.#stopped = true;
  }

  #roleOf(operator: OperatorId): Role {
    const declared = this.#world.state.operators;
    const role = declared[operator];
    if (role) return role;
    if (this.#open) return 'operator';
    throw new HmsError(
      'unknown-operator',
      `${operator} is not an operator of this fleet`,
      `the fleet file names ${Object.keys(declared).join(', ')}`,
    );
  }

  #holds(session: Session, agent: AgentId, fence: number): boolean {
    const held = this.#world.state.leases[keyboard(agent)];
    return held?.session === session.id && held.fence === fence;
  }

  #give(session: Session, agent: AgentId): number {
    const name = keyboard(agent);
    const fence = (this.#world.state.fences[name] ?? 0) + 1;
    this.#holders.set(typedBy(agent, fence), session.id);
    this.#emit(session, { kind: 'lease.taken', data: { name, session: session.id, fence } });
    return fence;
  }

  #count(session: Session, agent: AgentId, fence: number, bytes: number): void {
    const name = typedBy(agent, fence);
    if (!this.#typed.has(name)) this.#world.after(1000, () => this.#flushTyped(session, agent, fence));
    this.#typed.set(name, (this.#typed.get(name) ?? 0) + bytes);
  }

  #release(session: Session, lease: LeaseState, reason: string): void {
    this.#emit(session, { kind: 'lease.released', data: { name: lease.name, fence: lease.fence, reason } });
  }

  #flushTyped(session: Session, agent: AgentId, fence: number): void {
    const name = typedBy(agent, fence);
    const bytes = this.#typed.get(name) ?? 0;
    this.#typed.delete(name);
    if (bytes > 0)
      this.#emit(session, { kind: 'keyboard.typed', data: { agent, bytes, fence } }, subject.agent(agent));
  }

  #emit(session: Session, draft: OwnDraft, about = subject.operator(session.operator)): void {
    this.#world.emit({ ...draft, actor: this.actor(session), subject: about } as Draft);
  }
}

type OwnDraft = { [K in Draft['kind']]: Pick<Extract<Draft, { kind: K }>, 'kind' | 'data'> }[Draft['kind']];

function lost(agent: AgentId): HmsError {
  return new HmsError('lease-lost', `you no longer hold ${agent}'s keyboard`, 'take it again');
}

function keyboard(agent: AgentId): string {
  return `keyboard:${agent}`;
}

/** A fence is one holder's: what the next one types within the same second is not counted as theirs. */
function typedBy(agent: AgentId, fence: number): string {
  return `${agent}/${fence}`;
}

function checkMode(role: Role, mode: Mode): void {
  const modes = modesOf(role);
  if (!modes.includes(mode)) {
    throw new HmsError(
      'not-allowed',
      `a ${role} cannot enter ${mode} mode`,
      `a ${role} has ${modes.join(', ')}`,
    );
  }
}
