/**
 * Agents' own working trees: made when an agent starts, looked at, and merged or dropped when people agree. Agreeing
 * is done at the gate, to exactly the commits that were shown.
 */

import { join } from 'node:path';
import { absolute } from '../fleet/places.ts';
import type { LoadedAgent } from '../fleet/types.ts';
import type { Action } from '../model/action.ts';
import type { CellHealth } from '../model/cell.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { Draft, Event } from '../model/event.ts';
import { AgentId, RequestId } from '../model/ids.ts';
import type { RequestState, WorktreeState } from '../model/state.ts';
import { plural, spanWords } from '../model/text.ts';
import type { WorktreeProposed } from '../protocol/messages.ts';
import {
  type Diff,
  diffOf,
  dropWork,
  mergeRefusal,
  mergeWork,
  type Work,
  workOf,
} from '../worktrees/work.ts';
import { placeWorktree } from '../worktrees/worktree.ts';
import { type Cell, cellActor, healthy, subject, type World } from './cell.ts';

const MERGE = 'worktree.merge';
const DROP = 'worktree.drop';
/** Longer than any deadline of git's added up, ms. */
const STUCK_MS = 300_000;

export type Guard = <T>(call: () => Promise<T>) => Promise<T>;

interface WorktreesOptions {
  /** Where trees are that the fleet file gives no folder. */
  readonly folder: string;
  readonly fleet: string;
  /** Folder of the fleet file. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  /** Calls of git: at once refused where it cannot be run or does not come back. */
  guard: Guard;
  /** Asks the gate; the request that was made. */
  propose(agent: AgentId, action: Action): RequestId;
}

export interface Listed extends WorktreeState {
  readonly agent: string;
  /** null when git has nothing to say about it, and why. */
  readonly work: Work | null;
  readonly problem: string;
}

export class Worktrees implements Cell {
  readonly name = 'worktrees';
  readonly #world: World;
  readonly #options: WorktreesOptions;
  /** What is done to repositories is done one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  /** When what is being done was begun; 0 for nothing. */
  #begun = 0;

