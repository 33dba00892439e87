/**
 * Agents that are restarted together: when one of a group is started again because it was not well, others of it are
 * ended and started with it, as OTP's supervisors do. What counts against a restart policy is that one's restart alone.
 */
import { wordsOf } from '../../model/errors.ts';
import type { GroupConfig } from '../../model/group.ts';
import { AgentId } from '../../model/ids.ts';
import type { AgentState, FleetState } from '../../model/state.ts';
import { cellActor, subject, type World } from '../cell.ts';
import { inOrderOfNeed } from './needs.ts';
import type { SupervisedAgent } from './supervised.ts';

type Needing = Pick<SupervisedAgent, 'id' | 'config'>;

interface Charge {
  agents(): ReadonlyMap<string, Needing>;
  groups(): Readonly<Record<string, GroupConfig>>;
  isStarting(id: string): boolean;
  /** A start that was to come does not. */
  cancel(id: AgentId): void;
  /** Its end is nobody's trouble. */
  end(agent: AgentState): Promise<void>;
  start(id: AgentId): Promise<void>;
  /** Asks the people whether one that waits for a person may be started again. */
  ask(id: AgentId, reason: string, group: string): void;
}

export class Groups {
  readonly #world: World;
  readonly #charge: Charge;
  /** Groups that are being restarted. */
  readonly #busy = new Map<string, Promise<void>>();
  /** Agents that a restart of their group is to start, in its order. */
  readonly #held = new Set<string>();
  /** Agents whose restart is kept back. */
  readonly #waiting = new Set<string>();
  /** Whose turn it is. */
  readonly #turn = new Set<string>();

  constructor(world: World, charge: Charge) {
    this.#world = world;
    this.#charge = charge;
  }

  /** A restart of it waits for something: it is one still when that is there. */
  waits(id: string): void {
    this.#waiting.add(id);
  }

  holds(id: string): boolean {
    return this.#held.has(id);
  }

  /** Carries out a start of this agent: when it is a restart, with those of its group. */
  async starting(id: AgentId, start: () => Promise<void>): Promise<void> {
    const group = groupOf(this.#charge.groups(), id);
    // One that its group starts comes in its turn already.
    if (!group || this.#turn.delete(id)) return start();
    const busy = this.#busy.get(group.name);
    if (busy) return busy.then(start);
    const restarts = this.#waiting.delete(id) || this.#world.state.agents[id]?.status === 'healing';
    if (!restarts) return start();
    const work = this.#together(group, id, start).finally(() => this.#busy.delete(group.name));
    this.#busy.set(group.name, work);
    return work;
  }

  async #together(group: Group, id: AgentId, start: () => Promise<void>): Promise<void> {
    const { before, after } = takenAlong(group, this.#charge.agents(), id);
    const along = new Set([...before, ...after].filter(member => this.#comesAlong(group, member, id)));
    for (const member of along) this.#held.add(member);
    try {
      for (const member of [...along].reverse()) await this.#end(group, member, id);
      for (const member of before) if (along.has(member)) await this.#start(member);
      await start();
      for (const member of after) if (along.has(member)) await this.#start(member);
    } finally {
      for (const member of along) this.#held.delete(member);
    }
  }

  /** Whoever runs, or is about to be started again anyway. One that waits for a person is asked about instead. */
  #comesAlong({ name, restart }: Group, id: AgentId, first: AgentId): boolean {
    const { state } = this.#world;
    const agent = state.agents[id];
    if (!agent || agent.wantedDown || agent.freeze || this.#charge.isStarting(id)) return false;
    if (!agent.alive) return agent.status === 'healing';
    if (!waitsForPerson(state, id)) return true;
    this.#charge.ask(id, `${first} was restarted (${name}: ${restart}), and ${id} waits for a person`, name);
    return false;
  }

  async #end({ name }: Group, id: AgentId, first: AgentId): Promise<void> {
    const agent = this.#world.state.agents[id];
    if (!agent) return;
    this.#charge.cancel(id);
    try {
      if (agent.alive) await this.#charge.end(agent);
    } catch (error) {
      return this.#world.log(`${id} is not restarted with ${first}: ${wordsOf(error)}`);
    }
    const data = { agent: id, with: first, group: name };
    const actor = cellActor('supervisor');
    this.#world.emit({ kind: 'restart.shared', actor, subject: subject.agent(id), data });
  }

  async #start(id: AgentId): Promise<void> {
    this.#held.delete(id);
    // A person has stopped it meanwhile.
    if (this.#world.state.agents[id]?.wantedDown) return;
    this.#turn.add(id);
    await this.#charge.start(id);
    this.#turn.delete(id);
  }
}

interface Group extends GroupConfig {
  readonly name: string;
}

function groupOf(groups: Readonly<Record<string, GroupConfig>>, id: AgentId): Group | undefined {
  const found = Object.entries(groups).find(([, group]) => group.agents.includes(id));
  return found && found[1].restart !== 'one_for_one' ? { ...found[1], name: found[0] } : undefined;
}

/** Who is started before it and after it, in the order in which they start: by need, else as the group lists them. */
export function takenAlong(
  group: GroupConfig,
  agents: ReadonlyMap<string, Needing>,
  id: AgentId,
): { readonly before: readonly AgentId[]; readonly after: readonly AgentId[] } {
  const listed = group.agents.flatMap(member => agents.get(member) ?? []);
  const all = new Map([...listed, ...agents.values()].map(agent => [agent.id as string, agent]));
  const order = inOrderOfNeed(all, group.agents).map(member => AgentId.parse(member));
  const at = order.indexOf(id);
  const before = group.restart === 'one_for_all' ? order.slice(0, at) : [];
  return { before, after: group.restart === 'one_for_one' ? [] : order.slice(at + 1) };
}

/** What it waits for is a person's time: at the gate, in a dialog, with its keyboard in somebody's hands. */
function waitsForPerson({ agents, pending, leases }: FleetState, id: AgentId): boolean {
  const asks = Object.values(pending).some(({ agent, via }) => agent === id && via !== 'cell');
  return asks || agents[id]?.status === 'asking' || leases[`keyboard:${id}`] !== undefined;
}
