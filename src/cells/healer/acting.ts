/**
 * How strategies are carried out. Each is asked for and forgotten; what becomes of it is told as a `step`. Under a
 * person's hands nothing is done, and risky steps are asked for at the gate like what agents want.
 */

import type { Driver } from '../../drivers/types.ts';
import { STRATEGIES } from '../../healing/strategy.ts';
import type { Incident } from '../../healing/types.ts';
import type { Action } from '../../model/action.ts';
import { HmsError, wordsOf } from '../../model/errors.ts';
import type { StrategyName } from '../../model/healing.ts';
import { AgentId, type PaneId, RequestId } from '../../model/ids.ts';
import type { Json } from '../../model/json.ts';
import type { AgentState, RequestState } from '../../model/state.ts';
import { cellActor, subject, type World } from '../cell.ts';
import { askedAbout } from './asking.ts';

interface Renewal {
  /** Not in the conversation it had. */
  readonly afresh: boolean;
  readonly reason: string;
  /** The run that is not well: a newer one is left alone. */
  readonly incarnation?: number;
}

export interface ActingOptions {
  sendBytes(pane: PaneId, bytes: Uint8Array): Promise<void>;
  renew(agent: AgentId, how: Renewal): Promise<void>;
  freeze(agents: readonly AgentId[]): Promise<void>;
  thaw(agents: readonly AgentId[]): Promise<void>;
  /** Asks the gate; the request that was made. */
  ask(agent: AgentId, action: Action): RequestId;
  driverOf(agent: string): Driver | undefined;
  /** Names of what the agent depends on that are agents of this fleet. */
  dependenciesOf(agent: string): readonly AgentId[];
  /** Agents that could be frozen for it, the least important first. */
  lesser(agent: string): readonly AgentId[];
  /** What it wrote so long ago or later is the echo of keys, not a sign of life. */
  onKeys(agent: string): void;
  onStep(agent: string, ok: boolean, words: string): void;
}

interface Step {
  readonly agent: AgentId;
  readonly incident: string;
  readonly fault: string;
  readonly strategy: StrategyName;
}

export class Acting {
  readonly #world: World;
  readonly #options: ActingOptions;
  /** Steps that wait for the gate's answer, by request. */
  readonly #asked = new Map<string, Step>();
  /** Whom an incident has had frozen to make room, by incident. */
  readonly #shed = new Map<string, readonly AgentId[]>();

  constructor(world: World, options: ActingOptions) {
    this.#world = world;
    this.#options = options;
  }

  perform(step: Step): void {
    const { agent, strategy } = step;
    if (!STRATEGIES[strategy].risky) {
      this.#follow(agent, this.#carryOut(step));
      return;
    }
    try {
      const request = this.#options.ask(
        agent,
        actionOf(step, this.#stateOf(agent).cwd, this.#options.lesser(agent)),
      );
      this.#asked.set(request, step);
    } catch (error) {
      this.#follow(agent, Promise.reject(error));
    }
  }

  /** A step that the last engine asked for is still asked for; one that it was at may or may not be done. */
  resume({ id, agent, attempts, anomaly: { fault } }: Incident): void {
    const last = attempts.at(-1);
    if (!last || last.result || !STRATEGIES[last.response.strategy].risky) return;
    const { strategy } = last.response;
    const step: Step = { agent: AgentId.parse(agent), incident: id, fault, strategy };
    const asked = askedAbout(this.#world.state, id).find(({ action }) => action.tool === `heal.${strategy}`);
    if (asked) this.#asked.set(asked.id, step);
    else this.#follow(step.agent, Promise.reject(new HmsError('lost', 'the engine ended while it was done')));
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
    const shed = this.#shed.get(incident) ?? [];
    this.#shed.delete(incident);
    if (shed.length > 0)
      this.#options
        .thaw(shed)
        .catch((error: unknown) => this.#world.log(`thawing ${shed.join(', ')}: ${wordsOf(error)}`));
    for (const [id, step] of this.#asked) if (step.incident === incident) this.#asked.delete(id);
  }

  #follow(agent: AgentId, work: Promise<string>): void {
    work.then(
      words => this.#options.onStep(agent, true, words),
      (error: unknown) => this.#options.onStep(agent, false, wordsOf(error)),
    );
  }

  async #carryOut({ agent, strategy, fault, incident }: Step): Promise<string> {
    const state = this.#stateOf(agent);
    if (this.#world.state.leases[`keyboard:${agent}`])
      throw new HmsError('in-hand', 'a person has its keyboard');
    const reason = `${fault} (${incident})`;
    switch (strategy) {
      case 'wait':
        return 'waits';
      case 'nudge':
      case 'interrupt': {
        const keys = this.#options.driverOf(agent)?.keys?.[strategy];
        if (keys === undefined || !state.alive) throw new HmsError('no-keys', 'there are no keys for that');
        this.#options.onKeys(agent);
        await this.#options.sendBytes(state.pane as PaneId, Buffer.from(keys));
        return 'keys pressed';
      }
      case 'resume':
      case 'restart':
        await this.#options.renew(agent, {
          afresh: strategy === 'restart',
          reason,
          incarnation: state.incarnation,
        });
        return 'started';
      case 'restart-dependency': {
        const names = this.#options.dependenciesOf(agent);
        for (const name of names) await this.#options.renew(name, { afresh: false, reason: `for ${agent}` });
        if (names.length === 0) throw new HmsError('no-dependency', 'it depends on no agent');
        return `started ${names.join(', ')}`;
      }
      case 'isolate':
        await this.#options.freeze([agent]);
        throw new HmsError('isolated', 'it is frozen until a person has looked');
      case 'shed': {
        const [least] = this.#options.lesser(agent);
        if (!least) throw new HmsError('nobody', 'there is nobody less important');
        await this.#options.freeze([least]);
        this.#shed.set(incident, [...(this.#shed.get(incident) ?? []), least]);
        return `froze ${least}`;
      }
      case 'restore':
      case 'swap':
        throw new HmsError('not-possible', `${strategy} is not possible for it`);
    }
  }

  #stateOf(agent: AgentId): AgentState {
    const state = this.#world.state.agents[agent];
    if (!state) throw new HmsError('unknown-agent', `there is no agent called ${agent}`);
    return state;
  }
}

function actionOf(
  { agent, incident, fault, strategy }: Step,
  cwd: string,
  lesser: readonly AgentId[],
): Action {
  const about =
    strategy === 'shed'
      ? `freeze ${lesser[0] ?? 'nobody'} to make room for ${agent}: ${fault}`
      : `${STRATEGIES[strategy].words} (${agent}): ${fault}`;
  const input: Record<string, Json> = { agent, incident, fault, about };
  return { tool: `heal.${strategy}`, input, cwd: cwd || '/' };
}
