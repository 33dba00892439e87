/**
 * What becomes of a tuning that people agreed to: some agents try it, and by what their incidents cost it is given to all
 * or taken back. Everything is in the journal, so that the next engine goes on where this one ended.
 */
import { chosenFor } from '../../healing/evolve/canary.ts';
import { genomeInForce } from '../../healing/evolve/in-force.ts';
import { changesOf } from '../../healing/evolve/proposal.ts';
import { HmsError, wordsOf } from '../../model/errors.ts';
import type { Draft } from '../../model/event.ts';
import type { EvolutionConfig } from '../../model/evolution.ts';
import { AgentId, RequestId } from '../../model/ids.ts';
import type { RequestState } from '../../model/state.ts';
import { oneLine } from '../../model/text.ts';
import { cellActor, subject, type World } from '../cell.ts';
import { verdictOn } from './canary.ts';
import { agreedTo, asJson, genomesOf } from './proposing.ts';
import { evolutionaryAgents } from './schedule.ts';

const ACTOR = cellActor('optimizer');

export class Adopting {
  readonly #world: World;
  readonly #settings: () => EvolutionConfig;

  /** @param settings as the fleet file has them; the defaults where it has switched evolution off */
  constructor(world: World, settings: () => EvolutionConfig) {
    this.#world = world;
    this.#settings = settings;
  }

  /** A request was answered, or had been when the last engine died. */
  settled(request: RequestState): void {
    if (!agreedTo(request)) return;
    const id = RequestId.parse(request.id);
    const { canary } = this.#world.state.evolution;
    // The last engine has begun, and not said so.
    if (canary?.request === request.id) {
      this.#effected(id, 0, `tried on ${canary.agents.join(', ')}`);
      return;
    }
    try {
      this.#begin(request, id);
    } catch (error) {
      this.#effected(id, 1, oneLine(wordsOf(error), 1000));
    }
  }

  #begin(request: RequestState, id: RequestId): void {
    const { state } = this.#world;
    const { genome, incumbent } = genomesOf(request);
    if (state.evolution.canary) throw new HmsError('canary-runs', 'another tuning is being tried');
    if (changesOf(incumbent, genomeInForce(state.evolution)).length > 0)
      throw new HmsError('moot', 'another tuning is in force than when it was proposed');
    const agents = chosenFor(evolutionaryAgents(state), this.#settings().canary.share, request.id);
    if (agents.length === 0) throw new HmsError('moot', 'no agent is healed at the level evolutionary');
    const data = { request: id, genome: asJson(genome), agents: agents.map(agent => AgentId.parse(agent)) };
    this.#emit({ kind: 'tuning.adopted', data });
    this.#effected(id, 0, `tried on ${agents.join(', ')}`);
  }

  /** Looks at the canary. When it is to be looked at again though nothing happens, ms; Infinity for never. */
  look(): number {
    const { state } = this.#world;
    const { canary } = state.evolution;
    if (!canary) return Number.POSITIVE_INFINITY;
    const all = evolutionaryAgents(state);
    if (!canary.agents.some(agent => all.includes(agent))) {
      const detail = 'none of those that tried it is healed at the level evolutionary any more';
      this.#emit({ kind: 'tuning.reverted', data: { from: 'canary', detail } });
      return Number.POSITIVE_INFINITY;
    }
    const now = this.#world.now();
    const settings = this.#settings();
    const { is, words } = verdictOn(canary, all, settings, now);
    if (is === 'wait') {
      const left = canary.since + settings.canary.for - now;
      return left > 0 ? left : Number.POSITIVE_INFINITY;
    }
    if (is === 'promote')
      this.#emit({
        kind: 'tuning.promoted',
        data: { request: RequestId.parse(canary.request), detail: words },
      });
    else this.#emit({ kind: 'tuning.reverted', data: { from: 'canary', detail: words } });
    return Number.POSITIVE_INFINITY;
  }

  /** A person takes back what is tried, or else what was promoted last. Throws HmsError `nothing-tuned`. */
  revert(actor: Draft['actor'], reason: string): 'canary' | 'all' {
    const { canary, before } = this.#world.state.evolution;
    if (!canary && !before)
      throw new HmsError(
        'nothing-tuned',
        'no tuning is being tried, and none was promoted that could be taken back',
        'hms ga status says what is in force',
      );
    const from = canary ? 'canary' : 'all';
    const detail = reason || `taken back by ${actor.id}`;
    this.#world.emit({ kind: 'tuning.reverted', actor, subject: subject.fleet, data: { from, detail } });
    return from;
  }

  #effected(request: RequestId, exit: number, detail: string): void {
    this.#world.emit({
      kind: 'gate.effected',
      actor: ACTOR,
      subject: subject.request(request),
      data: { request, exit, detail, ms: 0 },
    });
  }

  #emit(body: Pick<Extract<Draft, { kind: `tuning.${string}` }>, 'kind' | 'data'>): void {
    this.#world.emit({ ...body, actor: ACTOR, subject: subject.fleet } as Draft);
  }
}
