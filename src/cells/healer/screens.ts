/**
 * Looks at agents' screens, all together and only at those that have printed since the last look: a hundred busy agents
 * cost one process of tmux's every five seconds, quiet ones nothing.
 */
import { wordsOf } from '../../model/errors.ts';
import type { PaneId } from '../../model/ids.ts';
import type { World } from '../cell.ts';
import type { Shown } from './shown.ts';

/** Between two looks, ms. */
const LOOK_MS = 5000;
/** A screen that changed this lately may be half drawn, ms: it is left for the next look, once. */
const SETTLES_MS = 1000;

interface ScreensOptions {
  /** The pane whose screen is of use now; undefined while there is nothing to be told from it. */
  paneOf(agent: string): PaneId | undefined;
  read(panes: readonly PaneId[]): Promise<ReadonlyMap<PaneId, Shown>>;
  onScreen(agent: string, before: Shown | undefined, now: Shown): void;
}

interface Watched {
  /** Seconds since the epoch of its last output, and as it was when its screen was read. */
  activity: number;
  read: number;
  /** It was passed over at the last look, for it was printing. */
  late: boolean;
  before: Shown | undefined;
}

export class Screens {
  readonly #world: World;
  readonly #options: ScreensOptions;
  readonly #watched = new Map<string, Watched>();
  #cancel: (() => void) | undefined;

  constructor(world: World, options: ScreensOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Its last output was then, seconds since the epoch. */
  printed(agent: string, activity: number): void {
    const watched = this.#watched.get(agent) ?? { activity, read: 0, late: false, before: undefined };
    watched.activity = activity;
    this.#watched.set(agent, watched);
    this.#cancel ??= this.#world.after(LOOK_MS, () => void this.#look());
  }

  /** Another run of it, or none: what its screen showed is no part of what it will show. */
  forget(agent: string): void {
    this.#watched.delete(agent);
  }

  async #look(): Promise<void> {
    const due = new Map<PaneId, string>();
    for (const [agent, watched] of this.#watched) {
      const pane = watched.activity === watched.read ? undefined : this.#options.paneOf(agent);
      if (pane === undefined) continue;
      if (!watched.late && this.#world.now() < watched.activity * 1000 + SETTLES_MS) watched.late = true;
      else due.set(pane, agent);
    }
    try {
      if (due.size > 0) this.#tell(due, await this.#options.read([...due.keys()]));
    } catch (error) {
      // A pane has just gone; the others are read at the next look.
      this.#world.log(`looking at screens: ${wordsOf(error)}`);
    }
    this.#cancel = undefined;
    const more = [...this.#watched].some(
      ([agent, { activity, read }]) => activity !== read && this.#options.paneOf(agent) !== undefined,
    );
    if (more) this.#cancel = this.#world.after(LOOK_MS, () => void this.#look());
  }

  #tell(due: ReadonlyMap<PaneId, string>, screens: ReadonlyMap<PaneId, Shown>): void {
    for (const [pane, shown] of screens) {
      const agent = due.get(pane) ?? '';
      const watched = this.#watched.get(agent);
      if (!watched) continue;
      const { before } = watched;
      Object.assign(watched, { read: watched.activity, late: false, before: shown });
      this.#options.onScreen(agent, before, shown);
    }
  }
}
