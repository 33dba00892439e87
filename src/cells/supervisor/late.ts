/** Starts that tmux did not confirm in time: their panes may have come about all the same, or may still. */
import { HmsError, wordsOf } from '../../model/errors.ts';
import type { FleetState } from '../../model/state.ts';
import type { PaneInfo, TmuxServer } from '../../tmux/types.ts';
import type { World } from '../cell.ts';
import { newest } from './readings.ts';

interface Charge {
  isConfigured(agent: string): boolean;
  isStarting(agent: string): boolean;
  /** Takes charge of what runs, or ran, in the pane. */
  adopt(pane: PaneInfo): void;
  stop(agent: string): Promise<void>;
}

/** Takes charge of such panes, so that there are never two programs of one agent. */
export class LateStarts {
  readonly #world: World;
  readonly #tmux: Pick<TmuxServer, 'listPanes' | 'killPane'>;
  readonly #charge: Charge;
  /** Agents whose last start was not confirmed: before the next one tmux is asked what became of it. */
  readonly #doubtful = new Set<string>();

  constructor(world: World, tmux: Pick<TmuxServer, 'listPanes' | 'killPane'>, charge: Charge) {
    this.#world = world;
    this.#tmux = tmux;
    this.#charge = charge;
  }

  /** A start has failed. What tmux was told to do it may do later. */
  failed(agent: string, error: unknown): void {
    if (error instanceof HmsError && error.code.startsWith('tmux-')) this.#doubtful.add(agent);
  }

  /** What is there now. */
  see(panes: readonly PaneInfo[]): void {
    for (const pane of latePanes(panes, this.#world.state)) {
      const { agent } = pane;
      if (this.#charge.isStarting(agent)) continue;
      if (!this.#charge.isConfigured(agent)) {
        // Removed since. A pane that is there for another reason is left alone.
        if (this.#doubtful.delete(agent)) this.#follow(this.#tmux.killPane(pane.pane));
        continue;
      }
      const unwanted = this.#world.state.agents[agent]?.wantedDown;
      this.#take(pane, panes);
      // By now it is on record, and its end will be too.
      if (unwanted) this.#follow(this.#charge.stop(agent));
    }
  }

  /** Whether the last start came about after all. Throws as listPanes: where that is not known nothing may start. */
  async cameAbout(agent: string): Promise<boolean> {
    if (!this.#doubtful.has(agent)) return false;
    // Answered after what was asked before it.
    const panes = await this.#tmux.listPanes();
    const late = latePanes(panes, this.#world.state).find(p => p.agent === agent);
    this.#doubtful.delete(agent);
    if (late) this.#take(late, panes);
    return late !== undefined;
  }

  #take(pane: PaneInfo, panes: readonly PaneInfo[]): void {
    this.#doubtful.delete(pane.agent);
    this.#charge.adopt(pane);
    // Whose place it took: nobody was there to see to that.
    const before = panes.filter(p => p.agent === pane.agent && p.incarnation < pane.incarnation);
    for (const old of before) this.#follow(this.#tmux.killPane(old.pane));
  }

  #follow(work: Promise<void>): void {
    work.catch((error: unknown) => this.#world.log(`a pane that came late: ${wordsOf(error)}`));
  }
}

/** Of each agent that does not run: the pane of an incarnation that was never written down, dead or alive. */
function latePanes(panes: readonly PaneInfo[], { agents }: FleetState): readonly PaneInfo[] {
  const ids = new Set(panes.map(pane => pane.agent).filter(id => id !== ''));
  return [...ids].flatMap(id => {
    const pane = newest(panes.filter(p => p.agent === id));
    const state = agents[id];
    if (!pane) return [];
    // Removed since: what has ended of it is no news.
    if (!state) return pane.dead ? [] : [pane];
    return !state.alive && pane.incarnation > state.incarnation ? [pane] : [];
  });
}
