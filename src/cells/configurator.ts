/**
 * Watches the fleet file and its policies: a change is read and shown, and holds only when a person who may operate
 * says yes to exactly those bytes. What cannot be used changes nothing.
 */

import { fleetChange, isNothing, type WithPolicies } from '../fleet/changes.ts';
import type { CellHealth } from '../model/cell.ts';
import type { FleetChange } from '../model/change.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { Draft } from '../model/event.ts';
import type { Digest } from '../model/ids.ts';
import type { ConfigState } from '../model/state.ts';
import { spanWords } from '../model/text.ts';
import { type Cell, cellActor, healthy, subject, type World } from './cell.ts';

/** How often the files are looked at, ms. A change is read once it has been the same for two looks. */
const LOOK_MS = 500;
/** One that has not looked for so long does not any more, ms. */
const BLIND_MS = 15_000;

export interface Readable extends WithPolicies {
  readonly revision: Digest;
}

interface ConfiguratorOptions<C extends Readable> {
  inForce(): C;
  /** What tells one state of the files from another without reading them: sizes, times, inodes. */
  signature(files: readonly string[]): Promise<string>;
  /** What the files say, or every problem they have. */
  read(): Promise<C | readonly string[]>;
  /** Puts it in force: by then a person has agreed to `change`. */
  apply(next: C, change: FleetChange, actor: Draft['actor']): Promise<void>;
}

export class Configurator<C extends Readable> implements Cell {
  readonly name = 'configurator';
  readonly #world: World;
  readonly #options: ConfiguratorOptions<C>;
  /** The good configuration that waits for a yes. */
  #proposed: C | undefined;
  /** Of the last look, and of the files when they were last read. */
  #looked = '';
  #read = '';
  /** Looks and consents come one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  /** When it last looked; 0 before it watches. */
  #glanced = 0;
  #applying = false;
  /** Waits for the files' folder. */
  #glancing = false;
  #stopped = false;

  constructor(world: World, options: ConfiguratorOptions<C>) {
    this.#world = world;
    this.#options = options;
  }

  /** Looks again and again, until the engine ends. */
  watch(): void {
    this.#glanced = this.#world.now();
    this.#world.after(LOOK_MS, () => {
      void this.#inTurn(() => this.#glance())
        .catch((error: unknown) => this.#world.log(`looking at the fleet file: ${wordsOf(error)}`))
        .then(() => {
          if (!this.#stopped) this.watch();
        });
    });
  }

  /** Reads the files now; what is proposed then. */
  look(): Promise<ConfigState['proposal']> {
    return this.#inTurn(async () => {
      await this.#readNow();
      return this.#world.state.config.proposal;
    });
  }

  /**
   * A person agrees to this revision. Throws HmsError `stale` when the files say something else by now, and
   * `not-proposed` when they say what holds already.
   */
  agree(revision: string, actor: Draft['actor']): Promise<FleetChange> {
    return this.#inTurn(async () => {
      await this.#readNow();
      const { proposal } = this.#world.state.config;
      const next = this.#proposed;
      if (proposal?.is === 'refused')
        throw new HmsError(
          'refused',
          `the fleet file cannot be used: ${proposal.problems.join('; ')}`,
          'hms config diff',
        );
      if (!next || !proposal)
        throw new HmsError('not-proposed', 'the fleet file says what is in force already');
      if (next.revision !== revision)
        throw new HmsError(
          'stale',
          'the fleet file has changed since you looked',
          'look at the difference again',
        );
      const { change } = proposal;
      this.#applying = true;
      await this.#options.apply(next, change, actor).finally(() => {
        this.#applying = false;
      });
      this.#proposed = undefined;
      return change;
    });
  }

  healthCheck(): CellHealth {
    if (this.#applying) return healthy('carries out a change');
    const ms = this.#world.now() - this.#glanced;
    if (this.#glanced === 0 || ms <= BLIND_MS) return healthy('looks at the fleet file');
    // Another one would wait for the same folder.
    const state = this.#glancing ? 'degraded' : 'failing';
    return { state, words: `has not seen the fleet file for ${spanWords(ms)}` };
  }

  /** Resolves when what was under way is done. */
  async quiet(): Promise<void> {
    await this.#turn;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #glance(): Promise<void> {
    const before = this.#looked;
    this.#glancing = true;
    this.#looked = await this.#signature().finally(() => {
      this.#glancing = false;
    });
    // An editor may be in the middle of writing it.
    if (this.#looked === before && this.#looked !== this.#read) await this.#readNow();
  }

  #signature(): Promise<string> {
    const configurations = [this.#options.inForce(), ...(this.#proposed ? [this.#proposed] : [])];
    const files = configurations.flatMap(({ fleet }) => [fleet.file, ...fleet.policies]);
    return this.#options.signature([...new Set(files)].sort());
  }

  async #readNow(): Promise<void> {
    // Before it is read: what cannot be read is told once, not at every look.
    this.#read = await this.#signature();
    const found = await this.#options.read();
    if (this.#stopped) return;
    const { proposal } = this.#world.state.config;
    if (isProblems(found)) {
      this.#proposed = undefined;
      const same = proposal?.is === 'refused' && proposal.problems.join('\n') === found.join('\n');
      if (!same) this.#emit({ kind: 'config.refused', data: { problems: [...found] } });
      return;
    }
    const change = fleetChange(this.#options.inForce(), found);
    if (isNothing(change)) {
      this.#proposed = undefined;
      if (proposal) this.#emit({ kind: 'config.withdrawn', data: {} });
      return;
    }
    this.#proposed = found;
    if (proposal?.is === 'proposed' && proposal.revision === found.revision) return;
    this.#emit({ kind: 'config.proposed', data: { revision: found.revision, change } });
  }

  #emit(draft: Pick<Extract<Draft, { kind: `config.${string}` }>, 'kind' | 'data'>): void {
    this.#world.emit({ ...draft, actor: cellActor(this.name), subject: subject.fleet } as Draft);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => {});
    return mine;
  }
}

function isProblems<C extends Readable>(found: C | readonly string[]): found is readonly string[] {
  return Array.isArray(found);
}
