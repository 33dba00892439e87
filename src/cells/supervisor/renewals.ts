/** Starting an agent anew that runs but is not well: its end is meant, and its next start follows at once. */
import { HmsError } from '../../model/errors.ts';
import { startHeld } from '../../model/freeze.ts';
import { AgentId, type PaneId } from '../../model/ids.ts';
import type { AgentState } from '../../model/state.ts';
import type { TmuxServer } from '../../tmux/types.ts';
import type { World } from '../cell.ts';
import { scheduledDraft } from './drafts.ts';
import type { SupervisedAgent } from './supervised.ts';

export interface Renewal {
  /** Not in the conversation it had. */
  readonly afresh: boolean;
  readonly reason: string;
  /** The run that is not well: a newer one is left alone. */
  readonly incarnation?: number;
  /** Done when it has ended, before it is started. It is started all the same where that fails. */
  readonly between?: () => Promise<unknown>;
}

interface Charge {
  /** Throws HmsError where there is none. */
  state(id: AgentId): AgentState;
  /** Resolves when no start of it is under way. */
  quiet(id: AgentId): Promise<void>;
  /** A start that was to come does not. */
  cancel(id: AgentId): void;
  ended(id: AgentId, incarnation: number): void;
  /** Ends what outlived its pane. */
  reap(agent: AgentState): Promise<void>;
  start(id: AgentId, afresh: boolean): Promise<void>;
}

export class Renewals {
  readonly #world: World;
  readonly #tmux: Pick<TmuxServer, 'killPane'>;
  readonly #charge: Charge;
  readonly #ending = new Set<string>();

  constructor(world: World, tmux: Pick<TmuxServer, 'killPane'>, charge: Charge) {
    this.#world = world;
    this.#tmux = tmux;
    this.#charge = charge;
  }

  /** It is being ended to be started anew: how it ends is nobody's trouble. */
  isEnding(id: string): boolean {
    return this.#ending.has(id);
  }

  /** Resolves when it runs. Throws HmsError `not-renewed` with the reason. */
  async renew(
    { id, config }: SupervisedAgent,
    { afresh, reason, incarnation, between }: Renewal,
  ): Promise<void> {
    await this.#charge.quiet(id);
    const before = this.#charge.state(id);
    if (before.alive && before.incarnation > (incarnation ?? before.incarnation)) return;
    const { max, within } = config.restart;
    const recent = before.restarts.filter(at => this.#world.now() - at < within).length;
    const no =
      startHeld(this.#world.state, id) ??
      (before.wantedDown ? 'a person stopped it' : undefined) ??
      (recent >= max ? `restarted ${recent} times within ${within / 1000} s` : undefined);
    if (no) throw new HmsError('not-renewed', no);
    this.#charge.cancel(id);
    if (before.alive) await this.end(before);
    // What outlived its pane must not go on meanwhile.
    if (between) await this.#charge.reap(before);
    const failure = await between?.().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    this.#world.emit(scheduledDraft({ agent: id, attempt: recent + 1, delayMs: 0, reason }));
    await this.#charge.start(id, afresh);
    const after = this.#charge.state(id);
    if (failure) throw failure.error;
    // One that was started and has ended already was renewed: its end is told as any other.
    if (!after.alive && after.incarnation === before.incarnation)
      throw new HmsError('not-renewed', after.evidence.detail);
  }

  /** How it ends is nobody's trouble. */
  async end({ id, incarnation, pane }: AgentState): Promise<void> {
    this.#ending.add(id);
    try {
      await this.#tmux.killPane(pane as PaneId);
      this.#charge.ended(AgentId.parse(id), incarnation);
    } finally {
      this.#ending.delete(id);
    }
  }
}
