/**
 * How strategies are carried out. Each is asked for and forgotten; what becomes of it is told as a `step`. Under a
 * person's hands nothing is done, and risky steps are asked for at the gate like what agents want.
 */

import { STRATEGIES } from '../../healing/strategy.ts';
import type { Incident } from '../../healing/types.ts';
import type { Action } from '../../model/action.ts';
import { HmsError, wordsOf } from '../../model/errors.ts';
import type { StrategyName } from '../../model/healing.ts';
import { AgentId, RequestId } from '../../model/ids.ts';
import { stillShed } from '../../model/incident-state.ts';
import type { Json } from '../../model/json.ts';
import type { RequestState } from '../../model/state.ts';
import { cellActor, subject, type World } from '../cell.ts';
import { askedAbout } from './asking.ts';
import { aboutOf, HANDS, type Hands, type Step, stateOf, targetOf } from './hands.ts';

export interface ActingOptions extends Hands {
  /** Asks the gate; the request that was made. */
  ask(agent: AgentId, action: Action): RequestId;
  onStep(agent: string, ok: boolean, words: string): void;
}

/** A step that the gate was asked about, and what exactly it is done to. */
interface Asked extends Step {
  readonly target: string;
}

export class Acting {
  readonly #world: World;
  readonly #options: ActingOptions;
  /** Steps that wait for the gate's answer, by request. */
  readonly #asked = new Map<string, Asked>();

  constructor(world: World, options: ActingOptions) {
    this.#world = world;
    this.#options = options;
  }

  perform(incident: Incident, strategy: StrategyName): void {
    const step = stepOf(incident, strategy);
    const { agent } = step;
    const target = targetOf(this.#options, step);
    if (!STRATEGIES[strategy].risky) {
      this.#follow(agent, this.#carryOut({ ...step, target }));
      return;
    }
    try {
      const action = actionOf(step, target, stateOf(this.#world, agent).cwd);
      this.#asked.set(this.#options.ask(agent, action), { ...step, target });
    } catch (error) {
      this.#follow(agent, Promise.reject(error));
    }
  }

  /** A step that the last engine asked for is still asked for; one that it was at may or may not be done. */
  resume(incident: Incident): void {
    const last = incident.attempts.at(-1);
    if (!last || last.result || !STRATEGIES[last.response.strategy].risky) return;
    const step = stepOf(incident, last.response.strategy);
    const tool = `heal.${step.strategy}`;
    const asked = askedAbout(this.#world.state, incident.id).find(({ action }) => action.tool === tool);
    if (asked) this.#asked.set(asked.id, { ...step, target: String(asked.action.input['target'] ?? '') });
    else this.#follow(step.agent, Promise.reject(new HmsError('lost', 'the engine ended while it was done')));
  }

  /** Nobody stands still for an incident that is over: the last engine may have ended before it saw to that. */
  takeCharge(): void {
    for (const { id } of this.#world.state.healed) this.#makeRoomNoLonger(id);
  }

  /** The gate has answered a request, of whomever. */
  settled(request: RequestState): void {
    const step = this.#asked.get(request.id);
    if (!step || !this.#asked.delete(request.id)) return;
    const { outcome, reason } = request;
    if (outcome !== 'permitted' && outcome !== 'approved' && outcome !== 'overridden') {
      this.#options.onStep(step.agent, false, `${outcome}${reason ? `: ${reason}` : ''}`);
      return;
    }
    const begun = this.#world.now();
    const effect = (exit: number, detail: string): void =>
      void this.#world.emit({
        kind: 'gate.effected',
        actor: cellActor('healer'),
        subject: subject.request(request.id),
        data: {
          request: RequestId.parse(request.id),
          exit,
          detail,
          ms: Math.max(0, this.#world.now() - begun),
        },
      });
    const work = this.#carryOut(step).then(
      words => {
        effect(0, words);
        return words;
      },
      (error: unknown) => {
        effect(1, wordsOf(error));
        throw error;
      },
    );
    this.#follow(step.agent, work);
  }

  /** The incident is over: nobody is asked about its steps any more, and whoever made room goes on. */
  over(incident: string): void {
    this.#makeRoomNoLonger(incident);
    for (const [id, step] of this.#asked) if (step.incident === incident) this.#asked.delete(id);
  }

  #makeRoomNoLonger(incident: string): void {
    const { incidents, healed } = this.#world.state;
    const known = incidents[incident] ?? healed.find(({ id }) => id === incident);
    const shed = known ? stillShed(this.#world.state, known) : [];
    if (shed.length === 0) return;
    this.#options
      .thaw(shed)
      .catch((error: unknown) => this.#world.log(`thawing ${shed.join(', ')}: ${wordsOf(error)}`));
  }

  #follow(agent: AgentId, work: Promise<string>): void {
    work.then(
      words => this.#options.onStep(agent, true, words),
      (error: unknown) => this.#options.onStep(agent, false, wordsOf(error)),
    );
  }

  async #carryOut({ target, ...step }: Asked): Promise<string> {
    stateOf(this.#world, step.agent);
    if (this.#world.state.leases[`keyboard:${step.agent}`])
      throw new HmsError('in-hand', 'a person has its keyboard');
    return HANDS[step.strategy](this.#world, this.#options, step, target);
  }
}

function stepOf({ id, agent, anomaly }: Incident, strategy: StrategyName): Step {
  const { fault, since, waitFor } = anomaly;
  return { agent: AgentId.parse(agent), incident: id, fault, strategy, since, until: waitFor.until };
}

function actionOf(step: Step, target: string, cwd: string): Action {
  const { agent, incident, fault, strategy } = step;
  const about = aboutOf(step, target);
  const input: Record<string, Json> = { agent, incident, fault, about, ...(target && { target }) };
  return { tool: `heal.${strategy}`, input, cwd: cwd || '/' };
}
