/**
 * Ends of healed agents. The Loop is told of one once what the agent depends on was looked at, so that nothing is
 * started in vain; and what it waits for before the next start is shown as the agent's status.
 */
import type { Told } from '../../healing/loop.ts';
import { type Ending, endingWords } from '../../healing/restart.ts';
import type { Signal } from '../../healing/types.ts';
import { refusalWords } from '../../model/breaker-words.ts';
import { wordsOf } from '../../model/errors.ts';
import type { Data } from '../../model/event.ts';
import { startHeld } from '../../model/freeze.ts';
import { AgentId } from '../../model/ids.ts';
import { cellActor, subject, type World } from '../cell.ts';

export interface EndsOptions {
  isHealed(agent: string): boolean;
  /** What does not answer that the agent cannot do without; asked anew. */
  down(agent: string): Promise<readonly string[]>;
  signal(agent: string, signal: Signal): void;
}

export class Ends {
  readonly #world: World;
  readonly #options: EndsOptions;
  /** Of the last engine's time: told when its incidents have been taken up. */
  #early: Map<AgentId, Ending> | undefined = new Map();
  /** The last run of each agent whose end the Loop was told of. */
  readonly #taken = new Map<string, number>();

  constructor(world: World, options: EndsOptions) {
    this.#world = world;
    this.#options = options;
  }

  takeCharge(): void {
    const early = this.#early ?? new Map<AgentId, Ending>();
    this.#early = undefined;
    for (const [id, ending] of early) this.#follow(id, ending);
  }

  /** It ended and is to come back: from now on that is the Loop's. False where its restart policy is to see to it. */
  ended(id: AgentId, ending: Ending): boolean {
    // Who may not start now is started when the brake is let go.
    if (!this.#options.isHealed(id) || startHeld(this.#world.state, id)) return false;
    this.#taken.set(id, this.#world.state.agents[id]?.incarnation ?? 0);
    this.#show(id, 'healing', endingWords(ending));
    if (this.#early) this.#early.set(id, ending);
    else this.#follow(id, ending);
    return true;
  }

  /** Whether the end of this run was the Loop's to see to. */
  took(id: string, incarnation: number): boolean {
    return this.#taken.get(id) === incarnation;
  }

  /** It is dead, and an incident says when it is started. */
  isHealed(id: string): boolean {
    const { agents, incidents } = this.#world.state;
    if (!this.#options.isHealed(id) || agents[id]?.alive) return false;
    return Object.values(incidents).some(({ agent, ladder }) => agent === id && ladder && !ladder.asked);
  }

  /** Shows what one that is dead waits for. */
  waits({ incident: { agent, anomaly }, words }: Extract<Told, { told: 'waiting' }>): void {
    const { alive, wantedDown } = this.#world.state.agents[agent] ?? { alive: true };
    if (alive || wantedDown) return;
    const { dependencies: down = [], breakers = [] } = anomaly.waitFor;
    const open = breakers.flatMap(name => this.#world.state.breakers[name] ?? []);
    if (open.length > 0) {
      this.#show(AgentId.parse(agent), 'blocked', open.map(refusalWords).join(', '));
      return;
    }
    const answer = down.length > 1 ? 'do' : 'does';
    if (down.length === 0) this.#show(AgentId.parse(agent), 'healing', `waits ${words}`);
    else this.#show(AgentId.parse(agent), 'blocked', `needs ${down.join(', ')}, which ${answer} not answer`);
  }

  #follow(id: AgentId, ending: Ending): void {
    this.#tell(id, ending).catch((error: unknown) => {
      this.#world.log(`the end of ${id} is not judged: ${wordsOf(error)}`);
      // A trouble of the healer's own: whoever watches over cells sees to it, and the next healer to the end.
      this.#world.after(0, () => {
        throw error;
      });
    });
  }

  async #tell(id: AgentId, ending: Ending): Promise<void> {
    const incarnation = this.#world.state.agents[id]?.incarnation ?? 0;
    await this.#options.down(id);
    const state = this.#world.state.agents[id];
    if (!state || state.alive || state.wantedDown || state.incarnation !== incarnation) return;
    const { lost } = ending;
    // It may have ended before anybody heard of its start.
    this.#options.signal(id, { signal: 'started', incarnation, resumed: state.resuming !== '' });
    this.#options.signal(id, {
      signal: 'exited',
      incarnation,
      clean: false,
      lost,
      words: endingWords(ending),
    });
  }

  #show(agent: AgentId, status: 'healing' | 'blocked', detail: string): void {
    const before = this.#world.state.agents[agent];
    if (before?.status === status && before.evidence.detail === detail) return;
    const data: Data<'status.changed'> = {
      agent,
      status,
      evidence: { source: 'engine', detail, sure: 1 },
    };
    const about = { actor: cellActor('healer'), subject: subject.agent(agent) };
    this.#world.emit({ kind: 'status.changed', ...about, data });
  }
}
