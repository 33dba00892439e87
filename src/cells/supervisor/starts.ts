/** Starts of agents: one at a time of each, held back while something it needs is not there, with those of its group. */
import { setImmediate } from 'node:timers/promises';
import type { Ending } from '../../healing/restart.ts';
import { HmsError, wordsOf } from '../../model/errors.ts';
import { startHeld } from '../../model/freeze.ts';
import type { AgentId } from '../../model/ids.ts';
import type { World } from '../cell.ts';
import { blockedDraft } from './drafts.ts';
import type { Groups } from './groups.ts';
import type { Incidents } from './incidents.ts';
import type { LateStarts } from './late.ts';
import { startRun } from './start-run.ts';
import type { SupervisedAgent, SupervisorOptions } from './supervised.ts';

interface Charge {
  readonly groups: Groups;
  readonly late: LateStarts;
  readonly incidents: Incidents;
  /** undefined for one that is not to be started any more. */
  agent(id: string): SupervisedAgent | undefined;
  isStopped(): boolean;
  ended(id: AgentId, incarnation: number, ending: Ending): void;
  fail(id: AgentId, reason: string, hint: string): void;
}

export class Starts {
  readonly #world: World;
  readonly #options: SupervisorOptions;
  readonly #charge: Charge;
  /** Under way, by agent. */
  readonly #starting = new Map<string, Promise<void>>();
  /** Deaths of incarnations whose start is not written down yet: quick ones can be seen before it is. */
  readonly #early = new Map<string, Ending>();

  constructor(world: World, options: SupervisorOptions, charge: Charge) {
    this.#world = world;
    this.#options = options;
    this.#charge = charge;
  }

  get size(): number {
    return this.#starting.size;
  }

  has(id: string): boolean {
    return this.#starting.has(id);
  }

  /** Resolves when no start of it is under way; without an agent, when none is. */
  async quiet(id?: string): Promise<void> {
    if (id !== undefined) while (this.#starting.has(id)) await this.#starting.get(id);
    else while (this.#starting.size > 0) await Promise.all(this.#starting.values());
  }

  /** Resolves when it runs, or why it does not is written down. */
  async start(id: AgentId, afresh = false): Promise<void> {
    const agent = this.#charge.agent(id);
    if (!agent || this.#starting.has(id) || this.#isHeld(agent)) return;
    const starting = this.#charge.groups.starting(id, async () => {
      // Those of its group that it needs may not have come up.
      if (this.#isHeld(agent)) this.#starting.delete(id);
      else await this.#tryStart(agent, afresh);
    });
    this.#starting.set(id, starting);
    await starting;
  }

  /** An incarnation has ended that nobody knows yet. */
  endedEarly(id: string, incarnation: number, ending: Ending): void {
    this.#early.set(`${id}/${incarnation}`, ending);
  }

  /** It may have died before its start was written down. */
  tellEarly(id: AgentId): void {
    const { incarnation = 0 } = this.#world.state.agents[id] ?? {};
    const key = `${id}/${incarnation}`;
    const early = this.#early.get(key);
    this.#early.delete(key);
    if (early) this.#charge.ended(id, incarnation, early);
  }

  #isHeld({ id, config }: SupervisedAgent): boolean {
    const { state } = this.#world;
    const waitsFor = config.needs.filter(need => !state.agents[need]?.alive);
    const held = startHeld(state, id);
    if (held) this.#block(id, `${held}: starts when it is thawed`);
    else if (waitsFor.length > 0) this.#block(id, `needs ${waitsFor.join(', ')}`);
    return held !== undefined || waitsFor.length > 0;
  }

  async #tryStart(agent: SupervisedAgent, afresh: boolean): Promise<void> {
    const { id } = agent;
    const { late, incidents } = this.#charge;
    try {
      // What has just been emitted is on disk and told by then: nobody waits for it behind the work of a start.
      await setImmediate();
      const before = this.#world.state.agents[id];
      if (!before || this.#charge.isStopped()) return;
      if (before.alive || (await late.cameAbout(id))) return;
      const kept = await this.#options.keptBack(agent);
      if (kept) return this.#block(id, kept);
      await startRun(this.#world, this.#options, agent, before, afresh);
      incidents.watch(id, this.#world.state.agents[id]?.incarnation ?? 0);
    } catch (error) {
      late.failed(id, error);
      const hint = error instanceof HmsError ? error.hint : '';
      if (!this.#charge.isStopped()) this.#charge.fail(id, `cannot start: ${wordsOf(error)}`, hint);
    } finally {
      this.#starting.delete(id);
      this.tellEarly(id);
    }
  }

  #block(id: AgentId, detail: string): void {
    const state = this.#world.state.agents[id];
    if (state?.status === 'healing') this.#charge.groups.waits(id);
    const draft = state && blockedDraft(state, detail);
    if (draft) this.#world.emit(draft);
  }
}