  constructor(world: World, options: WorktreesOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** The folder an agent starts in: its own tree's, made when it is not there. Throws as placeWorktree. */
  async place({ id, config, cwd }: LoadedAgent): Promise<string> {
    if (config.worktree === false) return cwd;
    const given = config.worktree === true ? {} : config.worktree;
    const before = this.#world.state.agents[id]?.worktree;
    const wanted = {
      agent: id,
      cwd,
      dir: given.dir ? absolute(given.dir, this.#options) : join(this.#options.folder, id),
      branch: given.branch ?? `hms/${this.#options.fleet}/${id}`,
      base: given.base ?? before?.target ?? '',
    };
    return this.inTurn(async () => {
      const {
        cwd: inside,
        already,
        ...tree
      } = await this.#options.guard(() => placeWorktree(wanted, this.#options.env));
      const same =
        before && before.dir === tree.dir && before.branch === tree.branch && before.target === tree.target;
      if (!already || !same) this.#emit(id, { kind: 'worktree.added', data: { agent: id, ...tree } });
      return inside;
    });
  }

  async list(): Promise<readonly Listed[]> {
    const trees = Object.values(this.#world.state.agents).flatMap(({ id, worktree }) =>
      worktree ? [{ agent: id, ...worktree }] : [],
    );
    return Promise.all(
      trees.map(async tree => {
        try {
          return { ...tree, work: await this.#workOf(tree), problem: '' };
        } catch (error) {
          return { ...tree, work: null, problem: wordsOf(error) };
        }
      }),
    );
  }

  async diff(agent: AgentId): Promise<Diff & { readonly work: Work }> {
    const tree = this.#treeOf(agent);
    const [diff, work] = await Promise.all([
      this.#options.guard(() => diffOf(tree, this.#options.env)),
      this.#workOf(tree),
    ]);
    return { ...diff, work };
  }

  /** Asks the gate for a merge or a drop. What could not be done is refused at once and not asked about. */
  async propose(agent: AgentId, what: 'merge' | 'drop'): Promise<WorktreeProposed> {
    const tree = this.#treeOf(agent);
    const tool = what === 'merge' ? MERGE : DROP;
    const asked = Object.values(this.#world.state.pending).find(
      r => r.action.tool === tool && r.agent === agent,
    );
    const work = await this.#workOf(tree);
    if (asked) {
      if (asked.action.input['commit'] === work.head) return proposed(asked);
      throw new HmsError(
        'asked-already',
        `${asked.id} asks for an earlier state of ${tree.branch}`,
        'deny that one first',
      );
    }
    const refusal =
      what === 'merge' ? await mergeRefusal(tree, work, this.#options.env) : this.#dropRefusal(agent);
    if (refusal) throw refusal;
    const input = {
      agent,
      branch: tree.branch,
      commit: work.head,
      ...(what === 'merge' ? { into: tree.target, onto: work.onto } : { ref: this.#refFor(agent) }),
      files: work.files,
      insertions: work.insertions,
      deletions: work.deletions,
      uncommitted: work.uncommitted,
      about: about(work),
    };
    const id = this.#options.propose(agent, { tool, input, cwd: tree.repo });
    const { pending, settled } = this.#world.state;
    const made = pending[id] ?? settled.find(r => r.id === id);
    if (!made) throw new HmsError('not-asked', `${id} was not taken by the gate`);
    return proposed(made);
  }

  onEvent(event: Event): void {
    if (event.kind !== 'gate.settled') return;
    this.#onSettled(this.#world.state.settled.find(r => r.id === event.data.request));
  }

  /** What was agreed to when the last engine died is done now; where it was done already, its commits say so. */
  takeCharge(): void {
    for (const request of this.#world.state.settled) if (request.exit === null) this.#onSettled(request);
  }

  #onSettled(request: RequestState | undefined): void {
    const tool = request?.action.tool;
    if (request?.via !== 'cell' || (tool !== MERGE && tool !== DROP)) return;
    if (request.outcome !== 'approved' && request.outcome !== 'overridden' && request.outcome !== 'permitted')
      return;
    this.inTurn(() => this.#carryOut(request, tool)).catch((error: unknown) =>
      // The engine has let go meanwhile: the next one sees that it is done, or does it.
      this.#world.log(`${tool} of ${request.agent}: ${wordsOf(error)}`),
    );
  }

  healthCheck(): CellHealth {
    const ms = this.#begun === 0 ? 0 : this.#world.now() - this.#begun;
    if (ms > STUCK_MS) return { state: 'failing', words: `git has not come back for ${spanWords(ms)}` };
    return healthy(ms > 0 ? 'works on a repository' : 'idle');
  }

  /** Resolves when nothing is done to a repository any more. */
  async quiet(): Promise<void> {
    await this.#turn;
  }

  stop(): void {}

  async #carryOut(request: RequestState, tool: typeof MERGE | typeof DROP): Promise<void> {
    const begun = this.#world.now();
    const effect = (exit: number, detail: string): void => {
      this.#world.emit({
        kind: 'gate.effected',
        actor: cellActor(this.name),
        subject: subject.request(request.id),
        data: {
          request: RequestId.parse(request.id),
          exit,
          detail,
          ms: Math.max(0, this.#world.now() - begun),
        },
      });
    };
    try {
      effect(0, tool === MERGE ? await this.#merge(request) : await this.#drop(request));
    } catch (error) {
      const hint = error instanceof HmsError && error.hint ? ` (${error.hint})` : '';
      effect(1, `${wordsOf(error)}${hint}`);
    }
  }

  async #merge({ agent: id, action: { input } }: RequestState): Promise<string> {
    const agent = AgentId.parse(id);
    const tree = this.#treeOf(agent);
    const agreed = { head: String(input['commit']), onto: String(input['onto']) };
    const message = `Merge ${tree.branch}\n\nThe work of ${agent}, agreed to at the gate.`;
    const commit = await this.#options.guard(() => mergeWork(tree, agreed, message, this.#options.env));
    const { branch, target } = tree;
    this.#emit(agent, { kind: 'worktree.merged', data: { agent, branch, target, commit } });
    return `merged into ${target} as ${commit.slice(0, 12)}`;
  }

  async #drop({ agent: id, action: { input } }: RequestState): Promise<string> {
    const agent = AgentId.parse(id);
    const tree = this.#treeOf(agent);
    const refusal = this.#dropRefusal(agent);
    if (refusal) throw refusal;
    const ref = String(input['ref']);
    const agreed = { ref, head: String(input['commit']) };
    const commit = await this.#options.guard(() => dropWork(tree, agreed, this.#options.env));
    this.#emit(agent, { kind: 'worktree.dropped', data: { agent, branch: tree.branch, ref, commit } });
    return `kept as ${ref}; back with: git branch ${tree.branch} ${ref}`;
  }

  #workOf(tree: WorktreeState): Promise<Work> {
    return this.#options.guard(() => workOf(tree, this.#options.env));
  }

  #dropRefusal(agent: AgentId): HmsError | undefined {
    if (!this.#world.state.agents[agent]?.alive) return undefined;
    return new HmsError('agent-runs', `${agent} works in it`, `stop it first: hms agent stop ${agent}`);
  }

  #treeOf(agent: AgentId): WorktreeState {
    const tree = this.#world.state.agents[agent]?.worktree;
    if (tree) return tree;
    throw new HmsError(
      'no-worktree',
      `${agent} has no worktree of its own`,
      '"worktree: true" in the fleet file gives it one',
    );
  }

  /** A name no other has: refs of this house are found by `git for-each-ref refs/hms`. */
  #refFor(agent: AgentId): string {
    const time = new Date(this.#world.now()).toISOString().replace(/[-:]|\.\d+/g, '');
    return `refs/hms/dropped/${agent}/${time}-${this.#world.state.seq.toString(36)}`;
  }

  #emit(agent: AgentId, draft: Pick<Extract<Draft, { kind: `worktree.${string}` }>, 'kind' | 'data'>): void {
    this.#world.emit({ ...draft, actor: cellActor(this.name), subject: subject.agent(agent) } as Draft);
  }

  /** One after the other, in the order in which it was asked for. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const begin = (): Promise<T> => {
      this.#begun = this.#world.now();
      return work().finally(() => {
        this.#begun = 0;
      });
    };
    const mine = this.#turn.then(begin, begin);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}

function proposed({ id, digest, needs, outcome, why }: RequestState): WorktreeProposed {
  return { request: RequestId.parse(id), digest, needs: outcome === null ? needs : 0, outcome, why };
}

/** `3 commits, 5 files, +120 −8`, and what is not committed. */
function about({ commits, files, insertions, deletions, uncommitted }: Work): string {
  const open = uncommitted > 0 ? `, ${uncommitted} not committed` : '';
  return `${plural(commits, 'commit')}, ${plural(files, 'file')}, +${insertions} −${deletions}${open}`;
}
