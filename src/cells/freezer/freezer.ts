/**
 * The brake. Stops every process of agents, confirms it by the processes' own states, watches that it stays so, and
 * lets them go on. It acts first and writes down then: a full disk must not keep it from stopping anything. What must
 * hold meanwhile (no start, nothing let through the gate) the other cells read from the state.
 */

import type { CellHealth } from '../../model/cell.ts';
import { wordsOf } from '../../model/errors.ts';
import type { Draft, Event } from '../../model/event.ts';
import type { HeldProcess } from '../../model/freeze.ts';
import { AgentId } from '../../model/ids.ts';
import { plural } from '../../model/text.ts';
import type { FleetTrees, Trees } from '../../processes/fleet-trees.ts';
import type { Note } from '../../processes/note.ts';
import { isStopped, type ProcessInfo } from '../../processes/stat.ts';
import {
  continueAll,
  killAll,
  type Stopped,
  type StopWorld,
  stopAll,
  whyRunning,
} from '../../processes/stop.ts';
import { keyOf } from '../../processes/table.ts';
import type { FreezeAnswer } from '../../protocol/messages.ts';
import { type Cell, cellActor, healthy, type World } from '../cell.ts';
import { answerFor } from './answer.ts';
import { frozenDraft, liftedDraft, named, type Order, orderedDraft, thawedDraft } from './drafts.ts';

interface FreezerOptions {
  readonly trees: Pick<FleetTrees, 'all' | 'remember'>;
  readonly world: Omit<StopWorld, 'look'>;
  /** What was done while no engine answered: told again until it is learned. */
  takeNotes(): readonly Note[];
  forgetNotes(): void;
  /** What could not be written down yet, oldest first; another freezer goes on with it. */
  readonly unwritten: Draft[];
}

const LEARNED = 'done while the engine did not answer';
const CONTINUED = 'somebody let it go on';

export class Freezer implements Cell {
  readonly name = 'freezer';
  readonly #world: World;
  readonly #options: FreezerOptions;
  /** Processes that were seen to stand still since they were frozen, by agent. */
  readonly #confirmed = new Map<string, Set<string>>();
  /** The order that is being carried out for an agent: one that comes later ends it. */
  readonly #orders = new Map<string, symbol>();
  readonly #unwritten: Draft[];
  /** What was found of the agents that something unwritten is about. */
  readonly #found = new Map<string, Stopped>();

  constructor(world: World, options: FreezerOptions) {
    this.#world = world;
    this.#options = options;
    this.#unwritten = options.unwritten;
  }

