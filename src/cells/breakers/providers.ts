/**
 * Breakers before providers and tools, fed by what agents' own tools report. While a provider's is open, agents of that
 * provider wait instead of being woken or started again in vain; then one of them is let try.
 */
import { type BreakerName, breakerName, kindOf } from '../../model/breaker.ts';
import type { Event } from '../../model/event.ts';
import type { ErrorClass } from '../../model/healing.ts';
import type { World } from '../cell.ts';
import type { Named, Trials } from './trials.ts';

/** What a hook of an agent's tool says of whom it called. */
interface Called {
  readonly error?: { readonly error: ErrorClass } | undefined;
  /** Its provider has answered. */
  readonly answered?: true | undefined;
  readonly tool?: { readonly name: string; readonly ok: boolean; readonly ms: number } | undefined;
}

export interface ProviderOptions {
  /** Of an agent; undefined where it is not known. */
  providerOf(agent: string): string | undefined;
  /** From now on nothing is tried for the agent that the breaker keeps back, or all is again. */
  keepBack(agent: string, breaker: BreakerName, on: boolean): void;
}

/** Errors of a provider that another try meets too, whoever makes it. */
const PROVIDERS: ReadonlySet<ErrorClass> = new Set([
  'rate-limit',
  'overload',
  'authentication',
  'usage-limit',
]);

export class ProviderGuard {
  readonly #world: World;
  readonly #breakers: Named;
  readonly #trials: Trials;
  readonly #options: ProviderOptions;
  /** Who had the last trial. */
  readonly #lastTried = new Map<BreakerName, string>();

  constructor(world: World, breakers: Named, trials: Trials, options: ProviderOptions) {
    this.#world = world;
    this.#breakers = breakers;
    this.#trials = trials;
    this.#options = options;
  }

  /** Why its tool may not be used; undefined when it may. */
  toolRefusal(agent: string, tool: string): string | undefined {
    return this.#trials.refusal(breakerName('tool', tool), agent);
  }

  /** Before anything else is made of it. */
  called(agent: string, { error, answered, tool }: Called): void {
    const name = this.#nameOf(agent);
    if (name && error && PROVIDERS.has(error.error)) this.#trials.report(name, 'failure', agent);
    if (name && answered) this.#answered(name, agent);
    if (!tool) return;
    this.#trials.report(breakerName('tool', tool.name), tool.ok ? 'success' : 'failure', agent, tool.ms);
  }

  /** Agents go on working while it is open: an answer to any of them is as good as a trial. */
  #answered(name: BreakerName, agent: string): void {
    if (this.#breakers.stateOf(name) === 'open') this.#breakers.close(name, `${agent} has an answer from it`);
    else this.#trials.report(name, 'success', agent);
  }

  /** Whether it keeps back what could be tried for the agent. */
  keepsBack(agent: string): readonly BreakerName[] {
    const name = this.#nameOf(agent);
    if (!name || this.#breakers.stateOf(name) === 'closed' || this.#trials.has(name, agent)) return [];
    return [name];
  }

  /** It has changed, or its wait is over: then one of those that wait is let try. */
  turned(name: BreakerName): void {
    if (kindOf(name) !== 'provider') return;
    const agents = this.#world.state.order.filter(agent => this.#nameOf(agent) === name);
    const mayTry = this.#breakers.stateOf(name) === 'open' && this.#breakers.refusal(name) === undefined;
    if (mayTry)
      this.#letOneTry(
        name,
        agents.filter(agent => this.#waits(agent)),
      );
    for (const agent of agents) this.#options.keepBack(agent, name, this.keepsBack(agent).length > 0);
  }

  /** Each in its turn: one may wait for more than this breaker. Taking the trial is a change, of which all are told again. */
  #letOneTry(name: BreakerName, waiting: readonly string[]): void {
    const next = waiting[waiting.indexOf(this.#lastTried.get(name) ?? '') + 1] ?? waiting[0];
    if (next === undefined) return;
    this.#lastTried.set(name, next);
    this.#trials.refusal(name, next);
  }

  onEvent(event: Event): void {
    if (event.kind !== 'incident.delayed') return;
    // Nobody waited when its wait was over.
    const name = this.#nameOf(event.data.agent);
    if (name && this.#breakers.stateOf(name) === 'open') this.turned(name);
  }

  #waits(agent: string): boolean {
    const { incidents, agents } = this.#world.state;
    return Object.values(incidents).some(
      incident =>
        incident.agent === agent && agents[agent]?.alive && incident.ladder && !incident.ladder.asked,
    );
  }

  #nameOf(agent: string): BreakerName | undefined {
    const provider = this.#options.providerOf(agent);
    return provider === undefined ? undefined : breakerName('provider', provider);
  }
}
