/**
 * Snapshots of agents' own trees: taken when an agent comes to rest and nothing is wrong with it, kept by number, and
 * brought back. Only of trees that are theirs alone; the project's own folder is never touched.
 */
import { existsSync } from 'node:fs';
import type { CellHealth } from '../model/cell.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { Draft, Event } from '../model/event.ts';
import { type AgentId, IncidentId, type Millis } from '../model/ids.ts';
import type { SnapshotState } from '../model/snapshot.ts';
import type { AgentState } from '../model/state.ts';
import { oneLine } from '../model/text.ts';
import { expectSnapshot, pruneSnapshots, restoreSnapshot, takeSnapshot } from '../worktrees/snapshot.ts';
import { type Cell, cellActor, healthy, subject, type World } from './cell.ts';

interface SnapshotsOptions {
  readonly env: NodeJS.ProcessEnv;
  /** At most one so often, ms; 0 for none by itself. */
  everyMs(agent: string): number;
  /** What is done to repositories is done one after the other. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
}

export interface SnapshotList {
  readonly snapshots: readonly SnapshotState[];
  /** Why the last one was not taken; ''. */
  readonly problem: string;
}

type Restored = Extract<Draft, { kind: 'worktree.restored' }>['data'];

export class Snapshots implements Cell {
  readonly name = 'snapshots';
  readonly #world: World;
  readonly #options: SnapshotsOptions;
  /** When one was last tried, by agent. */
  readonly #tried = new Map<string, Millis>();
  readonly #problems = new Map<string, string>();

  constructor(world: World, options: SnapshotsOptions) {
    this.#world = world;
    this.#options = options;
  }

  healthCheck(): CellHealth {
    const [problem] = this.#problems.values();
    if (problem === undefined) return healthy('snapshots are taken as agents come to rest');
    return { state: 'degraded', words: oneLine(problem, 400) };
  }

  list(agent: string): SnapshotList {
    return { snapshots: this.#stateOf(agent)?.snapshots ?? [], problem: this.#problems.get(agent) ?? '' };
  }

  /** The last one from before the trouble began; where there is none, the oldest from when it seemed well. */
  lastGood(agent: string, before: Millis = Number.POSITIVE_INFINITY): SnapshotState | undefined {
    const state = this.#stateOf(agent);
    if (!state?.worktree || !existsSync(state.worktree.dir)) return undefined;
    const good = (state.snapshots ?? []).filter(({ is }) => is === 'good');
    return good.find(({ at }) => at <= before) ?? good.at(-1);
  }

  /** Takes one of how its files are now. undefined when they are as the last good one says. Throws HmsError. */
  async take(agent: AgentId, actor: Draft['actor'], detail: string): Promise<number | undefined> {
    this.#tried.set(agent, this.#world.now());
    const last = this.lastGood(agent)?.commit ?? '';
    return this.#options.inTurn(async () => {
      const of = { agent, dir: this.#dirOf(agent), message: `${agent}: ${detail}` };
      const taken = await takeSnapshot(of, last, this.#options.env);
      if (!taken) return undefined;
      this.#keep(agent, actor, { ...taken, is: 'good', detail });
      await this.#prune(agent, of.dir);
      return taken.number;
    });
  }

  /** Whether its files can be brought back to this one. Throws HmsError with the reason. */
  async expect(agent: AgentId, number: number): Promise<void> {
    const { commit } = this.#find(agent, number);
    await expectSnapshot(this.#dirOf(agent), commit, this.#options.env);
  }

  /** Nothing may work in its tree meanwhile. Throws HmsError. */
  async restore(agent: AgentId, number: number, actor: Draft['actor'], incident?: string): Promise<Restored> {
    const { commit } = this.#find(agent, number);
    const detail = `as it was when its files were brought back to ${number}`;
    return this.#options.inTurn(async () => {
      const of = { agent, dir: this.#dirOf(agent), message: `${agent}: ${detail}` };
      const before = await restoreSnapshot(of, commit, this.#options.env, taken =>
        this.#keep(agent, actor, { ...taken, is: 'before', detail, incident }),
      );
      const data: Restored = {
        agent,
        snapshot: number,
        before: before.number,
        ...(incident && { incident: IncidentId.parse(incident) }),
      };
      this.#world.emit({ kind: 'worktree.restored', actor, subject: subject.agent(agent), data });
      await this.#prune(agent, of.dir);
      return data;
    });
  }

  onEvent(event: Event): void {
    switch (event.kind) {
      case 'status.changed':
        if (event.data.status === 'idle') this.#takeIfWell(event.data.agent, 'it came to rest');
        break;
      case 'agent.started':
        // As it was given to it: there is nothing to go back to otherwise.
        if (!this.lastGood(event.data.agent)) this.#takeIfWell(event.data.agent, 'its first start');
        break;
      case 'agent.exited':
        if (event.data.status === 0) this.#takeIfWell(event.data.agent, 'it ended well');
        break;
    }
  }

  stop(): void {}

  #takeIfWell(agent: AgentId, detail: string): void {
    const every = this.#options.everyMs(agent);
    const last = this.#tried.get(agent) ?? this.lastGood(agent)?.at ?? Number.NEGATIVE_INFINITY;
    if (every === 0 || this.#world.now() - last < every || !this.#isWell(agent)) return;
    this.take(agent, cellActor(this.name), detail).then(
      () => this.#problems.delete(agent),
      (error: unknown) => this.#problems.set(agent, wordsOf(error)),
    );
  }

  #isWell(agent: string): boolean {
    const { incidents } = this.#world.state;
    const state = this.#stateOf(agent);
    if (!state?.worktree || state.freeze || Object.keys(state.healing?.failing ?? {}).length > 0)
      return false;
    return !Object.values(incidents).some(incident => incident.agent === agent);
  }

  #keep(
    agent: AgentId,
    actor: Draft['actor'],
    {
      number,
      commit,
      is,
      detail,
      incident,
    }: Omit<SnapshotState, 'at' | 'incident'> & { incident?: string | undefined },
  ): void {
    const data = {
      agent,
      snapshot: number,
      ...{ commit, is, detail: oneLine(detail, 400) },
      ...(incident && { incident: IncidentId.parse(incident) }),
    };
    this.#world.emit({ kind: 'worktree.snapshotted', actor, subject: subject.agent(agent), data });
  }

  async #prune(agent: AgentId, dir: string): Promise<void> {
    const kept = (this.#stateOf(agent)?.snapshots ?? []).map(({ number }) => number);
    await pruneSnapshots({ agent, dir }, kept, this.#options.env).catch((error: unknown) =>
      this.#world.log(`snapshots of ${agent}: ${wordsOf(error)}`),
    );
  }

  #find(agent: AgentId, number: number): SnapshotState {
    const { snapshots = [] } = this.#stateOf(agent) ?? {};
    const found = snapshots.find(one => one.number === number);
    if (found) return found;
    const known = snapshots.map(one => one.number).join(', ');
    throw new HmsError(
      'unknown-snapshot',
      `${agent} has no snapshot ${number}`,
      known ? `it has ${known}` : `hms worktree snapshot ${agent} takes one`,
    );
  }

  #dirOf(agent: AgentId): string {
    const tree = this.#stateOf(agent)?.worktree;
    if (!tree)
      throw new HmsError(
        'no-worktree',
        `${agent} has no worktree of its own`,
        '"worktree: true" in the fleet file gives it one',
      );
    return tree.dir;
  }

  #stateOf(agent: string): AgentState | undefined {
    return this.#world.state.agents[agent];
  }
}