  /** A new engine: what was frozen is confirmed again, what was being thawed goes on. */
  takeCharge(): void {
    for (const { id, freeze } of Object.values(this.#world.state.agents)) {
      if (freeze) this.#options.trees.remember(id, freeze.processes);
    }
    this.learn();
    const agents = (thaws: boolean) =>
      Object.values(this.#world.state.agents)
        .filter(({ freeze }) => freeze && (freeze.is === 'thawing') === thaws)
        .map(({ id }) => AgentId.parse(id));
    const order = { fleet: false, actor: cellActor(this.name), detail: 'confirmed by the next engine' };
    if (agents(false).length > 0) this.#see(this.#stop({ ...order, agents: agents(false) }));
    if (agents(true).length > 0) this.#see(this.#continue({ ...order, agents: agents(true) }));
  }

  /** Agents that can be frozen: those that run or have left something running. */
  #all(): readonly AgentId[] {
    const trees = this.#options.trees.all();
    return Object.values(this.#world.state.agents)
      .filter(({ id, alive, freeze }) => alive || freeze || (trees.get(id)?.length ?? 0) > 0)
      .map(({ id }) => AgentId.parse(id));
  }

  /** Freezes these agents, or the whole fleet when none is named. Resolves when it is confirmed or cannot be. */
  async freeze(agents: readonly AgentId[], actor: Draft['actor'], note?: Note): Promise<FreezeAnswer> {
    const fleet = note?.fleet ?? agents.length === 0;
    const order: Order = {
      agents: agents.length > 0 ? agents : this.#all(),
      fleet,
      actor,
      detail: note ? LEARNED : '',
    };
    const before = note ? note.before : this.#standing(order.agents);
    // The first signals go out within this call, before anything is written.
    const stopping = this.#stop(order);
    this.#write(orderedDraft(order, before));
    await stopping;
    return answerFor(this.#world.state, this.#found);
  }

  /** Lets these agents go on, or everything when none is named. */
  async thaw(agents: readonly AgentId[], actor: Draft['actor'], note?: Note): Promise<FreezeAnswer> {
    const { state } = this.#world;
    const frozen = Object.values(state.agents).filter(agent => agent.freeze !== null);
    const order: Order = {
      agents: agents.length > 0 ? agents : frozen.map(({ id }) => AgentId.parse(id)),
      fleet: note?.fleet ?? agents.length === 0,
      actor,
      detail: note ? LEARNED : '',
    };
    if (order.agents.length > 0 || state.frozen) {
      this.#write(liftedDraft(order));
      await this.#continue(order);
    }
    return answerFor(this.#world.state, this.#found);
  }

  /** Ends everything of a frozen agent that a person stops: nothing of it gets to run again. */
  kill(agent: string): void {
    if (this.#world.state.agents[agent]?.freeze) {
      killAll(this.#options.world, this.#options.trees.all().get(agent) ?? []);
    }
  }

  /** One look: is everything still as it was confirmed? To be called every second. */
  look(): void {
    this.#retry();
    this.learn();
    const idle = Object.values(this.#world.state.agents).filter(
      ({ id, freeze }) => freeze && !this.#orders.has(id),
    );
    if (idle.length === 0 || this.#unwritten.length > 0) return;
    const trees = this.#options.trees.all();
    for (const { id, freeze } of idle) {
      const agent = AgentId.parse(id);
      if (freeze?.is !== 'thawing') this.#check(agent, trees.get(id) ?? []);
      else
        this.#see(this.#continue({ agents: [agent], fleet: false, actor: cellActor(this.name), detail: '' }));
    }
  }

  /** What a person did by themselves while the engine was away or hung. */
  learn(): void {
    const notes = this.#options.takeNotes();
    for (const note of notes) {
      const actor: Draft['actor'] = { type: 'operator', id: note.by, via: 'cli' };
      const known = note.agents.filter(id => this.#world.state.agents[id]);
      this.#see(note.do === 'freeze' ? this.freeze(known, actor, note) : this.thaw(known, actor, note));
    }
    if (notes.length > 0) this.#options.forgetNotes();
  }

  onEvent(event: Event): void {
    // It was being started when the fleet was frozen.
    if (event.kind !== 'agent.started' || !this.#world.state.frozen) return;
    this.#see(this.freeze([event.data.agent], cellActor(this.name)));
  }

  healthCheck(): CellHealth {
    const { length } = this.#unwritten;
    if (length > 0)
      return { state: 'degraded', words: `${plural(length, 'word')} of it cannot be written down yet` };
    return healthy(`${plural(this.#confirmed.size, 'agent')} confirmed to stand still`);
  }

  stop(): void {
    this.#orders.clear();
  }

  /** Processes that stand still now, of agents that are not frozen yet. */
  #standing(agents: readonly AgentId[]): Record<AgentId, HeldProcess[]> {
    const trees = this.#options.trees.all();
    return Object.fromEntries(
      agents
        .filter(id => !this.#world.state.agents[id]?.freeze)
        .map(id => [id, (trees.get(id) ?? []).filter(isStopped).map(named)]),
    );
  }

  async #stop(order: Order): Promise<void> {
    const mine = this.#begin(order);
    try {
      const found = await stopAll(this.#over(order, mine));
      const trees = this.#options.trees.all();
      for (const agent of order.agents.filter(mine)) {
        const own = part(found, trees, agent);
        this.#confirmed.set(agent, new Set(own.stopped.map(keyOf)));
        if (this.#unwritten.length > 0) this.#found.set(agent, own);
        this.#tell(agent, own, order);
      }
    } finally {
      this.#end(order, mine);
    }
  }

  async #continue(order: Order): Promise<void> {
    const mine = this.#begin(order);
    try {
      const found = await continueAll(this.#over(order, mine, true));
      const trees = this.#options.trees.all();
      for (const agent of order.agents.filter(mine)) {
        this.#confirmed.delete(agent);
        this.#found.delete(agent);
        const own = part(found, trees, agent);
        this.#write(thawedDraft(agent, own.running.length, own, order.actor));
      }
    } finally {
      this.#end(order, mine);
    }
  }

  /** Whether an agent is still under this order. */
  #begin({ agents }: Order): (agent: string) => boolean {
    const order = Symbol();
    for (const agent of agents) this.#orders.set(agent, order);
    return agent => this.#orders.get(agent) === order;
  }

  #end({ agents }: Order, mine: (agent: string) => boolean): void {
    for (const agent of agents.filter(mine)) this.#orders.delete(agent);
  }

  /** Nobody waits for it. Where processes cannot be looked at just now, the next look tries again. */
  #see(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#world.log(`the brake: ${wordsOf(error)}`));
  }

  #over(order: Order, mine: (agent: string) => boolean, thaws = false): StopWorld {
    return {
      ...this.#options.world,
      look: () => {
        const trees = this.#options.trees.all();
        return order.agents.filter(mine).flatMap(agent => {
          const tree = trees.get(agent) ?? [];
          const left = thaws ? (this.#world.state.agents[agent]?.freeze?.before ?? []) : [];
          const keys = new Set(left.map(keyOf));
          return tree.filter(info => !keys.has(keyOf(info)));
        });
      },
    };
  }

  #check(agent: AgentId, tree: readonly ProcessInfo[]): void {
    const confirmed = this.#confirmed.get(agent) ?? new Set();
    const running = tree.filter(info => !isStopped(info));
    // What is new, or was inside the kernel, is still to be stopped; who was let go on is shown, and stopped by a person.
    const missed = running.filter(info => !confirmed.has(keyOf(info)));
    if (missed.length > 0) {
      this.#see(this.#stop({ agents: [agent], fleet: false, actor: cellActor(this.name), detail: '' }));
      return;
    }
    const found: Stopped = {
      stopped: tree.filter(isStopped),
      running: running.map(info => ({ info, why: info.state === 'D' ? whyRunning(info) : CONTINUED })),
    };
    this.#tell(agent, found, { actor: cellActor(this.name), detail: '' });
  }

  /** Says what the freeze has come to, when that is news. */
  #tell(agent: AgentId, found: Stopped, { actor, detail }: Pick<Order, 'actor' | 'detail'>): void {
    const draft = frozenDraft(agent, found, actor, detail);
    const before = this.#world.state.agents[agent]?.freeze;
    if (draft.kind !== 'agent.frozen' || !before) return void this.#write(draft);
    const { stopped, running, resisting } = draft.data;
    const same =
      before.is !== 'ordered' &&
      before.stopped === stopped &&
      before.running === running &&
      JSON.stringify(before.resisting) === JSON.stringify(resisting);
    if (!same) this.#write(draft);
  }

  #write(draft: Draft): void {
    this.#unwritten.push(draft);
    this.#retry();
  }

  #retry(): void {
    while (this.#unwritten.length > 0) {
      const [draft] = this.#unwritten;
      try {
        if (draft) this.#world.emit(draft);
      } catch (error) {
        this.#world.log(`the brake was used and cannot be written down yet: ${wordsOf(error)}`);
        return;
      }
      this.#unwritten.shift();
    }
    this.#found.clear();
  }
}

/** What was found of one agent. */
function part(found: Stopped, trees: Trees, agent: string): Stopped {
  const own = new Set((trees.get(agent) ?? []).map(keyOf));
  return {
    stopped: found.stopped.filter(info => own.has(keyOf(info))),
    running: found.running.filter(({ info }) => own.has(keyOf(info))),
  };
}
